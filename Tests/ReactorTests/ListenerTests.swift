import Glibc
import Testing

@testable import Reactor

/// A listener on a loop of its own whose clock is moved by hand, for tests that take the process's
/// descriptors away and so run in a process of their own.
private struct Scene {
  let clock = ManualClock()
  let group: EventLoopGroup
  let loop: EventLoop
  let accepted = Tally()
  let troubles = Tally()
  let address: SocketAddress

  init() async throws {
    group = try EventLoopGroup(loopCount: 1, clock: clock)
    loop = group.loops[0]
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    address = socket.address
    try await loop.run { [loop, accepted, troubles] in
      _ = try Listener(socket, on: loop, onTrouble: { _ in troubles.increment() }) { stream in
        accepted.increment()
        stream.close()
      }
    }
  }

  /// Lets the loop see what there is to see.
  func settle() async throws {
    for _ in 0..<20 { try await loop.run { [loop] in await loop.yield() } }
  }
}

@Suite struct ListenerTests {
  @Test func `connections are taken as they come`() async throws {
    let scene = try await Scene()
    let loop = scene.loop
    let address = scene.address
    for _ in 0..<100 {
      try await loop.run {
        try await ByteStream.connect(to: address, on: loop, deadline: .distantFuture).close()
      }
    }
    while scene.accepted.value < 100 { try await scene.settle() }
    #expect(scene.troubles.value == 0)
    scene.group.stop()
  }

  @Test func `without descriptors it rests, does not spin, and goes on when there are some`()
    async
  {
    await #expect(processExitsWith: .success) {
      let scene = try await Scene()
      let address = scene.address
      var limit = rlimit(rlim_cur: 64, rlim_max: 64)
      // SAFETY: the structure is read during the call.
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)

      let client = try SystemCall.streamSocket(for: address)
      var hoard: [ListeningSocket] = []
      while let socket = try? ListeningSocket(
        SocketAddress(host: .loopbackV4, port: 0), .exclusive)
      {
        hoard.append(socket)
      }
      try SystemCall.connect(client.rawValue, to: address)
      while scene.troubles.value == 0 { try await scene.settle() }
      try await scene.settle()
      #expect(scene.troubles.value == 1)

      scene.clock.advance(by: .milliseconds(100))
      while scene.troubles.value == 1 { try await scene.settle() }
      #expect(scene.accepted.value == 0)

      hoard = []
      scene.clock.advance(by: .milliseconds(100))
      while scene.accepted.value == 0 { try await scene.settle() }
      #expect(scene.troubles.value == 2)
      exit(EXIT_SUCCESS)
    }
  }

  @Test func `a connection that was reset while it waited keeps no other from being taken`()
    async throws
  {
    let group = try EventLoopGroup(loopCount: 1)
    let loop = group.loops[0]
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    let answered = try await loop.run { () -> [UInt8] in
      let troubles = Tally()
      let listener = try Listener(socket, on: loop, onTrouble: { _ in troubles.increment() }) {
        stream in
        // One that was reset refuses the byte.
        _ = try? stream.tryWrite([0x61].span)
        stream.close()
      }
      listener.isPaused = true
      for _ in 0..<3 {
        try await ByteStream.connect(to: socket.address, on: loop, deadline: .distantFuture).reset()
      }
      let client = try await ByteStream.connect(
        to: socket.address, on: loop, deadline: .distantFuture)
      defer { client.close() }
      listener.isPaused = false
      let bytes = try await client.readAll()
      #expect(troubles.value == 0)
      return bytes
    }
    #expect(answered == [0x61])
    group.stop()
  }

  @Test func `a port that is served cannot be shared by chance`() throws {
    let first = try ListeningSocket.bind(SocketAddress(host: .loopbackV4, port: 0), count: 2)
    #expect(first[0].address == first[1].address)
    let failure = #expect(throws: ReactorError.self) {
      try ListeningSocket.bind(first[0].address, count: 2)
    }
    #expect(failure?.code == .listenFailed)
    #expect(failure?.underlying == .addressInUse)
  }

  @Test func `an IPv6 wildcard takes IPv4 too, and shows it as such`() async throws {
    let group = try EventLoopGroup(loopCount: 1)
    let loop = group.loops[0]
    let socket = try ListeningSocket(SocketAddress(host: .anyV6, port: 0), .exclusive)
    let peer = try await loop.run { () -> SocketAddress? in
      let (peers, hand) = AsyncStream.makeStream(of: SocketAddress.self)
      _ = try Listener(socket, on: loop, onTrouble: { _ in }) { stream in
        hand.yield(stream.peer)
        stream.close()
      }
      let client = try await ByteStream.connect(
        to: SocketAddress(host: .loopbackV4, port: socket.address.port), on: loop,
        deadline: .distantFuture)
      defer { client.close() }
      var iterator = peers.makeAsyncIterator()
      return await iterator.next()
    }
    #expect(peer?.host == .loopbackV4)
    group.stop()
  }
}
