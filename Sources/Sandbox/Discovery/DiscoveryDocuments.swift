// What the server says about the resources that it serves.

import Bytes
import Crypto
import JSON

/// Makes the documents of discovery from the catalogue.
struct DiscoveryDocuments {
  let catalogue: ResourceCatalogue

  // MARK: Plain

  /// `/api`.
  func versions(serverAddress: String) -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [
        ["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]
      ],
    ]
  }

  /// `/apis`.
  var groups: JSONValue {
    [
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(catalogue.groups.compactMap { group($0) }),
    ]
  }

  /// `/apis/GROUP`, without what makes it a document of its own.
  private func group(_ name: String) -> JSONValue? {
    let versions = catalogue.versions(of: name).map { version -> JSONValue in
      ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
    }
    guard let preferred = versions.first else { return nil }
    return ["name": .string(name), "versions": .array(versions), "preferredVersion": preferred]
  }

  /// `/apis/GROUP`; `nil` for a group that is not served.
  func groupDocument(_ name: String) -> JSONValue? {
    guard let group = group(name)?.objectValue else { return nil }
    var document: JSONObject = ["kind": "APIGroup", "apiVersion": "v1"]
    for member in group { document[member.key] = member.value }
    return .object(document)
  }

  /// `/apis/GROUP/VERSION`; `nil` for a version that is not served.
  func resources(group: String, version: String) -> JSONValue? {
    let definitions = sorted(catalogue.definitions(group: group, version: version))
    guard !definitions.isEmpty else { return nil }
    var document: JSONObject = ["kind": "APIResourceList"]
    if !group.isEmpty { document["apiVersion"] = "v1" }
    document["groupVersion"] = .string(group.isEmpty ? version : "\(group)/\(version)")
    document["resources"] = .array(definitions.flatMap { entries($0, version) })
    return .object(document)
  }

  /// Built-in resources stand in the order of their names, custom ones as they were defined.
  private func sorted(_ definitions: [ResourceDefinition]) -> [ResourceDefinition] {
    guard definitions.allSatisfy({ $0.origin == .builtIn }) else { return definitions }
    return definitions.sorted { precedes($0.names.plural, $1.names.plural) }
  }

  private func entries(_ definition: ResourceDefinition, _ version: String) -> [JSONValue] {
    var entry: JSONObject = [
      "name": .string(definition.names.plural), "singularName": .string(definition.names.singular),
      "namespaced": .bool(definition.scope == .namespaced), "kind": .string(definition.names.kind),
      "verbs": verbs(definition),
    ]
    if !definition.names.shortNames.isEmpty {
      entry["shortNames"] = .array(definition.names.shortNames.map { .string($0) })
    }
    if !definition.names.categories.isEmpty {
      entry["categories"] = .array(definition.names.categories.map { .string($0) })
    }
    if !definition.traits.isEphemeral { entry["storageVersionHash"] = .string(hash(definition)) }
    return [.object(entry)]
      + subresources(definition, version).map { subresource in
        var entry: JSONObject = [
          "name": .string("\(definition.names.plural)/\(subresource.name)"), "singularName": "",
          "namespaced": .bool(definition.scope == .namespaced),
        ]
        if let group = subresource.group {
          entry["group"] = .string(group)
          entry["version"] = "v1"
        }
        entry["kind"] = .string(subresource.kind)
        entry["verbs"] = .array(subresource.verbs.map { .string($0) })
        return .object(entry)
      }
  }

  private func verbs(_ definition: ResourceDefinition) -> JSONValue {
    // The two implementations in a real server list the same verbs in another order.
    let customOrder = [
      "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
    ]
    let all = definition.origin == .custom ? customOrder : ResourceDefinition.allVerbs
    return .array((definition.verbs ?? all).map { .string($0) })
  }

  private struct Subresource {
    var name: String
    var kind: String
    var verbs: [String]
    var group: String?
  }

  private func subresources(
    _ definition: ResourceDefinition, _ version: String
  ) -> [Subresource] {
    var result: [Subresource] = []
    let kind = definition.names.kind
    switch definition.storageName {
    case "namespaces":
      result.append(Subresource(name: "finalize", kind: kind, verbs: ["update"]))
    case "serviceaccounts":
      result.append(
        Subresource(
          name: "token", kind: "TokenRequest", verbs: ["create"], group: "authentication.k8s.io"))
    default: break
    }
    if definition.version(version)?.hasStatus == true {
      result.append(Subresource(name: "status", kind: kind, verbs: ["get", "patch", "update"]))
    }
    return result
  }

  /// A short text that differs when objects are stored in another version.
  private func hash(_ definition: ResourceDefinition) -> String {
    let stored =
      definition.storageName == "events" ? "v1" : definition.storageVersion
    let group = definition.storageName == "events" ? "" : definition.group
    let text = "\(group)/\(stored)/\(definition.names.kind)"
    return Base64.encode(Digest.sha256(Array(text.utf8)).prefix(8))
  }

  // MARK: Aggregated

  /// `/api` or `/apis` as `APIGroupDiscoveryList`.
  func aggregated(groups: [String]) -> JSONValue {
    [
      "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
      "items": .array(
        groups.map { group in
          [
            "metadata": group.isEmpty ? [:] : ["name": .string(group)],
            "versions": .array(catalogue.versions(of: group).map { aggregated(group, $0) }),
          ]
        }),
    ]
  }

  private func aggregated(_ group: String, _ version: String) -> JSONValue {
    let definitions = catalogue.definitions(group: group, version: version)
      .sorted { precedes($0.names.plural, $1.names.plural) }
    return [
      "version": .string(version),
      "resources": .array(definitions.map { aggregated($0, version) }), "freshness": "Current",
    ]
  }

  private func aggregated(_ definition: ResourceDefinition, _ version: String) -> JSONValue {
    var entry: JSONObject = [
      "resource": .string(definition.names.plural),
      "responseKind": responseKind(definition, version, definition.names.kind),
      "scope": definition.scope == .namespaced ? "Namespaced" : "Cluster",
      "singularResource": .string(definition.names.singular), "verbs": verbs(definition),
    ]
    if !definition.names.shortNames.isEmpty {
      entry["shortNames"] = .array(definition.names.shortNames.map { .string($0) })
    }
    if !definition.names.categories.isEmpty {
      entry["categories"] = .array(definition.names.categories.map { .string($0) })
    }
    let subresources = subresources(definition, version)
    if !subresources.isEmpty {
      entry["subresources"] = .array(
        subresources.map { subresource in
          [
            "subresource": .string(subresource.name),
            "responseKind": responseKind(definition, version, subresource.kind),
            "verbs": .array(subresource.verbs.map { .string($0) }),
          ]
        })
    }
    return .object(entry)
  }

  /// Built-in resources leave out the group and version that they share with their list.
  private func responseKind(
    _ definition: ResourceDefinition, _ version: String, _ kind: String
  ) -> JSONValue {
    if kind == "TokenRequest" {
      return ["group": "authentication.k8s.io", "version": "v1", "kind": "TokenRequest"]
    }
    return definition.origin == .builtIn
      ? ["group": "", "version": "", "kind": .string(kind)]
      : [
        "group": .string(definition.group), "version": .string(version), "kind": .string(kind),
      ]
  }
}
