// The admin listener: for operators, never exposed to senders.

package import HTTPServer
package import HTTPWire
package import Reactor

/// Answers the requests of the admin listener.
package struct AdminHandler: HTTPHandler {
  private let health: HealthEndpoints

  package init(state: ServiceState) {
    health = HealthEndpoints(state: state)
  }

  package func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission {
    head.method.isStandard ? .accept(bodyLimit: 0) : .refuse(Refusal.unknownMethod)
  }

  package func respond(to request: HTTPRequest) async -> HTTPResponse {
    guard let route = Route(path: request.head.path),
      let response = health.response(to: request.head.method, route)
    else {
      return Reply.refusal(.notFound, "path", "the admin listener serves /live and /ready")
    }
    return response
  }
}
