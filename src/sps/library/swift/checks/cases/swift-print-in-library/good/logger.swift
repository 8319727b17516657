public func load() {
    logger.debug("loading")
}
