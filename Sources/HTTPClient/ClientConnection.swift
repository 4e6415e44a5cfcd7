// One connection to the origin: drives HTTPClientMachine over a ByteStream.

import Bytes
import HTTPWire
import Reactor

/// A connection that carries one exchange at a time.
///
/// Concurrency: on its loop only.
// `@unchecked Sendable`: created, used and closed on the loop's thread alone, which the stream
// checks.
final class ClientConnection: @unchecked Sendable {
  private let stream: ByteStream
  private let loop: EventLoop
  private var machine: HTTPClientMachine
  /// When the last exchange ended.
  private var idleSince: MonotonicInstant
  /// How many exchanges were begun.
  private(set) var exchangeCount = 0
  /// Whether the present exchange is the last.
  private var isRetired = false

  // Of the exchange that goes on.
  private var hasBegunSending = false
  private var hasAnswer = false
  private var head: HTTPResponseHead?
  private var isSending = false

  init(_ stream: ByteStream, on loop: EventLoop, limits: HTTPLimits) {
    self.stream = stream
    self.loop = loop
    machine = HTTPClientMachine(limits: limits)
    idleSince = loop.now
  }

  /// Closes at once; an exchange that goes on fails.
  func close() {
    stream.close()
  }

  /// Says that no further exchange may follow the present one.
  func retire() {
    isRetired = true
  }

  /// Calls `body` once when the server ends the connection while nothing is asked.
  func whenServerEnds(_ body: (() -> Void)?) {
    stream.onPeerEnd = body
  }

  /// Says that nothing goes on and another request may follow.
  var isIdle: Bool {
    stream.isOpen && !isRetired && !stream.peerHasEnded && !isSending && machine.isReusable
  }

  /// What is known about the present request.
  private var requestState: HTTPClientError.RequestState {
    hasAnswer ? .answeredPartly(head?.status) : hasBegunSending ? .perhapsSent : .notSent
  }

  /// Says that another request may be sent: the server has not ended the connection, has sent
  /// nothing that answers no request, and the idle time is short enough.
  func isUsable(idleLimit: Duration) async -> Bool {
    guard isIdle, idleSince.advanced(by: idleLimit) > loop.now else {
      return false
    }
    // The kernel is asked, even if the loop has not heard of bytes yet, and a deadline that has come
    // reads what is there without waiting. TLS may have housekeeping in it; a byte of plaintext would
    // be taken for the start of the next response.
    stream.expireRead()
    do throws(ReactorError) {
      _ = try await stream.read(deadline: loop.now) { _ in }
      return false
    } catch {
      return error.code == .deadlinePassed && stream.isOpen
    }
  }
}

// MARK: - Exchanges

extension ClientConnection {
  /// Sends a request and collects the response.
  ///
  /// The response is awaited while the request is still being sent: a server that refuses a large
  /// body answers before it has read it. Once it has answered whole, the rest is not sent.
  func exchange(
    _ head: HTTPRequestHead, body: [UInt8], responseByteCountMax: Int, deadline: MonotonicInstant
  ) async throws(HTTPClientError) -> HTTPClientResponse {
    let bytes = try begin(head, body: body, responseByteCountMax: responseByteCountMax)
    async let sending: Void = send(bytes, deadline: deadline)
    do throws(HTTPClientError) {
      let response = try await receiveResponse(deadline: deadline)
      if isSending { close() }
      await sending
      return response
    } catch {
      // Ends the sending, too.
      close()
      await sending
      throw error
    }
  }

  /// Sends a request and returns the response's head; the body is read by ``nextBodyPart``.
  func open(
    _ head: HTTPRequestHead, body: [UInt8], deadline: MonotonicInstant
  ) async throws(HTTPClientError) -> HTTPResponseHead {
    let bytes = try begin(head, body: body, responseByteCountMax: .max)
    await send(bytes, deadline: deadline)
    do throws(HTTPClientError) {
      var body: [UInt8] = []
      while true {
        if case .head(let head) = try await nextEvent(into: &body, deadline: deadline) {
          return head
        }
      }
    } catch {
      close()
      throw error
    }
  }

  /// The next part of the body, never empty; nil at its end. After an error the connection is
  /// closed.
  func nextBodyPart(deadline: MonotonicInstant) async throws(HTTPClientError) -> [UInt8]? {
    do throws(HTTPClientError) {
      var body: [UInt8] = []
      while true {
        switch try await nextEvent(into: &body, deadline: deadline) {
        case .body: return body
        case .end:
          finish()
          return nil
        default: continue
        }
      }
    } catch {
      close()
      throw error
    }
  }

  private func begin(
    _ head: HTTPRequestHead, body: [UInt8], responseByteCountMax: Int
  ) throws(HTTPClientError) -> [UInt8] {
    hasBegunSending = false
    isSending = true
    hasAnswer = false
    self.head = nil
    var bytes: [UInt8] = []
    bytes.reserveCapacity(body.count + Self.headByteCountEstimate)
    do throws(HTTPSendError) {
      try machine.writeRequest(
        head, bytes: body, responseBodyLimit: responseByteCountMax, to: &bytes)
    } catch {
      throw HTTPClientError(.invalidRequest(error), requestState: .notSent)
    }
    exchangeCount += 1
    return bytes
  }

  /// Sends, as far as it goes. A failure is not reported here: the server may have answered before
  /// it stopped listening, and reading finds out.
  private func send(_ bytes: [UInt8], deadline: MonotonicInstant) async {
    hasBegunSending = true
    do throws(ReactorError) {
      try await stream.write(bytes, stallLimit: loop.now.duration(to: deadline))
      isSending = false
    } catch {
      // isSending stays: the connection cannot be used again.
    }
  }

  private func receiveResponse(
    deadline: MonotonicInstant
  ) async throws(HTTPClientError) -> HTTPClientResponse {
    var body: [UInt8] = []
    while true {
      guard case .end = try await nextEvent(into: &body, deadline: deadline) else { continue }
      finish()
      guard let head else {
        throw HTTPClientError(.invalidResponse(.truncated), requestState: requestState)
      }
      return HTTPClientResponse(head: head, body: body)
    }
  }

  /// The machine's next event, reading as often as it asks for data.
  private func nextEvent(
    into body: inout [UInt8], deadline: MonotonicInstant
  ) async throws(HTTPClientError) -> HTTPClientEvent {
    while true {
      let event: HTTPClientEvent
      do throws(HTTPReceiveError) {
        event = try machine.next(body: &body)
      } catch {
        throw HTTPClientError(
          error.fault == .environment ? .connectionLost : .invalidResponse(error),
          requestState: requestState)
      }
      switch event {
      case .needData: try await receive(deadline: deadline)
      case .head(let head):
        self.head = head
        return event
      case .idle, .closed:
        // Not within an exchange.
        throw HTTPClientError(.connectionLost, requestState: requestState)
      default: return event
      }
    }
  }

  private func receive(deadline: MonotonicInstant) async throws(HTTPClientError) {
    do throws(ReactorError) {
      let count = try await stream.read(deadline: deadline) { bytes in
        hasAnswer = true
        machine.receive(bytes)
      }
      if count == 0 { machine.receiveEnd() }
    } catch {
      throw HTTPClientError(error, phase: .response, requestState: requestState)
    }
  }

  private func finish() {
    idleSince = loop.now
    if !machine.isReusable { close() }
  }

  /// What to reserve beside the body: a request to an API server has some 400 bytes of fields, a
  /// service account's token among them up to 1,500.
  private static let headByteCountEstimate = 2048
}
