public final class Loader {
    private var downloadDelegate: (any LoaderDelegate)?
}
