// swift-tools-version: 5.10
import PackageDescription

// .unsafeFlags( is not used
let package = Package(
    name: "Ledger",
    targets: [
        .target(name: "Ledger", swiftSettings: [.enableUpcomingFeature("StrictConcurrency")])
    ]
)
