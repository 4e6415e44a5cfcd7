// The least of OpenAPI that lets kubectl create and apply.
//
// kubectl looks for a `patch` operation with a `fieldValidation` parameter and the kind under
// `x-kubernetes-group-version-kind`; with it, it leaves validation to the server.

import Bytes
import Crypto
import JSON

/// Makes the documents below `/openapi`.
struct OpenAPIDocuments {
  let catalogue: ResourceCatalogue

  /// `/openapi/v3`: one address for each group and version.
  var index: JSONValue {
    var paths = JSONObject()
    for (group, version) in groupVersions {
      let path = group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
      let hash = Self.hash(of: document(group, version))
      paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash)")]
    }
    return ["paths": .object(paths)]
  }

  /// What stands for the content of a document, in its address and its tag.
  static func hash(of document: JSONValue) -> String {
    Hex.encode(Digest.sha256(document.serialized())).uppercased()
  }

  private var groupVersions: [(group: String, version: String)] {
    ([""] + catalogue.groups).flatMap { group in
      catalogue.versions(of: group).map { (group, $0) }
    }
  }

  /// `/openapi/v3/apis/GROUP/VERSION`; `nil` for one that is not served.
  func document(path: String) -> JSONValue? {
    let parts = path.split(separator: "/").map(String.init)
    switch parts.count {
    case 2 where parts[0] == "api": return known("", parts[1])
    case 3 where parts[0] == "apis": return known(parts[1], parts[2])
    default: return nil
    }
  }

  private func known(_ group: String, _ version: String) -> JSONValue? {
    guard catalogue.versions(of: group).contains(version) else { return nil }
    return document(group, version)
  }

  private func document(_ group: String, _ version: String) -> JSONValue {
    var paths = JSONObject()
    for definition in catalogue.definitions(group: group, version: version) {
      let prefix = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
      let scope = definition.scope == .namespaced ? "/namespaces/{namespace}" : ""
      let path = "\(prefix)\(scope)/\(definition.names.plural)/{name}"
      paths[path] = ["patch": operation(definition, version)]
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.35.2"],
      "paths": .object(paths),
    ]
  }

  private func operation(_ definition: ResourceDefinition, _ version: String) -> JSONValue {
    [
      "parameters": [
        ["name": "fieldValidation", "in": "query", "schema": ["type": "string"]]
      ],
      "responses": ["200": ["description": "OK"]],
      "x-kubernetes-group-version-kind": [
        "group": .string(definition.group), "version": .string(version),
        "kind": .string(definition.names.kind),
      ],
    ]
  }

  // MARK: Version 2

  /// The document of `/openapi/v2` for clients that read JSON.
  static let version2: JSONValue = [
    "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.35.2"], "paths": [:],
  ]

  /// The same as a `Document` message of `openapi_v2.proto`: swagger is field 1, info field 2
  /// with title 1 and version 2, paths field 8.
  static let version2Protobuf: [UInt8] = {
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      // Every content here is shorter than 128 bytes, so its length is one byte.
      [number << 3 | 2, UInt8(truncatingIfNeeded: content.count)] + content
    }
    let info = field(1, Array("Kubernetes".utf8)) + field(2, Array("v1.35.2".utf8))
    return field(1, Array("2.0".utf8)) + field(2, info) + field(8, [])
  }()

  /// The media type of that form. Clients ask for it with an `@` in place of the last but one dot,
  /// which RFC 9110 does not allow; a real server answers with this.
  static let version2ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
}
