import Foundation
import Hooks
import JSON
import TestSupport
import Testing
import YAML

/// The Hook documents that people copy: those of `deploy/` and of the README.
@Suite struct ShippedDocumentsTests {
  private static let files = [
    "deploy/base/hooks.yaml", "deploy/examples/build-and-deploy/hook.yaml",
  ]
  private static let guides = ["README.md"]

  private static func text(_ path: String) throws -> String {
    let url = SharedData.packageRoot.appendingPathComponent(path)
    return try String(contentsOf: url, encoding: .utf8)
  }

  /// The blocks of a guide that hold Hooks.
  private static func blocks(_ path: String) throws -> [String] {
    try text(path).components(separatedBy: "```yaml\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
      .filter { $0.contains("kind: Hook") }
  }

  @Test(arguments: files)
  func `a shipped hook compiles without a finding`(path: String) throws {
    let (set, diagnostics) = try HookSet.compile(files: [(path, Self.text(path))])
    #expect(diagnostics.map(\.description) == [])
    #expect(set.hooks.count == 1)
  }

  @Test func `there is a shipped hook for every kind of sender`() throws {
    let text = try Self.text("deploy/examples/senders.yaml")
    let (set, diagnostics) = HookSet.compile(files: [("senders.yaml", text)])
    #expect(diagnostics.map(\.description) == [])
    #expect(Set(set.hooks.values.compactMap { $0.source?.kind }) == Set(SourceKind.allCases))
  }

  @Test(arguments: guides)
  func `a hook in a guide compiles without a finding`(path: String) throws {
    let blocks = try Self.blocks(path)
    #expect(!blocks.isEmpty)
    for block in blocks {
      let (set, diagnostics) = HookSet.compile(files: [(path, block)])
      #expect(diagnostics.map(\.description) == [])
      #expect(set.hooks.count == 1)
    }
  }

  @Test func `the CRD's schema knows every field of the shipped hooks`() throws {
    let crd = try parseDocuments(Self.text("deploy/base/hook-crd.yaml"), file: "hook-crd.yaml")
    let version = crd.first?.root.json["spec"]?["versions"]?[0]
    let schema = try #require(version?["schema"]?["openAPIV3Schema"])
    let texts =
      try (Self.files + ["deploy/examples/senders.yaml"]).map(Self.text)
      + Self.guides.flatMap(Self.blocks)
    for text in texts {
      for document in try parseDocuments(text, file: "shipped") {
        #expect(mismatches(document.root.json, schema, at: "") == [])
      }
    }
    let source: JSONValue = [
      "type": "github", "secrets": [["env": "SECRET"]], "allow": ["192.30.252.0/22"],
      "replayWindow": "24h",
    ]
    let sourceSchema = try #require(
      schema[["properties", "spec", "properties", "source"]])
    #expect(mismatches(source, sourceSchema, at: "") == [])
    let misspelt: JSONValue = ["spec": ["triggers": [["brnches": ["main"]]]]]
    #expect(
      mismatches(misspelt, schema, at: "")
        == [
          ".spec.triggers[0].brnches: unknown", ": apiVersion is missing", ": kind is missing",
          ": metadata is missing", ".spec.triggers[0]: name is missing",
          ".spec.triggers[0]: run is missing",
        ].sorted())
  }

  /// What a structural schema has against a value: types, unknown fields, missing fields and choices.
  private func mismatches(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
    var found: [String] = []
    switch (schema["type"]?.stringValue, value) {
    case (nil, _), ("string", .string), ("boolean", .bool): break
    case ("object", .object(let object)):
      let fields = schema["properties"]?.objectValue ?? [:]
      let isOpen = schema["x-kubernetes-preserve-unknown-fields"] == true || fields.isEmpty
      for member in object {
        if let field = fields[member.key] {
          found += mismatches(member.value, field, at: "\(path).\(member.key)")
        } else if !isOpen {
          found.append("\(path).\(member.key): unknown")
        }
      }
      for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
      where !object.contains(name) {
        found.append("\(path): \(name) is missing")
      }
    case ("array", .array(let items)):
      for (index, item) in items.enumerated() {
        found += mismatches(item, schema["items"] ?? [:], at: "\(path)[\(index)]")
      }
    default: found.append("\(path): \(value.typeName)")
    }
    if let choices = schema["enum"]?.arrayValue, !choices.contains(value) {
      found.append("\(path): \(value) is not among the choices")
    }
    return found.sorted()
  }
}
