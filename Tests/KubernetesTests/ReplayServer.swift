// A server that answers over real sockets and TLS with what a test wrote down.

import HTTPWire
import Kubernetes
import Reactor
import Synchronization
import TLS

/// What the server does when a request is whole.
enum Reply: Sendable {
  /// Sends bytes as they are and goes on.
  case bytes([UInt8])
  /// Sends bytes and closes the connection.
  case last([UInt8])
  /// Says nothing and keeps the connection open.
  case silence

  /// An answer with a length.
  static func text(_ status: String, _ body: String, fields: String = "") -> Reply {
    .bytes(message(status, Array(body.utf8), fields: fields))
  }

  /// An answer with a length, after which the connection is closed without a word.
  static func closing(_ status: String, _ body: String) -> Reply {
    .last(message(status, Array(body.utf8), fields: ""))
  }

  /// A recorded answer, chunked if the recorded one was, in pieces of so many bytes.
  static func recorded(_ answer: KubernetesAnswer, chunkByteCount: Int = 1000) -> Reply {
    var fields = ""
    let own = ["content-length", "transfer-encoding", "connection", "date"]
    for field in answer.fields where !own.contains(field.name.lowercased()) {
      fields += "\(field.name): \(String(decoding: field.value, as: UTF8.self))\r\n"
    }
    let status = "\(answer.status.rawValue) \(answer.status.reasonPhrase)"
    guard answer.fields["Transfer-Encoding"] == "chunked" else {
      return .bytes(message(status, answer.body, fields: fields))
    }
    return .bytes(chunked(status, answer.body, fields: fields, chunkByteCount: chunkByteCount))
  }

  static func chunked(
    _ status: String, _ body: [UInt8], fields: String = "", chunkByteCount: Int
  ) -> [UInt8] {
    var bytes = Array("HTTP/1.1 \(status)\r\n\(fields)Transfer-Encoding: chunked\r\n\r\n".utf8)
    for start in stride(from: 0, to: body.count, by: chunkByteCount) {
      let chunk = body[start..<min(start + chunkByteCount, body.count)]
      bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }

  private static func message(_ status: String, _ body: [UInt8], fields: String) -> [UInt8] {
    Array("HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}

/// A request as it came: the head's text and the body.
struct ReceivedRequest: Sendable {
  let head: String
  let body: [UInt8]

  var line: String { String(head.prefix { $0 != "\r\n" }) }

  /// The value of a field, which is to be written as it is asked for here.
  func field(_ name: String) -> String? {
    head.split(separator: "\r\n").dropFirst().first { $0.hasPrefix("\(name): ") }
      .map { String($0.dropFirst(name.count + 2)) }
  }
}

/// Answers the requests of all its connections with its replies, in the order in which they come.
final class ReplayServer: Sendable {
  private struct State {
    var replies: [Reply]
    var requests: [ReceivedRequest] = []
    var connectionCount = 0
    var clientNames: [String] = []
    var tls: TLSServerContext
  }

  let port: UInt16
  /// Tells of each request when it is whole.
  let arrivals: AsyncStream<Int>

  private let arrived: AsyncStream<Int>.Continuation
  private let group: EventLoopGroup
  private let state: Mutex<State>

  var requests: [ReceivedRequest] { state.withLock { $0.requests } }
  var connectionCount: Int { state.withLock { $0.connectionCount } }
  /// Whose certificates were presented, connection by connection.
  var clientNames: [String] { state.withLock { $0.clientNames } }

  /// Speaks TLS differently on connections to come.
  func replaceTLS(_ tls: TLSServerContext) {
    state.withLock { $0.tls = tls }
  }

  init(_ tls: TLSServerContext, _ replies: [Reply]) async throws {
    (arrivals, arrived) = AsyncStream.makeStream()
    group = try EventLoopGroup(loopCount: 1, name: "server")
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    port = socket.address.port
    state = Mutex(State(replies: replies, tls: tls))
    let loop = group.loops[0]
    try await loop.run { [self] in
      _ = try Listener(socket, on: loop, onTrouble: { _ in }) { stream in
        Task(executorPreference: loop) { await self.serve(stream) }
      }
    }
  }

  func stop() {
    group.stop()
  }

  private func serve(_ stream: ByteStream) async {
    do {
      let tls = state.withLock { $0.tls }
      try await stream.startTLS(TLSSession(server: tls), deadline: .distantFuture)
      let name = stream.peerIdentity?.commonName
      state.withLock { state in
        state.connectionCount += 1
        if let name { state.clientNames.append(name) }
      }
      var pending: [UInt8] = []
      while let request = try await receive(from: stream, &pending) {
        let reply = state.withLock { state in
          state.requests.append(request)
          return state.replies.isEmpty ? nil : state.replies.removeFirst()
        }
        arrived.yield(requests.count)
        switch reply {
        case .bytes(let bytes): try await stream.write(bytes, stallLimit: .seconds(10))
        case .last(let bytes):
          try await stream.write(bytes, stallLimit: .seconds(10))
          stream.close()
          return
        case .silence: continue
        case nil:
          stream.close()
          return
        }
      }
    } catch {
      // The client's view of a broken connection is what the tests look at.
    }
    stream.close()
  }

  /// The next request; nil when the client has no more.
  private func receive(
    from stream: ByteStream, _ pending: inout [UInt8]
  ) async throws -> ReceivedRequest? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let head = pending.firstRange(of: end) {
        let text = String(decoding: pending[..<head.lowerBound], as: UTF8.self)
        let count =
          text.lowercased().split(separator: "\r\n")
          .first { $0.hasPrefix("content-length: ") }
          .flatMap { Int($0.dropFirst("content-length: ".count)) } ?? 0
        if pending.count >= head.upperBound + count {
          let body = Array(pending[head.upperBound..<head.upperBound + count])
          pending.removeFirst(head.upperBound + count)
          return ReceivedRequest(head: text, body: body)
        }
      }
      var received: [UInt8] = []
      let count = try await stream.read(deadline: .distantFuture) { bytes in
        for index in bytes.indices { received.append(bytes[index]) }
      }
      guard count > 0 else { return nil }
      pending += received
    }
  }
}
