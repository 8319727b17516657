struct Config {
    var delegate: LoaderDelegate?
}
class Proxy {
    var delegate: LoaderDelegate? {
        get { inner.delegate }
        set { inner.delegate = newValue }
    }
    let owner: Owner
}
