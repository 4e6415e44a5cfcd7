// `/live` and `/ready`, on every listener.

import HTTPServer
import HTTPWire
import Hooks

/// Answers the questions of a kubelet and of load balancers.
struct HealthEndpoints: Sendable {
  /// Who asks.
  enum Audience {
    /// Anyone: they learn that something is wrong, not what.
    case everyone
    case operators
  }

  let state: ServiceState
  let audience: Audience

  /// The answer to a health route; `nil` for every other one.
  func response(to head: HTTPRequestHead) -> HTTPResponse? {
    Route(of: head).flatMap { response(to: head.method, $0) }
  }

  /// The answer to a health route; `nil` for every other one.
  func response(to method: HTTPMethod, _ route: Route) -> HTTPResponse? {
    switch route {
    case .live: guarded(method) { Self.live }
    case .ready: guarded(method) { state.isReady ? ready : notReady }
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

  private var ready: HTTPResponse {
    var lines: [String] = []
    if let problem = state.certificateProblem {
      lines.append("certificate not renewed, the old one stays in use\(detail("\(problem)"))")
    }
    let waiting = state.waitingHooks
    if !waiting.isEmpty {
      let names = waiting.map(\.description).joined(separator: ", ")
      lines.append("\(waiting.count) hooks wait for their secrets\(detail(names))")
    }
    guard !lines.isEmpty else { return Self.ready }
    return .text(.ok, (["ready"] + lines).joined(separator: "\n") + "\n")
  }

  /// What operators learn beside.
  private func detail(_ text: String) -> String {
    switch audience {
    case .everyone: ""
    case .operators: ": \(text)"
    }
  }

  private var notReady: HTTPResponse {
    var response = HTTPResponse.text(.serviceUnavailable, "\(state.summary)\n")
    response.fields["Retry-After"] = "1"
    return response
  }
}
