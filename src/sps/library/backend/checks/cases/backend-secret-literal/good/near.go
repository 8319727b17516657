package cloud

const shape = "AKIA[0-9A-Z]{16}"
