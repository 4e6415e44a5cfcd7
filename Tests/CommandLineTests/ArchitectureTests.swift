// The shape of the package, checked against its sources: who may import whom, and which packages
// may be in the graph at all.

import Foundation
import JSON
import TestSupport
import Testing

@Suite struct ArchitectureTests {
  /// From the bottom up: a target imports only from targets before it.
  static let order = [
    "CLinux", "COpenSSL", "CRE2", "CSQLite", "Bytes", "JSON", "HTTPWire", "Crypto", "RE2", "YAML",
    "TLS", "CEL", "Hooks", "Reactor", "HTTPServer", "HTTPClient", "Kubernetes", "Journal",
    "Service", "Sandbox", "CommandLine",
  ]

  /// Targets that touch no socket, file, clock or C library, and have no `async`.
  static let pure = ["Bytes", "JSON", "HTTPWire"]

  /// What a target may import from outside the package.
  static let outside: [String: Set<String>] = [
    "YAML": ["Yams"],
    "CEL": ["Synchronization"],
    "Crypto": ["Glibc", "Synchronization"],
    "TLS": ["Glibc", "Synchronization"],
    "Reactor": ["Glibc", "Synchronization"],
    "HTTPServer": ["Glibc", "Logging", "Synchronization"],
    "HTTPClient": ["Glibc", "Synchronization"],
    "Kubernetes": ["Glibc", "Logging", "Synchronization"],
    "Journal": ["Dispatch", "GRDB", "GRDBSQLite", "Glibc", "Synchronization"],
    "Service": [
      "Glibc", "Logging", "ServiceLifecycle", "Synchronization", "UnixSignals",
    ],
    "Sandbox": ["Glibc", "Logging", "Synchronization"],
    "CommandLine": [
      "ArgumentParser", "FoundationEssentials", "Glibc", "Logging", "ServiceLifecycle",
      "Synchronization",
      "UnixSignals",
    ],
  ]

  @Test(
    arguments: order.filter { !$0.hasPrefix("C") || ["Crypto", "CEL", "CommandLine"].contains($0) })
  func `a target imports only from the targets below it`(target: String) throws {
    let index = try #require(Self.order.firstIndex(of: target))
    let allowed = Set(Self.order[..<index]).union(Self.outside[target] ?? [])
    for file in try Self.sources(of: target) {
      for module in file.imports {
        #expect(allowed.contains(module), "\(file.name) imports \(module)")
      }
    }
  }

  @Test(arguments: pure)
  func `a pure target waits for nothing`(target: String) throws {
    let asynchronous = /\b(async|await|Task|actor)\b/
    for file in try Self.sources(of: target) {
      for line in file.code {
        #expect(line.firstMatch(of: asynchronous) == nil, "\(file.name): \(line)")
      }
    }
  }

  @Test func `every folder of sources is a target in the order`() throws {
    let folder = SharedData.packageRoot.appendingPathComponent("Sources")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { !$0.hasPrefix(".") }
    #expect(Set(names) == Set(Self.order))
  }

  @Test func `SwiftNIO is not in the resolved graph`() throws {
    let path = SharedData.packageRoot.appendingPathComponent("Package.resolved")
    let resolved = try JSONValue.parse([UInt8](Data(contentsOf: path)))
    let pins = try #require(resolved["pins"]?.arrayValue)
    let names = pins.compactMap { $0["identity"]?.stringValue }
    #expect(names.contains("yams"), "the graph was not read")
    #expect(names.filter { $0.contains("nio") } == [])
  }

  private struct Source {
    let name: String
    /// The lines that are not comments.
    let code: [String]

    var imports: [String] {
      code.compactMap { line in
        let declaration =
          #/
          ^(?:@\w+(?:\([^)]*\))?\ )*
          (?:(?:public|package|internal|private|fileprivate)\ )?
          import\ (?:(?:struct|class|enum|protocol|func|typealias|var|let)\ )?
          (\w+)
          /#
        return line.firstMatch(of: declaration).map { String($0.1) }
      }
    }
  }

  private static func sources(of target: String) throws -> [Source] {
    let folder = SharedData.packageRoot.appendingPathComponent("Sources/\(target)")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
    try #require(!paths.isEmpty, "\(target) has no sources")
    return try paths.map { path in
      let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      let code = text.split(separator: "\n").map(String.init)
        .filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }
      return Source(name: "\(target)/\(path)", code: code)
    }
  }
}
