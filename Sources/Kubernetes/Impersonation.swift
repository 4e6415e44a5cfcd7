// Acting as somebody else.
// Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation

import Bytes
import HTTPWire

/// As whom the server is to carry requests out; it asks whether our account may.
package struct Impersonation: Equatable, Sendable {
  package var user: String
  package var uid: String?
  package var groups: [String] = []
  /// Further attributes, sorted by name.
  package var extra: [Attribute] = []

  /// One attribute with its values.
  package struct Attribute: Equatable, Sendable {
    package var name: String
    package var values: [String]
  }

  /// The fields that say it, in an order of their own.
  var fields: [(name: String, value: String)] {
    var fields = [(name: "Impersonate-User", value: user)]
    if let uid { fields.append((name: "Impersonate-Uid", value: uid)) }
    fields += groups.map { (name: "Impersonate-Group", value: $0) }
    for attribute in extra {
      let name = "Impersonate-Extra-\(Self.escaped(attribute.name))"
      fields += attribute.values.map { (name: name, value: $0) }
    }
    return fields
  }

  /// An attribute's name as a part of a field's name: what cannot stand there, and `%` itself, is
  /// percent-encoded, which the server undoes.
  private static func escaped(_ name: String) -> String {
    var result = ""
    for byte in name.utf8 {
      if byte != UInt8(ascii: "%"), ASCII.isTokenByte(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += PercentEncoding.escape(byte)
      }
    }
    return result
  }
}
