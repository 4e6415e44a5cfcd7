import CLinux
import Glibc
import Testing

@testable import Reactor

@Suite struct ListenerAddressTests {
  @Test(arguments: [
    "127.0.0.1:80", "[::]:8080", "unix:/run/hookline.sock", "unix:/a b/:1",
  ])
  func `an address is read and written`(text: String) throws {
    #expect(try ListenerAddress(parsing: text).description == text)
  }

  @Test(arguments: [
    ("unix:", SocketAddressError.pathInvalid("")),
    ("unix:relative", .pathInvalid("relative")),
    ("unix:/", .pathInvalid("/")),
    ("unix:/run/", .pathInvalid("/run/")),
    ("unix:/a\0b", .pathInvalid("/a\0b")),
    (
      "unix:/" + String(repeating: "a", count: 107),
      .pathInvalid("/" + String(repeating: "a", count: 107))
    ),
    ("Unix:/a", .portInvalid("/a")),
    ("127.0.0.1", .portMissing("127.0.0.1")),
  ])
  func `what is no place to listen is refused`(text: String, error: SocketAddressError) {
    #expect(throws: error) { try ListenerAddress(parsing: text) }
    #expect(!error.description.isEmpty)
  }

  @Test(
    arguments: [
      ([:], []), (["LISTEN_FDS": "1"], []), (["LISTEN_PID": "7"], []),
      (["LISTEN_PID": "8", "LISTEN_FDS": "1"], []),
      (["LISTEN_PID": "7", "LISTEN_FDS": "0"], []),
      (["LISTEN_PID": "7", "LISTEN_FDS": "2"], [3, 4]),
    ] as [([String: String], [Int32])])
  func `inherited sockets are those that are meant for this process`(
    environment: [String: String], descriptors: [Int32]
  ) throws {
    #expect(
      try InheritedSockets.addresses(environment: environment, process: 7)
        == descriptors.map { .inherited(descriptor: $0) })
  }

  @Test(
    arguments: [
      (["LISTEN_PID": "x", "LISTEN_FDS": "1"], InheritedSocketsError.processInvalid("x")),
      (["LISTEN_PID": "", "LISTEN_FDS": "1"], .processInvalid("")),
      (["LISTEN_PID": "7", "LISTEN_FDS": "-1"], .countInvalid("-1")),
      (["LISTEN_PID": "7", "LISTEN_FDS": "65"], .countInvalid("65")),
      (["LISTEN_PID": "7", "LISTEN_FDS": "99999999999"], .countInvalid("99999999999")),
    ] as [([String: String], InheritedSocketsError)])
  func `nonsense about inherited sockets is refused`(
    environment: [String: String], error: InheritedSocketsError
  ) {
    #expect(throws: error) {
      try InheritedSockets.addresses(environment: environment, process: 7)
    }
    #expect(!error.description.isEmpty)
  }
}

@Suite struct LocalListenerTests {
  private let path = "/tmp/hookline-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"

  private func open(count: Int = 1) throws(ReactorError) -> [ListeningSocket] {
    try ListeningSocket.open(.unix(path: path), count: count)
  }

  private var exists: Bool { (try? SystemCall.fileNode(ofPath: path)) != nil }

  /// Connects, has the connection accepted, and says what arrived at the server.
  private func exchange(with socket: ListeningSocket, toPath path: String) async throws -> [UInt8] {
    let group = try EventLoopGroup(loopCount: 1)
    defer { group.stop() }
    let loop = group.loops[0]
    return try await loop.run {
      let (accepted, hand) = AsyncStream.makeStream(of: ByteStream.self)
      let listener = try Listener(socket, on: loop, onTrouble: { _ in }) { hand.yield($0) }
      defer { listener.close() }
      let client = try SystemCall.unixStreamSocket()
      try SystemCall.connect(client.rawValue, toPath: path)
      let stream = try ByteStream(owning: client, .connected, peer: .unknown, on: loop)
      try await stream.write([1, 2, 3], stallLimit: .seconds(30))
      stream.close()
      for await server in accepted {
        defer { server.close() }
        #expect(server.peer == .unknown)
        // Who only looked whether somebody listens says nothing.
        let bytes = try await server.readAll()
        if !bytes.isEmpty { return bytes }
      }
      return []
    }
  }

  @Test func `a Unix socket takes connections, for its owner and group, and is removed`()
    async throws
  {
    var sockets = try open(count: 2)
    #expect(sockets.map(\.listenerAddress) == [.unix(path: path), .unix(path: path)])
    #expect(try await exchange(with: sockets[0], toPath: path) == [1, 2, 3])
    var status = stat()
    // SAFETY: the string and the local outlive the call.
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    sockets.removeLast()
    #expect(exists)
    sockets = []
    #expect(!exists)
  }

  @Test func `a Unix socket that somebody listens on is refused and stays`() async throws {
    let first = try open()
    let failure = #expect(throws: ReactorError.self) { try open() }
    #expect(failure?.underlying == .addressInUse)
    #expect(failure?.description.contains(path) == true)
    #expect(try await exchange(with: first[0], toPath: path) == [1, 2, 3])
  }

  @Test func `the remains of a process that was killed make room`() async throws {
    let dead = try SystemCall.unixStreamSocket()
    try SystemCall.bind(dead.rawValue, toPath: path)
    #expect(exists)
    #expect(try await exchange(with: try open()[0], toPath: path) == [1, 2, 3])
    #expect(!exists)
  }

  @Test func `a file that is no socket is refused and stays`() throws {
    try LocalFile.replace(path, with: [1], readers: .owner)
    let failure = #expect(throws: ReactorError.self) { try open() }
    #expect(failure?.underlying == .addressInUse)
    #expect(try LocalFile.read(path) == [1])
    try SystemCall.unlink(path)
  }

  @Test func `a name that stands for another file by then is not removed`() throws {
    var sockets = try open()
    try SystemCall.unlink(path)
    try LocalFile.replace(path, with: [1], readers: .owner)
    sockets = []
    #expect(sockets.isEmpty)
    #expect(try LocalFile.read(path) == [1])
    try SystemCall.unlink(path)
  }

  @Test func `inherited sockets are taken over with their address, and stay where they are`()
    async throws
  {
    let mine = try open()
    let copy = dup(mine[0].socket.rawValue)
    do {
      let inherited = try ListeningSocket.open(.inherited(descriptor: copy), count: 2)
      #expect(inherited.map(\.listenerAddress) == [.unix(path: path), .unix(path: path)])
      #expect(try await exchange(with: inherited[0], toPath: path) == [1, 2, 3])
    }
    #expect(exists)
    let port = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    let other = try ListeningSocket.open(
      .inherited(descriptor: dup(port.socket.rawValue)), count: 1)
    #expect(other[0].listenerAddress == .network(port.address))
  }

  @Test func `what is inherited but does not listen is refused, and left alone`() throws {
    let stream = try SystemCall.unixStreamSocket()
    let counter = try SystemCall.eventCounter()
    for descriptor in [stream.rawValue, counter.rawValue, 1_000_000] {
      let failure = #expect(throws: ReactorError.self) {
        try ListeningSocket.open(.inherited(descriptor: descriptor), count: 1)
      }
      #expect(failure?.code == .listenFailed)
    }
    #expect(try SystemCall.option(stream.rawValue, SO_ACCEPTCONN) == 0)
  }
}
