// What discovery answers for one group and version.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/ ("APIResourceList")

import Bytes
import JSON

/// The resources of one group and version, by kind.
struct ResourceList: Equatable, Sendable {
  let groupVersion: GroupVersion
  private var resourceByKind: [String: ResourceType] = [:]

  /// Reads an `APIResourceList`; nil if the value is none.
  ///
  /// Subresources (`pipelineruns/status`) are left out, and so is what another group lends: an
  /// entry that names a group or version of its own answers for a kind that lies elsewhere. Where
  /// two resources have a kind in common, the first is taken.
  init?(_ value: JSONValue, groupVersion: GroupVersion) {
    guard value["kind"]?.stringValue == "APIResourceList",
      let entries = value["resources"]?.arrayValue
    else { return nil }
    self.groupVersion = groupVersion
    for entry in entries {
      guard let name = entry["name"]?.stringValue, let kind = entry["kind"]?.stringValue,
        !name.isEmpty, name.utf8.allSatisfy(isNameByte), !kind.isEmpty,
        isOwn(entry["group"]?.stringValue, groupVersion.group),
        isOwn(entry["version"]?.stringValue, groupVersion.version),
        resourceByKind[kind] == nil
      else { continue }
      resourceByKind[kind] = ResourceType(
        groupVersion: groupVersion, name: name, kind: kind,
        scope: entry["namespaced"]?.boolValue == true ? .namespaced : .cluster)
    }
  }

  subscript(kind: String) -> ResourceType? { resourceByKind[kind] }

  /// The kind that was probably meant: the same letters in another case, or the plural name.
  func suggestion(for kind: String) -> String? {
    let wanted = kind.lowercased()
    return resourceByKind.values.first {
      $0.kind.lowercased() == wanted || $0.name == wanted
    }?.kind
  }
}

/// Whether a byte may be in a resource's name. The name goes into paths as it is.
private func isNameByte(_ byte: UInt8) -> Bool {
  ASCII.isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
}

private func isOwn(_ stated: String?, _ own: String) -> Bool {
  stated == nil || stated == "" || stated == own
}
