def kind(event, column):
    return event.type(1) == 2 or event.type == "x" or type(event).__name__ == "Click"
