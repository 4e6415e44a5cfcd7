// Which texts may be names, labels and annotations, and what is said of the others.
//
// Source: k8s.io/apimachinery/pkg/util/validation and pkg/api/validate/content.

import Bytes

/// The rules for names. Each gives the messages for a text that breaks them, and none for one that
/// does not.
enum NameRules {
  /// Limits of DNS (RFC 1035 §2.3.4) and of the API.
  static let labelLength = 63
  static let subdomainLength = 253

  /// What most objects may be called.
  static func subdomain(_ text: String) -> [String] {
    var messages: [String] = []
    if text.utf8.count > subdomainLength {
      messages.append("must be no more than \(subdomainLength) characters")
    }
    if !isSubdomain(text) {
      messages.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' "
          + "or '.', and must start and end with an alphanumeric character (e.g. 'example.com', "
          + "regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    }
    return messages
  }

  /// What namespaces may be called.
  static func label(_ text: String) -> [String] {
    var messages: [String] = []
    if text.utf8.count > labelLength {
      messages.append("must be no more than \(labelLength) characters")
    }
    if !isLabel(text[...]) {
      if isSubdomain(text) {
        messages.append("must not contain dots")
      } else {
        messages.append(
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
            + "and must start and end with an alphanumeric character (e.g. 'my-name',  or "
            + "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")
      }
    }
    return messages
  }

  /// What Services may be called.
  static func label1035(_ text: String) -> [String] {
    var messages: [String] = []
    if text.utf8.count > labelLength {
      messages.append("must be no more than \(labelLength) characters")
    }
    if !isLabel(text[...]) || text.utf8.first.map(ASCII.isDigit) != false {
      messages.append(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with "
          + "an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
          + "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")
    }
    return messages
  }

  /// What Roles and their bindings may be called: anything that can stand in a path.
  static func pathSegment(_ text: String) -> [String] {
    if text == "." || text == ".." { return ["may not be '\(text)'"] }
    return ["/", "%"].filter { text.contains($0) }.map { "may not contain '\($0)'" }
  }

  /// A rule applied to a prefix from which a name is generated: a dash at its end is all right.
  static func prefix(_ text: String, _ rule: (String) -> [String]) -> [String] {
    guard text.utf8.count > 1, text.hasSuffix("-") else { return rule(text) }
    return rule(text.dropLast(2) + "a")
  }

  /// The key of a label or an annotation, or the name of a finalizer.
  static func qualifiedName(_ text: String) -> [String] {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var messages: [String] = []
    var name = text
    switch parts.count {
    case 1: break
    case 2:
      name = parts[1]
      if parts[0].isEmpty {
        messages.append("prefix part must be non-empty")
      } else {
        messages += subdomain(parts[0]).map { "prefix part \($0)" }
      }
    default:
      return [
        "a valid label key \(qualifiedNameMessage) with an optional DNS subdomain prefix and '/' "
          + "(e.g. 'example.com/MyName')"
      ]
    }
    if name.isEmpty {
      messages.append("name part must be non-empty")
    } else if name.utf8.count > labelLength {
      messages.append("name part must be no more than \(labelLength) bytes")
    }
    if !isQualifiedPart(name) { messages.append("name part \(qualifiedNameMessage)") }
    return messages
  }

  private static let qualifiedNameMessage =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    + "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  /// The value of a label.
  static func labelValue(_ text: String) -> [String] {
    var messages: [String] = []
    if text.utf8.count > labelLength {
      messages.append("must be no more than \(labelLength) bytes")
    }
    if !text.isEmpty, !isQualifiedPart(text) {
      messages.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
          + "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
          + "'my_value',  or '12345', regex used for validation is "
          + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return messages
  }

  /// The key of a ConfigMap or a Secret.
  static func configKey(_ text: String) -> [String] {
    var messages: [String] = []
    if text.utf8.count > subdomainLength {
      messages.append("must be no more than \(subdomainLength) characters")
    }
    let isLegal =
      !text.isEmpty
      && text.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || [0x2D, 0x5F, 0x2E].contains($0) }
    if !isLegal {
      messages.append(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
          + "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
          + "'[-._a-zA-Z0-9]+')")
    }
    if text == "." {
      messages.append("must not be '.'")
    } else if text == ".." {
      messages.append("must not be '..'")
    } else if text.hasPrefix("..") {
      messages.append("must not start with '..'")
    }
    return messages
  }

  private static func isSubdomain(_ text: String) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
  }

  private static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && text.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == 0x2D }
  }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || (0x61...0x7A).contains(byte)
  }

  private static func isQualifiedPart(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return ASCII.isLetterOrDigit(first) && ASCII.isLetterOrDigit(last)
      && text.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || [0x2D, 0x5F, 0x2E].contains($0) }
  }
}
