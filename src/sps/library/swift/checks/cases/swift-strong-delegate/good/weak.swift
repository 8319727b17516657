class Loader {
    weak var delegate: LoaderDelegate?
    private weak var other: LoaderDelegate?
}
