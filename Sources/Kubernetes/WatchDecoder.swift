// The body of a watch: one JSON object to a line.
//
//   watch = *( event LF )
//   event = {"type": "ADDED" / "MODIFIED" / "DELETED" / "BOOKMARK" / "ERROR", "object": …}
//
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes

import JSON

/// One line of a watch.
enum WatchLine: Equatable, Sendable {
  case stored(JSONValue)
  case deleted(JSONValue)
  /// Nothing changed up to the version that the object names.
  case bookmark(JSONValue)
  /// The stream ends with this Status.
  case failure(JSONValue)
}

/// Cuts a watch into lines and reads them.
///
/// *Limits.* A line may have ``lineByteCountMax`` bytes.
///
/// *Errors.* `undecodable` for a line that is too long, no JSON, or no event.
struct WatchDecoder: Sendable {
  /// The longest event, in bytes. An object has at most 1.5 MiB in the store and grows when its text
  /// is escaped.
  static let lineByteCountMax = 8 * 1024 * 1024

  /// The beginning of a line whose end has not come. Never has an end of a line in it.
  private var partial: [UInt8] = []

  /// Takes bytes and returns the lines that they make whole. What comes after the last end of a line
  /// is kept; if the stream is cut there, it never counts.
  mutating func receive(_ bytes: [UInt8]) throws(KubernetesError) -> [WatchLine] {
    var lines: [WatchLine] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      partial += rest[..<end]
      rest = rest[(end + 1)...]
      try checkLength()
      if partial.contains(where: { !isSpace($0) }) { lines.append(try Self.line(partial)) }
      partial.removeAll(keepingCapacity: partial.count <= Self.keptByteCount)
    }
    partial += rest
    try checkLength()
    return lines
  }

  private func checkLength() throws(KubernetesError) {
    guard partial.count <= Self.lineByteCountMax else {
      throw Self.undecodable("an event has more than \(Self.lineByteCountMax) bytes")
    }
  }

  private static func line(_ bytes: [UInt8]) throws(KubernetesError) -> WatchLine {
    let event: JSONValue
    do throws(JSONError) {
      event = try JSONValue.parse(bytes)
    } catch {
      throw undecodable("an event is not JSON: \(error)")
    }
    guard let object = event["object"], object.objectValue != nil else {
      throw undecodable("an event has no object")
    }
    switch event["type"]?.stringValue {
    case "ADDED", "MODIFIED": return .stored(object)
    case "DELETED": return .deleted(object)
    case "BOOKMARK": return .bookmark(object)
    case "ERROR": return .failure(object)
    case let type: throw undecodable("an event has the type \(quoted(type ?? ""))")
    }
  }

  private static func undecodable(_ message: String) -> KubernetesError {
    KubernetesError(.undecodable, message: message, retry: .backoff)
  }

  /// Room that is kept from line to line.
  private static let keptByteCount = 64 * 1024
}
