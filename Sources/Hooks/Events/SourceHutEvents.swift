// SourceHut's payloads as events: those of git.sr.ht's webhooks of old, and those of its GraphQL API
// where the query asks for the fields. Neither lists files.
//
// Source: https://man.sr.ht/git.sr.ht/api.md#webhooks and https://man.sr.ht/graphql.md#webhooks.

import JSON

/// Reads SourceHut's payloads.
struct SourceHutEvents {
  let delivery: NativeDelivery
  private var body: JSONView { delivery.body }

  func events() throws(MalformedPayload) -> [Event] {
    switch delivery.name {
    case "repo:post-update":
      return try push(body, list: "refs", path: "refs") { $0["name"] }
    case "GIT_POST_RECEIVE":
      guard let webhook = body["data"]?["webhook"], webhook.kind == .object else {
        throw .missing("data.webhook", "object")
      }
      return try push(webhook, list: "updates", path: "data.webhook.updates") { $0["ref"]?["name"] }
    default: return [event(body["data"]?["webhook"] ?? body)]
    }
  }

  /// One event for each ref. An old or new commit that is null means that the ref is new or gone.
  private func push(
    _ root: JSONView, list: String, path: String, name: (JSONView) -> JSONView?
  ) throws(MalformedPayload) -> [Event] {
    let updates = try delivery.refs(root[list], at: path)
    var events: [Event] = []
    for update in updates {
      let place = "\(path)[\(events.count)]"
      guard let ref = name(update)?.filledText else { throw .missing("\(place).name", "text") }
      let new = update["new"].flatMap { $0.isNull ? nil : $0 }
      let revision = new?["id"]?.commit
      if new != nil, revision == nil { throw .missing("\(place).new.id", "commit") }
      var event = delivery.refEvent(ref, before: update["old"]?["id"]?.commit, revision: revision)
      describeOrigin(of: &event, root)
      event.setMessage(new?["message"])
      events.append(event)
    }
    return events.isEmpty ? [event(root)] : events
  }

  private func event(_ root: JSONView) -> Event {
    var event = delivery.event()
    describeOrigin(of: &event, root)
    return event
  }

  /// The older payloads do not say which repository it is.
  private func describeOrigin(of event: inout Event, _ root: JSONView) {
    event.sender = Self.login(root["pusher"])
    guard let name = root["repository"]?["name"]?.filledText,
      let owner = Self.login(root["repository"]?["owner"])
    else { return }
    event.repository = "\(owner)/\(name)"
    event.owner = owner
  }

  /// Such as `~user`.
  private static func login(_ user: JSONView?) -> String? {
    (user?["canonical_name"] ?? user?["canonicalName"])?.filledText
  }
}
