// What a manual trigger's body may be.

import HTTPWire

/// The media type of a manual trigger's body.
enum ManualMediaType {
  /// Why the body is refused, with what to change; `nil` when it is JSON.
  static func problem(_ head: HTTPRequestHead) -> String? {
    let types = head.fields.values(for: "Content-Type")
    guard types.count == 1, let type = types.first else {
      return "send the inputs with one header 'Content-Type: application/json'"
    }
    let essence = type.prefix { $0 != ";" && $0 != " " }.lowercased()
    guard essence == "application/json" else {
      return "the inputs are JSON: send them with the header 'Content-Type: application/json'"
    }
    return nil
  }
}
