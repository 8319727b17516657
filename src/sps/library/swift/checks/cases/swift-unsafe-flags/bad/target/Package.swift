// swift-tools-version: 5.10
import PackageDescription

let package = Package(
    name: "Ledger",
    targets: [
        .target(name: "Ledger", swiftSettings: [.unsafeFlags(["-Ounchecked"])])
    ]
)
