import Hooks
import JSON
import Testing

/// Deliveries of any host, made from values.
enum HostEvents {
  static let one = Fixture.commit
  static let two = String(repeating: "a", count: 40)
  static let zeros = String(repeating: "0", count: 40)

  static func delivery(
    _ kind: SourceKind, _ name: String, _ body: JSONValue
  ) -> SourceDelivery {
    let source = Source(kind: kind, secrets: [])
    let fields = source.profile.eventHeader.map { [($0, name)] } ?? []
    return source.delivery(fields: Fixture.lookup(fields), body: body)
  }

  static func events(_ kind: SourceKind, _ name: String, _ body: JSONValue) -> [Event] {
    if case .events(let events, _) = delivery(kind, name, body) { events } else { [] }
  }

  static func event(_ kind: SourceKind, _ name: String, _ body: JSONValue) throws -> Event {
    try #require(events(kind, name, body).first)
  }
}
