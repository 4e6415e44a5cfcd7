import Glibc
import Testing

@testable import Reactor

@Suite struct ByteStreamTests {
  @Test func `bytes arrive as they were sent, in both directions`() async throws {
    try await Fixture().withPair { client, server in
      try await client.write(Array("question".utf8), stallLimit: .seconds(30))
      #expect(try await server.readAll(upTo: 8) == Array("question".utf8))
      try await server.write(Array("answer".utf8), stallLimit: .seconds(30))
      #expect(try await client.readAll(upTo: 6) == Array("answer".utf8))
    }
  }

  @Test func `more than the kernel holds is written when the other side reads`() async throws {
    try await Fixture().withPair { client, server in
      let bytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      async let received = server.readAll(upTo: bytes.count)
      try await client.write(bytes, stallLimit: .seconds(30))
      #expect(try await received == bytes)
    }
  }

  @Test func `the end of one direction leaves the other open`() async throws {
    try await Fixture().withPair { client, server in
      try await client.write([1, 2, 3], stallLimit: .seconds(30))
      client.shutdownWriting()
      #expect(try await server.readAll() == [1, 2, 3])
      #expect(server.peerHasEnded)
      try await server.write([4, 5], stallLimit: .seconds(30))
      #expect(try await client.readAll(upTo: 2) == [4, 5])
    }
  }

  @Test func `reading gives up at the deadline and can be tried again`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).withPair { client, server in
      let deadline = server.loop.now.advanced(by: .seconds(5))
      async let outcome = Self.failure { try await server.readAll(deadline: deadline) }
      await server.loop.yield()
      clock.advance(by: .seconds(5))
      #expect(await outcome?.code == .deadlinePassed)
      try await client.write([7], stallLimit: .seconds(30))
      #expect(try await server.readAll(upTo: 1) == [7])
    }
  }

  @Test func `writing gives up when the peer takes nothing for too long`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).withPair { client, server in
      let bytes = [UInt8](repeating: 0, count: 16_000_000)
      async let outcome = Self.failure { try await client.write(bytes, stallLimit: .seconds(5)) }
      await server.loop.yield()
      while client.isWritable { await server.loop.yield() }
      clock.advance(by: .seconds(5))
      #expect(await outcome?.code == .deadlinePassed)
    }
  }

  @Test func `closing ends a read that waits`() async throws {
    try await Fixture().withPair { client, server in
      async let outcome = Self.failure { try await server.readAll() }
      await server.loop.yield()
      server.close()
      #expect(await outcome?.code == .closed)
    }
  }

  @Test func `writing to a peer that is gone fails and raises no signal`() async throws {
    try await Fixture().withPair { client, server in
      client.close()
      let failure = await Self.failure {
        while true { try await server.write([0], stallLimit: .seconds(30)) }
      }
      #expect(failure?.code == .connectionLost)
    }
  }

  @Test func `the peer's end is told without anybody reading`() async throws {
    try await Fixture().withPair { client, server in
      let told = Tally()
      server.onPeerEnd = { told.increment() }
      client.close()
      while told.value == 0 { await server.loop.yield() }
      #expect(told.value == 1)
    }
  }

  @Test func `connecting to a port where nobody listens says so`() async throws {
    let fixture = try Fixture()
    let loop = fixture.loop
    let failure = try await loop.run { () -> ReactorError? in
      // A port that was free a moment ago: bound, asked for, and closed again.
      let address = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
        .address
      return await Self.failure {
        try await ByteStream.connect(to: address, on: loop, deadline: .distantFuture)
      }
    }
    #expect(failure?.code == .connectFailed)
    #expect(failure?.underlying == .connectionRefused)
    fixture.group.stop()
  }

  @Test func `small messages leave at once, from either end`() async throws {
    try await Fixture().withPair { client, server in
      for stream in [client, server] {
        let value = try SystemCall.option(
          stream.descriptor, TCP_NODELAY, level: Int32(IPPROTO_TCP))
        #expect(value == 1)
      }
    }
  }

  @Test func `a connection that fails leaves no descriptor behind`() async {
    // In a process of its own, where nobody else opens any.
    await #expect(processExitsWith: .success) {
      let group = try EventLoopGroup(loopCount: 1)
      let loop = group.loops[0]
      try await loop.run {
        let address = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
          .address
        // The kernel gives out the lowest number that is free.
        let before = try SystemCall.streamSocket(for: address).rawValue
        for _ in 0..<20 {
          _ = try? await ByteStream.connect(to: address, on: loop, deadline: .distantFuture)
        }
        let after = try SystemCall.streamSocket(for: address).rawValue
        #expect(before == after)
      }
      exit(EXIT_SUCCESS)
    }
  }

  @Test func `a peer that sends without end does not keep the loop from others`() async throws {
    try await Fixture().withPair { client, server in
      let loop = server.loop
      let flood = Task(executorPreference: loop) {
        let bytes = [UInt8](repeating: 1, count: 1_000_000)
        while true { try await client.write(bytes, stallLimit: .seconds(30)) }
      }
      let drain = Task(executorPreference: loop) {
        while true { _ = try await server.read(deadline: .distantFuture) { _ in } }
      }
      let start = loop.turn
      while loop.turn < start + 50 { await loop.yield() }
      flood.cancel()
      client.close()
      _ = await flood.result
      server.close()
      _ = await drain.result
    }
  }

  private static func failure<Value>(
    _ operation: () async throws -> Value
  ) async -> ReactorError? {
    do {
      _ = try await operation()
      return nil
    } catch {
      return error as? ReactorError
    }
  }
}
