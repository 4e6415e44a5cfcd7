// Where a request belongs, read from its path alone.

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

  /// - Parameter path: the request's path, without query.
  /// - Returns: `nil` for a path that nobody serves.
  init?(path: String) {
    switch path {
    case "/live", "/livez": self = .live
    case "/ready", "/readyz": self = .ready
    default:
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count >= 4, parts.count <= 5, parts[0].isEmpty, parts[1] == "hooks",
        parts.dropFirst(2).allSatisfy({ !$0.isEmpty })
      else { return nil }
      let hook = HookName(namespace: String(parts[2]), name: String(parts[3]))
      self = parts.count == 4 ? .delivery(hook) : .manual(hook, trigger: String(parts[4]))
    }
  }
}
