// swift-tools-version: 6.2
import PackageDescription

// One executable with a measurement for each argument: `swift run --package-path Tests/Benchmarks
// --configuration release benchmarks NAME`.
//
// It compiles the product's sources a second time, through the link `Product`, because what is
// measured is of `package` access, and so that the product carries no dependency of a measurement.

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
  .target(
    name: name, dependencies: dependencies, path: "Product/\(name)", swiftSettings: settings)
}

let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .target(name: "CLinux", path: "Product/CLinux"),
    .target(
      name: "COpenSSL", path: "Product/COpenSSL",
      linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .target(
      name: "CRE2", path: "Product/CRE2",
      linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),
    .target(
      name: "CSQLite", path: "Product/CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
    library("Bytes"),
    library("JSON", ["Bytes"]),
    library("HTTPWire", ["Bytes"]),
    library("Crypto", ["Bytes", "COpenSSL"]),
    library("RE2", ["CRE2"]),
    library("CEL", ["Bytes", "JSON", "Crypto", "RE2"]),
    library("TLS", ["Bytes", "Crypto", "COpenSSL"]),
    library("Reactor", ["Bytes", "TLS", "CLinux"]),
    library(
      "Journal",
      [
        "Bytes", "JSON", "Crypto", "Reactor", "CSQLite",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    library("YAML", ["JSON", .product(name: "Yams", package: "Yams")]),
    library("Hooks", ["Bytes", "JSON", "Crypto", "RE2", "YAML", "CEL"]),
    .target(name: "CAllocations", path: "CAllocations"),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "CAllocations", "Bytes", "JSON", "Crypto", "CEL", "Hooks", "HTTPWire", "Reactor",
        "Journal",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Benchmarks",
      swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
