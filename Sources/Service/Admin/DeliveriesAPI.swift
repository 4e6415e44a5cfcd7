// The admin API's part about deliveries.
//
//   GET  /api/v1/deliveries[?hook=NAMESPACE/NAME][&state=STATE][&limit=N][&page=TOKEN]
//   GET  /api/v1/deliveries/{id}[?body=true]
//   POST /api/v1/deliveries/{id}/replay[?force=true]
//
// STATE is pending, failed (the dead letters), held (for an approval), done or ignored.

import Hooks
import HTTPServer
import HTTPWire
import JSON
import Journal

/// Serves deliveries to operators.
struct DeliveriesAPI: Sendable {
  let deliveries: Deliveries
  let replay: Replay

  /// A path of this part.
  enum Path: Equatable {
    case list
    case one(DeliveryID)
    case replay(DeliveryID)
    /// An id that is none.
    case unknown

    /// Nil for a path of another part.
    init?(_ path: String) {
      guard path == DeliveriesAPI.root || path.hasPrefix(DeliveriesAPI.root + "/") else {
        return nil
      }
      let parts = path.dropFirst(DeliveriesAPI.root.count)
        .split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      guard let first = parts.first else {
        self = .list
        return
      }
      guard let id = DeliveryID(String(first)) else {
        self = .unknown
        return
      }
      switch parts.dropFirst() {
      case []: self = .one(id)
      case ["replay"]: self = .replay(id)
      default: self = .unknown
      }
    }

    var method: HTTPMethod {
      if case .replay = self { .post } else { .get }
    }
  }

  static let root = "/api/v1/deliveries"

  func respond(to request: HTTPRequest, at path: Path) async -> HTTPResponse {
    let query = QueryString.parameters(request.head.query ?? "")
    do throws(JournalError) {
      switch path {
      case .unknown: return Self.noSuchDelivery
      case .list: return try await list(query)
      case .one(let id):
        guard let whole = try await deliveries.journal.delivery(id) else {
          return Self.noSuchDelivery
        }
        return Reply.json(
          .ok, DeliveryDocument.whole(whole, withBody: Self.flag("body", in: query)))
      case .replay(let id):
        return Self.flag("force", in: query) ? try await force(id) : try await retry(id)
      }
    } catch {
      return Reply.notJournaled(error)
    }
  }

  private func list(
    _ query: [(name: String, value: String)]
  ) async throws(JournalError) -> HTTPResponse {
    var request = ListRequest()
    for (name, value) in query {
      switch name {
      case "hook": request.hook = value
      case "state":
        guard let state = DeliveryState(rawValue: value) else {
          let names = DeliveryState.allCases.map(\.rawValue).joined(separator: ", ")
          return Refusal.malformed("state is one of \(names)")
        }
        request.state = state
      case "limit":
        guard let limit = Int(value), (1...ListRequest.limitMax).contains(limit) else {
          return Refusal.malformed("limit is a number from 1 to \(ListRequest.limitMax)")
        }
        request.limit = limit
      case "page":
        guard let page = PageToken(value) else {
          return Refusal.malformed("page is what the page before said under next")
        }
        request.page = page
      default: return Refusal.malformed("the parameters are hook, state, limit and page")
      }
    }
    return Reply.json(.ok, DeliveryDocument.list(try await deliveries.journal.list(request)))
  }

  private func retry(_ id: DeliveryID) async throws(JournalError) -> HTTPResponse {
    guard let result = try await replay.retry(id) else { return Self.noSuchDelivery }
    var body: JSONObject = ["delivery": .string(id.description)]
    for member in result.json.objectValue ?? [:] { body[member.key] = member.value }
    let status: HTTPStatus =
      if !result.failed.isEmpty { .badGateway } else { result.retried.isEmpty ? .ok : .accepted }
    return Reply.json(status, .object(body))
  }

  private func force(_ id: DeliveryID) async throws(JournalError) -> HTTPResponse {
    switch try await replay.force(id) {
    case nil: return Self.noSuchDelivery
    case .failure(let obstacle):
      return Reply.refusal(
        .conflict, "replay", "the delivery cannot be decided again: \(obstacle.message)")
    case .success(let acceptance): return Reply.delivery(acceptance)
    }
  }

  private static func flag(_ name: String, in query: [(name: String, value: String)]) -> Bool {
    query.contains { $0.name == name && ($0.value == "true" || $0.value.isEmpty) }
  }

  private static let noSuchDelivery = Reply.refusal(
    .notFound, "delivery", "there is no such delivery, or not any more")
}
