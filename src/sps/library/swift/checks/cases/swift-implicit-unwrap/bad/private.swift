final class Screen {
    private weak var delegate: ScreenDelegate!
}
