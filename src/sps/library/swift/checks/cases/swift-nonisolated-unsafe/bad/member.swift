actor Cache {
    nonisolated(unsafe) private var count = 0
}
