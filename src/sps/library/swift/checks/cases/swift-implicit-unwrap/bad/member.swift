class Screen {
    var model: Model!
}
