// Payloads of every kind of sender as events.

import Bytes
import Hooks
import JSON

extension FuzzTarget {
  static let hostEvent = FuzzTarget(
    name: "host-event",
    property: "a payload of any sender is refused or gives events that do not contradict themselves"
  ) { input in
    // A byte for the sender, the event's name, a line end, the payload.
    let kinds = SourceKind.allCases
    guard let first = input.first else { return }
    let kind = kinds[Int(first) % kinds.count]
    let parts = input.dropFirst().split(
      separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let body = try? JSONDocument.parse(Array(parts[1])).root else { return }
    let source = Source(kind: kind, secrets: [])
    let header = source.profile.eventHeader.map { ASCII.lowercased($0) }
    let name = String(decoding: parts[0], as: UTF8.self)
    let delivery = source.delivery(
      fields: { ASCII.lowercased($0) == header ? [name] : [] }, body: body)
    guard case .events(let events, _) = delivery else { return }
    guard !events.isEmpty else { violated("a delivery without events") }
    for event in events {
      check(event)
      guard let again = try? JSONValue.parse(event.json.serialized()), again == event.json else {
        violated("an event that nobody could read: \(event.json.serializedString())")
      }
    }
  }

  private static func check(_ event: Event) {
    for text in [event.revision, event.before] {
      guard let text else { continue }
      let isLong = text.utf8.count == 40 || text.utf8.count == 64
      guard isLong, text.utf8.allSatisfy(ASCII.isHexDigit) else { violated("\(text) is no commit") }
    }
    let isDeletion = event.kind == .branchDelete || event.kind == .tagDelete
    if isDeletion, event.revision != nil { violated("a revision of what is deleted") }
    switch event.kind {
    case .push, .branchDelete: same(event.ref, "refs/heads/", event.branch)
    case .tag, .tagDelete: same(event.ref, "refs/tags/", event.tag)
    case .pullRequest, .review:
      if event.pullRequest?.target.map({ Array($0.utf8) }) != event.branch.map({ Array($0.utf8) }) {
        violated("the target is not the branch")
      }
    default: break
    }
    // Old versions of Gogs do not say where a new tag is.
    if event.kind == .push || event.kind == .tag && event.provider != "gogs", event.revision == nil
    {
      violated("nothing to build after \(event.kind.rawValue)")
    }
  }

  /// A ref is its prefix and its short name, byte for byte.
  private static func same(_ ref: String?, _ prefix: String, _ name: String?) {
    guard let name else { return }
    guard let ref, Array(ref.utf8) == Array((prefix + name).utf8) else {
      violated("\(ref ?? "no ref") is not \(prefix)\(name)")
    }
  }
}
