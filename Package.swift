// swift-tools-version: 6.2
import PackageDescription

// The targets, from the bottom up. A target imports only from targets above it in this list; the
// package's own tests check that, and that the pure ones import nothing they may not.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    swiftSettings: settings)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "hookline",
  products: [
    .executable(name: "hookline", targets: ["CommandLine"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // What Swift cannot import by itself.
    .target(name: "CLinux"),
    .target(
      name: "COpenSSL",
      linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),
    .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),

    // Pure: bytes in, values out.
    library("Bytes"),
    library("JSON", ["Bytes"]),
    library("HTTPWire", ["Bytes"]),

    // One target for each C library.
    library("Crypto", ["Bytes", "COpenSSL"]),
    library("RE2", ["CRE2"]),
    library("YAML", ["JSON", .product(name: "Yams", package: "Yams")]),
    library("TLS", ["Bytes", "Crypto", "COpenSSL"]),

    // Expressions.
    library("CEL", ["Bytes", "JSON", "Crypto", "RE2"]),

    // The domain.
    library("Hooks", ["Bytes", "JSON", "Crypto", "RE2", "YAML", "CEL"]),

    // Sockets and what drives the wire over them.
    library("Reactor", ["Bytes", "TLS", "CLinux"]),
    library("HTTPServer", ["Bytes", "HTTPWire", "TLS", "Reactor", logging]),
    library("HTTPClient", ["Bytes", "HTTPWire", "TLS", "Reactor"]),
    library(
      "Kubernetes",
      ["Bytes", "JSON", "Crypto", "YAML", "TLS", "Reactor", "HTTPWire", "HTTPClient", logging]),

    // What must survive: SQLite through GRDB.
    library(
      "Journal",
      [
        "Bytes", "JSON", "Crypto", "Reactor", "CSQLite",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),

    // The product.
    library(
      "Service",
      [
        "Bytes", "JSON", "HTTPWire", "Crypto", "YAML", "TLS", "CEL", "Hooks", "Reactor",
        "HTTPServer", "HTTPClient", "Kubernetes", "Journal", logging, lifecycle, unixSignals,
      ]),
    library(
      "Sandbox",
      [
        "Bytes", "JSON", "HTTPWire", "RE2", "Crypto", "YAML", "TLS", "Reactor", "HTTPServer",
        logging,
      ]),
    .executableTarget(
      name: "CommandLine",
      dependencies: [
        "Bytes", "JSON", "Crypto", "YAML", "CEL", "Hooks", "HTTPWire", "HTTPClient", "HTTPServer",
        "TLS",
        "Reactor",
        "Kubernetes", "Journal", "Service", "Sandbox", arguments, logging, lifecycle, unixSignals,
      ],
      swiftSettings: settings),

    .target(
      name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("Bytes"),
    tests("JSON"),
    tests("HTTPWire", ["JSON", "Bytes"]),
    tests("Crypto", ["JSON", "Bytes"]),
    tests("RE2"),
    tests("YAML", ["JSON"]),
    tests("CEL", ["Bytes", "JSON", "Crypto", "RE2", "Hooks"]),
    tests("TLS", ["Bytes", "Crypto"]),
    tests("Hooks", ["Bytes", "JSON", "Crypto", "YAML"]),
    tests("Reactor", ["Bytes", "TLS", "CLinux"]),
    tests("HTTPServer", ["Bytes", "HTTPWire", "TLS", "Reactor", "JSON", logging]),
    tests("HTTPClient", ["Bytes", "HTTPWire", "TLS", "Reactor", "JSON"]),
    tests(
      "Kubernetes",
      [
        "Bytes", "JSON", "Crypto", "YAML", "TLS", "Reactor", "HTTPWire", "HTTPClient", "HTTPServer",
        logging,
      ]),
    tests(
      "Journal",
      [
        "Bytes", "JSON", "Crypto", "Reactor", "JournalProbe",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .executableTarget(
      name: "JournalProbe", dependencies: ["Journal", "Reactor"], path: "Tests/JournalProbe",
      swiftSettings: settings),
    tests(
      "Service",
      [
        "Bytes", "JSON", "HTTPWire", "Crypto", "YAML", "TLS", "Hooks", "Reactor", "HTTPServer",
        "HTTPClient", "Kubernetes", "Journal", "Sandbox", logging,
      ]),
    tests(
      "Sandbox",
      [
        "Bytes", "JSON", "HTTPWire", "Crypto", "YAML", "TLS", "Reactor", "HTTPServer",
        "HTTPClient", "Kubernetes", logging,
      ]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["TestSupport", "JSON", "Crypto", "CLinux", "YAML", "TLS", "Reactor"],
      swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
