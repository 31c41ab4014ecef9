// swift-tools-version:5.9
// The library itself comes as DoorstepCoreFFI.xcframework, built as README.md says.
import PackageDescription

let package = Package(
    name: "Doorstep",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "DoorstepKit", targets: ["DoorstepKit"])],
    targets: [
        .binaryTarget(name: "DoorstepCoreFFI", path: "DoorstepCoreFFI.xcframework"),
        // Generated and committed; check.sh refuses it when it has drifted.
        .target(name: "DoorstepCore", dependencies: ["DoorstepCoreFFI"]),
        .target(name: "DoorstepKit", dependencies: ["DoorstepCore"]),
        .testTarget(name: "DoorstepKitTests", dependencies: ["DoorstepKit"]),
    ]
)
