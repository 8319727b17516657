public func load(printer: Printer) {
    printer.print("page")
    let text = "print(1)"
}
