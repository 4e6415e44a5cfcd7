import Crypto
import Foundation
import HTTPWire
import JSON
import TestSupport
import Testing
import YAML

@testable import Sandbox

/// The manifests that the repository itself carries, created in an empty sandbox.
struct ExampleManifestTests {
  /// One document with the file that it stands in.
  private struct Manifest {
    var file: String
    var object: JSONValue

    var kind: String { object["kind"]?.stringValue ?? "" }

    /// Namespaces and definitions come first, as `kubectl apply` would want them.
    var rank: Int { ["Namespace": 0, "CustomResourceDefinition": 1][kind] ?? 2 }
  }

  /// Where the objects of a folder go that name no namespace: the base is for its own, the
  /// pipeline is applied to each environment's.
  private static func namespace(of file: String) -> String {
    file.contains("/deploy/base/") ? "hookline" : "my-app-development"
  }

  /// All objects below `deploy/`, and the runs in hooks with a text for each placeholder.
  private static func manifests() throws -> [Manifest] {
    let folder = SharedData.packageRoot.appendingPathComponent("deploy")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let documents = try (files?.allObjects ?? []).compactMap { $0 as? URL }
      .filter { $0.pathExtension == "yaml" && $0.lastPathComponent != "kustomization.yaml" }
      .sorted { $0.path < $1.path }
      .flatMap { file in
        try parseDocuments(String(contentsOf: file, encoding: .utf8), file: file.path).map {
          Manifest(file: file.path, object: $0.root.json)
        }
      }
    let runs = documents.filter { $0.kind == "Hook" }.flatMap { hook in
      (hook.object[["spec", "triggers"]]?.arrayValue ?? []).compactMap { $0["run"] }.map {
        Manifest(file: hook.file, object: $0.withSamples)
      }
    }
    return (documents + runs).enumerated().sorted {
      ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
    }.map(\.element)
  }

  private static func path(of manifest: Manifest) throws -> String {
    let object = manifest.object
    let apiVersion = object["apiVersion"]?.stringValue ?? ""
    let parts = apiVersion.split(separator: "/").map(String.init)
    let group = parts.count == 2 ? parts[0] : ""
    let definition = try #require(
      (BuiltInResources.all + TektonResources.all).first {
        $0.group == group && $0.names.kind == object["kind"]?.stringValue
      }, "no resource for \(apiVersion) \(object["kind"]?.stringValue ?? "")")
    let root = group.isEmpty ? "/api/\(apiVersion)" : "/apis/\(apiVersion)"
    let scope =
      definition.scope == .cluster
      ? ""
      : "/namespaces/\(object.namespace.isEmpty ? namespace(of: manifest.file) : object.namespace)"
    return "\(root)\(scope)/\(definition.names.plural)?fieldValidation=Strict"
  }

  @Test func `each manifest is accepted as it stands`() throws {
    let server = try APIServer(
      definitions: TektonResources.all, administratorToken: "administrator",
      signingKey: SecretBytes("signing key"), serverAddress: { "127.0.0.1:6443" },
      clock: { Timestamp(seconds: 1_767_225_600) })
    func create(_ manifest: Manifest) throws -> APIResponse {
      server.handle(
        APIRequest(
          method: .post, target: try Self.path(of: manifest),
          fields: [
            "Authorization": "Bearer administrator", "Content-Type": "application/json",
            "Accept": "application/json",
          ], body: manifest.object.serialized()))
    }
    let manifests = try Self.manifests()
    #expect(manifests.count(where: { $0.object["apiVersion"] == "tekton.dev/v1" }) >= 7)
    for manifest in manifests {
      let response = try create(manifest)
      guard case .value(let body) = response.body else {
        Issue.record("\(manifest.file): no answer for \(manifest.kind)")
        continue
      }
      #expect(
        response.status == .created,
        "\(manifest.file), \(manifest.kind): \(body["message"]?.stringValue ?? "")")
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
