import Foundation
import JSON
import TestSupport
import Testing
import YAML

@testable import Sandbox

/// The manifests that the repository itself carries.
struct ExampleManifestTests {
  /// All documents below `deploy/`, with their files.
  private static func documents() throws -> [YAMLDocument] {
    let folder = SharedData.packageRoot.appendingPathComponent("deploy")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return try (files?.allObjects ?? []).compactMap { $0 as? URL }
      .filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
      .flatMap { file in
        try parseDocuments(String(contentsOf: file, encoding: .utf8), file: file.path)
      }
  }

  /// Tekton's objects among them, and the ones in hooks, with a text for each placeholder of ours.
  private static func tektonObjects() throws -> [(file: String, object: JSONValue)] {
    try documents().flatMap { document -> [(String, JSONValue)] in
      let json = document.root.json
      if json["kind"] == "Hook" {
        let triggers = json[["spec", "triggers"]]?.arrayValue ?? []
        return triggers.compactMap { $0["run"] }.map { (document.file, $0.withSamples) }
      }
      let isTekton = json["apiVersion"]?.stringValue?.hasPrefix("tekton.dev/") == true
      return isTekton ? [(document.file, json)] : []
    }
  }

  @Test func `each object of Tekton is accepted as it stands`() throws {
    let objects = try Self.tektonObjects()
    #expect(objects.count >= 6)
    for (file, object) in objects {
      let kind = object["kind"]?.stringValue ?? ""
      let version = object["apiVersion"]?.stringValue ?? ""
      let target = "/apis/\(version)/namespaces/ci/\(kind.lowercased())s"
      let result = try TektonStations(target: target).create(object)
      #expect(result.unknownFields.isEmpty, "\(file)")
      guard case .stored = result.outcome else {
        Issue.record("\(file), \(kind): \(result.outcome)")
        continue
      }
    }
  }
}

extension JSONValue {
  /// The value with a text in place of every placeholder that stands alone.
  fileprivate var withSamples: JSONValue {
    switch self {
    case .string("$(inputs.timeout)"): "1h"
    case .string(let text) where text.hasPrefix("$(event.") || text.hasPrefix("$(inputs."):
      "sample"
    case .array(let elements): .array(elements.map(\.withSamples))
    case .object(let object):
      .object(JSONObject(object.map { ($0.key, $0.value.withSamples) }))
    default: self
    }
  }
}
