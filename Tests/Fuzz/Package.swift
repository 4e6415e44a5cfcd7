// swift-tools-version: 6.2
import PackageDescription

// One executable with every fuzz target; `scripts/fuzz` builds and runs it.
//
// It compiles the product's sources a second time, through the link `Product`, for two reasons: they
// need the fuzzer's instrumentation and the address sanitizer's, and what is tested is of `package`
// access. The flags are unsafe ones, which a package may only use when it is the root.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .unsafeFlags(["-sanitize=fuzzer,address"]),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Product/\(name)", swiftSettings: settings)
}

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2")
  ],
  targets: [
    .target(
      name: "COpenSSL", path: "Product/COpenSSL",
      linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .target(
      name: "CRE2", path: "Product/CRE2",
      linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),
    library("Bytes"),
    library("JSON", ["Bytes"]),
    library("HTTPWire", ["Bytes"]),
    library("Crypto", ["Bytes", "COpenSSL"]),
    library("RE2", ["CRE2"]),
    library("YAML", ["JSON", .product(name: "Yams", package: "Yams")]),
    library("TLS", ["Bytes", "Crypto", "COpenSSL"]),
    library("CEL", ["Bytes", "JSON", "Crypto", "RE2"]),
    library("Hooks", ["Bytes", "JSON", "Crypto", "RE2", "YAML", "CEL"]),
    .target(name: "CLinux", path: "Product/CLinux"),
    library("Reactor", ["Bytes", "TLS", "CLinux"]),
    // Of the server only what reads bytes and needs neither sockets nor a logger.
    .target(
      name: "HTTPServer", dependencies: ["Bytes", "Reactor"], path: "Product/HTTPServer",
      sources: ["ProxyHeader.swift"], swiftSettings: settings),
    .target(name: "CFuzzer", path: "CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CFuzzer", "Bytes", "JSON", "HTTPWire", "HTTPServer", "Crypto", "YAML", "TLS", "CEL",
        "Hooks",
      ],
      path: "Targets",
      swiftSettings: settings,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
  ],
  cxxLanguageStandard: .cxx17
)
