// The seam between what is asked of the API server and how it gets there.

package import HTTPWire

/// One HTTP request, ready to be sent: the target carries the server's base path, the fields
/// carry the credentials.
package struct TransportRequest: Sendable {
  package var method: HTTPMethod
  package var target: String
  package var fields: HTTPFields
  package var body: [UInt8]
  package var repeatability: KubernetesRequest.Repeatability
}

/// One whole HTTP answer.
package struct KubernetesAnswer: Sendable {
  package var status: HTTPStatus
  package var fields: HTTPFields
  package var body: [UInt8]

  package init(status: HTTPStatus, fields: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}

/// Carries requests to one API server.
///
/// A transport keeps its connections, verifies the server's certificate and follows no redirect.
/// It sends a request again only if a kept connection turns out to be dead and the request is
/// repeatable.
package protocol KubernetesTransport: Sendable {
  /// Sends a request and reads the whole answer.
  ///
  /// - Throws: A failure that says whether the server may have seen the request.
  func send(
    _ request: TransportRequest, within timeLimit: Duration
  ) async throws(TransportFailure) -> KubernetesAnswer

  /// Sends a request and reads the answer's head; its body is read as it comes.
  ///
  /// - Parameters:
  ///   - timeLimit: Until the head is there.
  ///   - silenceLimit: For each part of the body.
  func open(
    _ request: TransportRequest, within timeLimit: Duration, silenceLimit: Duration
  ) async throws(TransportFailure) -> KubernetesStream

  /// Waits, by the same clock that limits requests.
  func pause(for duration: Duration) async throws(CancellationError)

  /// Closes every connection; what is under way fails.
  func close() async
}

/// An answer whose body is read as it comes.
package struct KubernetesStream: Sendable {
  package typealias Next = @Sendable () async throws(TransportFailure) -> [UInt8]?

  package var status: HTTPStatus
  package var fields: HTTPFields
  /// The next part of the body, never empty; nil at its end.
  package var next: Next
  /// Ends it before its end.
  package var cancel: @Sendable () -> Void

  package init(
    status: HTTPStatus, fields: HTTPFields = [:], next: @escaping Next,
    cancel: @escaping @Sendable () -> Void
  ) {
    self.status = status
    self.fields = fields
    self.next = next
    self.cancel = cancel
  }
}

/// Why no answer was received.
package struct TransportFailure: Error, Equatable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// The server's name has no address.
    case unresolvable
    /// No connection could be made.
    case unreachable
    /// The server's certificate does not verify, or TLS failed otherwise.
    case tlsFailed
    /// The time limit passed.
    case timedOut
    /// The connection broke or was closed before the answer was whole.
    case connectionLost
    /// What came was not HTTP as it should be, or longer than the limit.
    case malformedAnswer
    /// The request cannot be written as HTTP.
    case unsendable
    /// The task was cancelled, or the client is shutting down.
    case cancelled
  }

  /// Whether the request may have reached the server.
  package enum Progress: Hashable, Sendable {
    case notSent, perhapsSent
  }

  package var kind: Kind
  package var progress: Progress
  package var message: String

  package init(_ kind: Kind, _ progress: Progress, message: String) {
    self.kind = kind
    self.progress = progress
    self.message = message
  }
}

extension KubernetesError {
  /// A failure to get an answer at all.
  init(_ failure: TransportFailure, request: KubernetesRequest) {
    // A certificate that does not verify is tried again as well: a rotated CA bundle may be on its
    // way, and giving up would lose deliveries for a mistake of minutes.
    self.init(
      .transport(failure.kind), message: failure.message, retry: .backoff,
      outcome: request.isRead || failure.progress == .notSent ? .notPerformed : .ambiguous,
      operation: request.description)
  }
}
