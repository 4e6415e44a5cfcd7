// The media type of a delivery.

import Bytes

/// Checks `Content-Type`.
enum MediaType {
  /// Why these field values are not JSON in UTF-8, nil when they are.
  static func problem(_ values: [String], sender: String) -> String? {
    guard let value = values.first else {
      return "the request has no Content-Type: application/json is expected"
    }
    guard values.count == 1 else { return "the request has more than one Content-Type" }
    let parts = value.split(separator: ";", omittingEmptySubsequences: false).map {
      ASCII.lowercased(trimmed($0))
    }
    let type = parts.first ?? ""
    if type == "application/x-www-form-urlencoded" {
      return "the payload is form-encoded: set the webhook's content type to application/json in "
        + "\(sender)'s settings"
    }
    guard type == "application/json" else {
      return "the Content-Type is not application/json: set it so in \(sender)'s webhook settings"
    }
    for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
      let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" }
      guard charset == "utf-8" || charset == "utf8" else {
        return "the Content-Type names another character set than UTF-8, which JSON requires"
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> String {
    let bytes = text.utf8.drop(while: ASCII.isBlank)
    guard let end = bytes.lastIndex(where: { !ASCII.isBlank($0) }) else { return "" }
    return String(Substring(bytes[...end]))
  }
}
