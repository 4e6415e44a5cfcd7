// Where a request belongs, read from its path alone.

import HTTPWire
import Hooks

/// What a path on the public listener names (DESIGN §6).
///
/// Paths are compared as bytes: names of hooks are DNS labels, so nothing in a path that we serve
/// is ever percent-encoded, and a path that is belongs to nobody.
enum Route: Equatable, Sendable {
  /// `GET /live`: the process is up.
  case live
  /// `GET /ready`: it takes deliveries.
  case ready
  /// `POST /hooks/{namespace}/{hook}`: a delivery.
  case delivery(HookName)
  /// `POST /hooks/{namespace}/{hook}/{trigger}`: a manual trigger.
  case manual(HookName, trigger: String)

  /// The route of a request; `nil` for a path that nobody serves.
  init?(of head: HTTPRequestHead) {
    guard let route = head.withPath({ Route(path: $0) }) else { return nil }
    self = route
  }

  /// - Parameter path: the request's path, without query.
  /// - Returns: `nil` for a path that nobody serves.
  init?(path: Span<UInt8>) {
    if path.elementsEqual("/live") || path.elementsEqual("/livez") {
      self = .live
    } else if path.elementsEqual("/ready") || path.elementsEqual("/readyz") {
      self = .ready
    } else {
      let prefix = "/hooks/"
      let prefixCount = prefix.utf8.count
      guard path.count > prefixCount, path.extracting(0..<prefixCount).elementsEqual(prefix)
      else { return nil }
      var parts: [String] = []
      var start = prefixCount
      for end in start...path.count where end == path.count || path[end] == UInt8(ascii: "/") {
        guard start < end, parts.count < 3 else { return nil }
        parts.append(String(copying: path.extracting(start..<end)))
        start = end + 1
      }
      guard parts.count >= 2 else { return nil }
      let hook = HookName(namespace: parts[0], name: parts[1])
      self = parts.count == 2 ? .delivery(hook) : .manual(hook, trigger: parts[2])
    }
  }
}
