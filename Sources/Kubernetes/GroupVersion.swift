// The names by which the API addresses what it serves.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ ("Resource URIs").

import Bytes

/// An API group and a version of it, as `apiVersion` writes the two: `v1` for the core group,
/// `tekton.dev/v1` for any other.
package struct GroupVersion: Hashable, Sendable, CustomStringConvertible {
  /// The group's name; empty for the core group.
  package let group: String
  package let version: String

  /// Reads the text of an `apiVersion` field.
  ///
  /// - Throws: `invalidRequest` when the text is not `VERSION` or `GROUP/VERSION`, both made of
  ///   the characters of a DNS name. It comes from a template, so the fault is the author's.
  package init(apiVersion: String) throws(KubernetesError) {
    let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName) else {
      throw .invalidRequest(
        "apiVersion \(quoted(apiVersion)) is neither VERSION nor GROUP/VERSION, as in \"v1\" "
          + "or \"tekton.dev/v1\"")
    }
    group = parts.count == 2 ? String(parts[0]) : ""
    version = String(parts[parts.count - 1])
  }

  package var description: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path under which the server describes the resources of this group and version, and
  /// under which they lie.
  package var path: String {
    group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
  }

  private static func isName(_ text: Substring) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isLowerLetterOrDigit(first) && isLowerLetterOrDigit(last)
      && bytes.allSatisfy {
        isLowerLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      }
  }

  private static func isLowerLetterOrDigit(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) && ASCII.lowercased(byte) == byte
  }
}

/// A kind of object in one group and version, as it stands at the head of every object.
package struct ObjectKind: Hashable, Sendable, CustomStringConvertible {
  package let groupVersion: GroupVersion
  package let kind: String

  /// - Throws: `invalidRequest` for an `apiVersion` that is none, or an empty kind.
  package init(apiVersion: String, kind: String) throws(KubernetesError) {
    groupVersion = try GroupVersion(apiVersion: apiVersion)
    guard !kind.isEmpty else { throw .invalidRequest("kind is empty") }
    self.kind = kind
  }

  package var description: String { "\(groupVersion) \(kind)" }
}

/// A collection the API serves: the plural name in the URL, and whether its objects lie in
/// namespaces.
package struct ResourceType: Hashable, Sendable, CustomStringConvertible {
  /// Where the objects of a resource lie.
  package enum Scope: Hashable, Sendable {
    case namespaced, cluster
  }

  package let groupVersion: GroupVersion
  /// The plural name, as in `pipelineruns`.
  package let name: String
  package let kind: String
  package let scope: Scope

  package init(groupVersion: GroupVersion, name: String, kind: String, scope: Scope) {
    self.groupVersion = groupVersion
    self.name = name
    self.kind = kind
    self.scope = scope
  }

  /// The name as the API's own messages write it: `pipelineruns.tekton.dev`, `secrets`.
  package var description: String {
    groupVersion.group.isEmpty ? name : "\(name).\(groupVersion.group)"
  }
}
