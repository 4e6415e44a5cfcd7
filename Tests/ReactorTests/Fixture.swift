import Testing

@testable import Reactor

/// A loop with a listener that hands each accepted stream to a closure, for the time of a test.
struct Fixture {
  let group: EventLoopGroup
  let loop: EventLoop

  init(clock: any MonotonicClock = SystemMonotonicClock()) throws {
    group = try EventLoopGroup(loopCount: 1, clock: clock)
    loop = group.loops[0]
  }

  /// Makes both ends of a connection and runs a body with them on the loop.
  func withPair<Value: Sendable>(
    _ body: @escaping @Sendable (_ client: ByteStream, _ server: ByteStream) async throws -> Value
  ) async throws -> Value {
    defer { group.stop() }
    let loop = loop
    return try await loop.run {
      let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
      let (accepted, hand) = AsyncStream.makeStream(of: ByteStream.self)
      let listener = try Listener(socket, on: loop, onTrouble: { _ in }) { hand.yield($0) }
      let client = try await ByteStream.connect(
        to: socket.address, on: loop, deadline: .distantFuture)
      var streams = accepted.makeAsyncIterator()
      let server = try #require(await streams.next())
      listener.close()
      defer {
        client.close()
        server.close()
      }
      return try await body(client, server)
    }
  }
}

extension ByteStream {
  /// Reads until the end, or until so many bytes are there.
  func readAll(
    upTo limit: Int = .max, deadline: MonotonicInstant = .distantFuture
  )
    async throws(ReactorError) -> [UInt8]
  {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let count = try await read(deadline: deadline) { span in
        // SAFETY: the buffer is copied within the call.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
      }
      if count == 0 { break }
    }
    return bytes
  }
}
