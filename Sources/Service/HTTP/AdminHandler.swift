// The admin listener: for operators, never exposed to senders.

import Hooks
package import HTTPServer
package import HTTPWire
package import Reactor

/// Answers the requests of the admin listener.
package struct AdminHandler: HTTPHandler {
  private let health: HealthEndpoints
  private let api: DeliveriesAPI
  private let explanations: ExplainAPI
  private let guardian: AdminGuard
  private let metrics: MetricsRegistry

  /// - Parameter hosts: names by which the listener is reached, beside localhost and addresses.
  package init(
    state: ServiceState, deliveries: Deliveries, hooks: HookTable,
    metrics: MetricsRegistry = MetricsRegistry(), hosts: [String] = []
  ) {
    explanations = ExplainAPI(journal: deliveries.journal, hooks: hooks)
    health = HealthEndpoints(state: state, audience: .operators)
    api = DeliveriesAPI(
      deliveries: deliveries, replay: Replay(deliveries: deliveries, hooks: hooks))
    guardian = AdminGuard(hosts: hosts)
    self.metrics = metrics
  }

  package func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission {
    guard head.method.isStandard else { return .answer(Refusal.unknownMethod) }
    if head.path == ExplainAPI.path {
      if let refusal = guardian.refusal(of: head) { return .answer(refusal) }
      return head.method == .post
        ? .accept(bodyLimit: ExplainAPI.bodyByteLimit) : .answer(Refusal.onlyPOST)
    }
    if head.path == Self.metricsPath, let refusal = guardian.refusal(of: head) {
      return .answer(refusal)
    }
    guard let path = DeliveriesAPI.Path(head.path) else {
      return head.bodyFraming.hasBody ? .accept(bodyLimit: 0) : .answer(response(to: head))
    }
    if let refusal = guardian.refusal(of: head) { return .answer(refusal) }
    guard head.method == path.method else {
      return .answer(
        Reply.refusal(
          .methodNotAllowed, "method", "only \(path.method) is served here",
          fields: ["Allow": "\(path.method)"]))
    }
    return .accept(bodyLimit: Self.bodyByteLimit)
  }

  package func respond(to request: HTTPRequest) -> HTTPAnswer {
    if request.head.path == ExplainAPI.path {
      return .later { await explanations.respond(to: request) }
    }
    if let path = DeliveriesAPI.Path(request.head.path) {
      return .later { await api.respond(to: request, at: path) }
    }
    return .now(response(to: request.head))
  }

  private func response(to head: HTTPRequestHead) -> HTTPResponse {
    if head.path == Self.metricsPath { return metricsResponse(to: head) }
    return health.response(to: head)
      ?? Reply.refusal(
        .notFound, "path",
        "the admin listener serves /live, /ready, \(Self.metricsPath) and \(DeliveriesAPI.root)")
  }

  private func metricsResponse(to head: HTTPRequestHead) -> HTTPResponse {
    guard head.method == .get || head.method == .head else {
      return Reply.refusal(
        .methodNotAllowed, "method", "only GET and HEAD are served here",
        fields: ["Allow": "GET, HEAD"])
    }
    var response = HTTPResponse.text(.ok, metrics.text)
    response.fields["Content-Type"] = MetricsRegistry.contentType
    return response
  }

  private static let metricsPath = "/metrics"

  /// A replay needs no body; an empty object is what clients send that must send something.
  private static let bodyByteLimit = 1024
}
