// `/live` and `/ready`, on every listener.

import HTTPServer
import HTTPWire

/// Answers the questions of a kubelet and of load balancers.
struct HealthEndpoints: Sendable {
  let state: ServiceState

  /// The answer to a health route; `nil` for every other one.
  func response(to head: HTTPRequestHead) -> HTTPResponse? {
    Route(of: head).flatMap { response(to: head.method, $0) }
  }

  /// The answer to a health route; `nil` for every other one.
  func response(to method: HTTPMethod, _ route: Route) -> HTTPResponse? {
    switch route {
    case .live: guarded(method) { Self.live }
    case .ready: guarded(method) { state.isReady ? Self.ready : notReady }
    case .delivery, .manual: nil
    }
  }

  private func guarded(_ method: HTTPMethod, _ answer: () -> HTTPResponse) -> HTTPResponse {
    guard method == .get || method == .head else {
      return Reply.refusal(
        .methodNotAllowed, "method", "only GET and HEAD are served here",
        fields: ["Allow": "GET, HEAD"])
    }
    return answer()
  }

  private static let live = HTTPResponse.text(.ok, "ok\n")
  private static let ready = HTTPResponse.text(.ok, "ready\n")

  private var notReady: HTTPResponse {
    var response = HTTPResponse.text(.serviceUnavailable, "\(state.summary)\n")
    response.fields["Retry-After"] = "1"
    return response
  }
}
