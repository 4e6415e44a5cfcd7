// The media type of a request's body.

import Bytes

/// Checks `Content-Type`.
package enum MediaType {
  /// Why field values are not JSON in UTF-8.
  package enum Problem: Equatable, Sendable {
    case missing
    case repeated
    /// What HTML forms send, curl with `--data`, and GitHub unless told otherwise.
    case form
    case other
    case characterSet
  }

  /// What is wrong with the values of `Content-Type`; nil when they say JSON in UTF-8.
  package static func problem(with values: [String]) -> Problem? {
    guard let value = values.first else { return .missing }
    guard values.count == 1 else { return .repeated }
    if value == "application/json" { return nil }
    let parts = value.split(separator: ";", omittingEmptySubsequences: false).map {
      ASCII.lowercased(trimmed($0))
    }
    let type = parts.first ?? ""
    if type == "application/x-www-form-urlencoded" { return .form }
    guard type == "application/json" else { return .other }
    for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
      let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" }
      guard charset == "utf-8" || charset == "utf8" else { return .characterSet }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> String {
    let bytes = text.utf8.drop(while: ASCII.isBlank)
    guard let end = bytes.lastIndex(where: { !ASCII.isBlank($0) }) else { return "" }
    return String(Substring(bytes[...end]))
  }
}

extension MediaType.Problem {
  /// The problem, and what to change in the settings of a Git host.
  func description(sender: String) -> String {
    switch self {
    case .missing: "the request has no Content-Type: application/json is expected"
    case .repeated: "the request has more than one Content-Type"
    case .form:
      "the payload is form-encoded: set the webhook's content type to application/json in "
        + "\(sender)'s settings"
    case .other:
      "the Content-Type is not application/json: set it so in \(sender)'s webhook settings"
    case .characterSet:
      "the Content-Type names another character set than UTF-8, which JSON requires"
    }
  }
}
