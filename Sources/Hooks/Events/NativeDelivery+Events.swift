// Which reader understands whose payloads.

extension NativeDelivery {
  /// What happened; at least one event. A sender without a reader has one of its own name.
  func events() throws(MalformedPayload) -> [Event] {
    switch kind {
    case .github: [try GitHubEvents.event(name ?? "", body).get()]
    default: [namedEvent]
    }
  }
}
