class Loader {
    var delegate: LoaderDelegate?
}
