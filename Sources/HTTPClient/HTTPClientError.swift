// What can go wrong with a request, and what is then known about it.

package import HTTPWire
package import Reactor

/// A request without a whole answer.
package struct HTTPClientError: Error, Equatable, Sendable {
  /// What failed, for code that decides.
  package enum Code: Equatable, Sendable {
    /// The name does not resolve, or nobody accepts the connection. The environment is at fault.
    case cannotConnect
    /// The proxy does not lead to the server. Whoever configured it is at fault, or the proxy.
    case proxyFailed(HTTPProxyError)
    /// TLS failed: the server's certificate, ours, or the protocol. Whoever configured the trust
    /// or the name is at fault, or somebody is in between.
    case tlsFailed
    /// The time is over, in the phase. The server is at fault, or the network.
    case timedOut(Phase)
    /// The connection broke. The environment is at fault.
    case connectionLost
    /// The answer is not HTTP, or exceeds a limit. The server is at fault.
    case invalidResponse(HTTPReceiveError)
    /// The request cannot be written. The caller is at fault.
    case invalidRequest(HTTPSendError)
    /// The task was cancelled.
    case cancelled
    /// The client was closed.
    case closed
  }

  /// What was being waited for.
  package enum Phase: Equatable, Sendable {
    /// One of the connections that may exist at once.
    case connectionTurn
    case connecting
    case response
  }

  /// What is known about the request.
  package enum RequestState: Equatable, Sendable {
    /// The server cannot have seen it.
    case notSent
    /// The server may have seen and obeyed it, in full or not at all.
    case perhapsSent
    /// The server had begun to answer; the status, if that far.
    case answeredPartly(HTTPStatus?)
  }

  package let code: Code
  package let requestState: RequestState
  /// The socket's own account, where there is one.
  package let underlying: ReactorError?

  package init(
    _ code: Code, requestState: RequestState, underlying: ReactorError? = nil
  ) {
    self.code = code
    self.requestState = requestState
    self.underlying = underlying
  }

  /// Whether the connection ended before anything of a response came.
  var isDeadConnection: Bool {
    code == .connectionLost && requestState == .perhapsSent
  }

  /// Sorts the failure of a socket.
  init(_ error: ReactorError, phase: Phase, requestState: RequestState) {
    let code: Code =
      switch error.code {
      case .deadlinePassed: .timedOut(phase)
      case .tlsFailed: .tlsFailed
      case .closed: .closed
      case .connectFailed, .resolveFailed, .listenFailed: .cannotConnect
      case .connectionLost, .systemCallFailed:
        phase == .connecting ? .cannotConnect : .connectionLost
      }
    self.init(code, requestState: requestState, underlying: error)
  }
}

extension HTTPClientError: CustomStringConvertible {
  /// What was wrong and what that means for the request, without any byte of either message.
  package var description: String {
    let what =
      switch code {
      case .cannotConnect: "cannot connect"
      case .proxyFailed(let error): "\(error)"
      case .tlsFailed: "TLS failed"
      case .timedOut(.connectionTurn): "timed out waiting for a free connection"
      case .timedOut(.connecting): "timed out connecting"
      case .timedOut(.response): "timed out waiting for the response"
      case .connectionLost: "the connection was lost"
      case .invalidResponse(let error): "the response is not valid: \(error)"
      case .invalidRequest(let error): "the request is not valid: \(error)"
      case .cancelled: "cancelled"
      case .closed: "the client is closed"
      }
    let state =
      switch requestState {
      case .notSent: "the request was not sent"
      case .perhapsSent: "the request may have been received"
      case .answeredPartly(nil): "the response had begun"
      case .answeredPartly(let status?): "a response \(status.rawValue) had begun"
      }
    guard let underlying else { return "\(what) (\(state))" }
    let why =
      switch (code, underlying.code) {
      case (.cannotConnect, .connectFailed), (.tlsFailed, .tlsFailed),
        (.connectionLost, .connectionLost):
        underlying.circumstances
      default: underlying.description
      }
    return why.isEmpty ? "\(what) (\(state))" : "\(what): \(why) (\(state))"
  }
}
