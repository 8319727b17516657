actor Cache {
    // written once in init, before the actor is shared
    nonisolated(unsafe) private var count = 0
}
