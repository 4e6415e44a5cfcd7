import Glibc
import Synchronization
import TLS

/// A server that does, byte for byte, what a test tells it: one script for each connection, in the
/// order in which they come. It uses blocking sockets and threads of its own, and none of the code
/// under test but the TLS session.
final class ScriptedServer: Sendable {
  typealias Script = @Sendable (ScriptedConnection) throws -> Void

  let port: UInt16
  /// What the scripts report.
  let reports: AsyncStream<String>

  private let listener: Int32
  private let sink: AsyncStream<String>.Continuation
  private let accepted = Mutex(0)
  private let words = Mutex<[String]>([])

  /// How many connections came.
  var connectionCount: Int { accepted.withLock { $0 } }

  /// Starts listening on a free port of 127.0.0.1. The last script serves all later connections.
  init(tls: TLSServerContext? = nil, _ scripts: [Script]) throws {
    let socket = try Self.listen()
    let stream = AsyncStream.makeStream(of: String.self)
    listener = socket.descriptor
    port = socket.port
    reports = stream.stream
    sink = stream.continuation
    let thread = Worker { [self] in
      while true {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { return }
        let index = accepted.withLock { count in
          defer { count += 1 }
          return count
        }
        let script = scripts[min(index, scripts.count - 1)]
        Worker { [self] in
          let connection = ScriptedConnection(socket, tls: tls, of: self)
          do {
            try connection.startTLS()
            try script(connection)
          } catch {
            sink.yield("failed: \(error)")
          }
          connection.close()
        }.start()
      }
    }
    thread.start()
  }

  /// Lets a script that waits for the word go on.
  func tell(_ word: String) {
    words.withLock { $0.append(word) }
  }

  /// Adds a report, as a script does.
  func report(_ text: String) {
    sink.yield(text)
  }

  /// Takes a word that was told; false when it was not.
  fileprivate func take(_ word: String) -> Bool {
    words.withLock { words in
      guard let index = words.firstIndex(of: word) else { return false }
      words.remove(at: index)
      return true
    }
  }

  /// Ends listening; connections that exist go on.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func listen() throws -> (descriptor: Int32, port: UInt16) {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    // SAFETY: the address is of the family's own type and lives for the calls.
    let done = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, size) == 0 && Glibc.listen(socket, 64) == 0
          && getsockname(socket, $0, &size) == 0
      }
    }
    guard done else { throw ScriptError(what: "cannot listen") }
    return (socket, UInt16(bigEndian: address.sin_port))
  }
}

/// What a script could not do.
struct ScriptError: Error {
  let what: String
}

/// A thread that nobody waits for.
private final class Worker: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }

  func start() {
    var thread = pthread_t()
    // SAFETY: the reference is retained here and released by the thread, once.
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context)
    pthread_detach(thread)
  }
}

/// One connection in a script's hands.
final class ScriptedConnection {
  private var socket: Int32
  private var session: TLSSession?
  private let server: ScriptedServer
  private var received: [UInt8] = []

  init(_ socket: Int32, tls: TLSServerContext?, of server: ScriptedServer) {
    self.socket = socket
    self.server = server
    session = tls.map { TLSSession(server: $0) }
    // A script that waits for what never comes ends, and its test fails, before the suite's limit of a
    // minute; a slow machine under a sanitizer needs tens of seconds for all tests at once.
    var limit = timeval(tv_sec: 50, tv_usec: 0)
    // SAFETY: the option's value is a timeval, and lives for the call.
    unsafe setsockopt(
      socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func report(_ text: String) {
    server.report(text)
  }

  /// Goes on in TLS.
  func secure(_ tls: TLSServerContext) throws {
    session = TLSSession(server: tls)
    try startTLS()
  }

  fileprivate func startTLS() throws {
    guard let session else { return }
    while true {
      let outcome = try session.handshake()
      try flush()
      if outcome == .complete { return }
      let bytes = try readSocket()
      session.receive(bytes.span)
    }
  }

  // MARK: Reading

  /// Reads a request's head and, by its Content-Length, its body.
  @discardableResult
  func readRequest() throws -> (head: String, body: [UInt8]) {
    let head = try readHead()
    let length =
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
    while received.count < length { try readMore() }
    defer { received.removeFirst(length) }
    return (head, Array(received[..<length]))
  }

  /// Reads a request's head alone; the body stays where it is.
  @discardableResult
  func readHead() throws -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if received.count >= end.count,
        let start = (0...(received.count - end.count)).first(where: {
          received[$0..<$0 + end.count].elementsEqual(end)
        })
      {
        defer { received.removeFirst(start + end.count) }
        return String(decoding: received[..<start], as: UTF8.self)
      }
      try readMore()
    }
  }

  /// Reads bytes, whatever they are.
  func readSome() throws { try readMore() }

  /// Waits until the client ends the connection, in whichever way.
  func waitForEnd() {
    var isOpen = true
    while isOpen { isOpen = (try? readSocket())?.isEmpty == false }
    report("ended")
  }

  /// Waits until the test tells the word.
  func wait(for word: String) throws {
    for _ in 0..<50_000 {
      if server.take(word) { return }
      usleep(1000)
    }
    throw ScriptError(what: "nobody said \(word)")
  }

  /// Waits until the client's kernel has taken all that was sent. What it has, the client reads
  /// even if a reset follows.
  func waitForAcknowledgement() {
    var unsent: Int32 = 1
    // SAFETY: SIOCOUTQ writes one int.
    while unsafe ioctl(socket, UInt(TIOCOUTQ), &unsent) == 0, unsent > 0 { usleep(1000) }
  }

  private func readMore() throws {
    guard let session else {
      let bytes = try readSocket()
      guard !bytes.isEmpty else { throw ScriptError(what: "the client ended") }
      received += bytes
      return
    }
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      var span = buffer.mutableSpan
      let outcome = try session.read(into: &span)
      switch outcome {
      case .bytes(let count):
        received += buffer[..<count]
        return
      case .closed:
        throw ScriptError(what: "the client ended")
      case .needsCiphertext:
        let bytes = try readSocket()
        guard !bytes.isEmpty else { throw ScriptError(what: "the client ended") }
        session.receive(bytes.span)
      }
    }
  }

  private func readSocket() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    // SAFETY: at most the buffer's size is written.
    let count = unsafe recv(socket, &buffer, buffer.count, 0)
    guard count >= 0 else { throw ScriptError(what: "nothing came") }
    return Array(buffer[..<count])
  }

  // MARK: Writing

  func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  func send(_ bytes: [UInt8]) throws {
    guard let session else { return try sendSocket(bytes.span) }
    var sent = 0
    while sent < bytes.count {
      let outcome = try session.write(bytes.span.extracting(droppingFirst: sent))
      if case .wrote(let count) = outcome { sent += count }
      try flush()
    }
  }

  private func flush() throws {
    guard let session else { return }
    let bytes = session.withPendingCiphertext { bytes in bytes.indices.map { bytes[$0] } }
    session.markSent(bytes.count)
    try sendSocket(bytes.span)
  }

  private func sendSocket(_ bytes: Span<UInt8>) throws {
    var sent = 0
    while sent < bytes.count {
      // SAFETY: the bytes are read during the call.
      let count = unsafe bytes.extracting(droppingFirst: sent).withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw ScriptError(what: "nothing can be sent") }
      sent += count
    }
  }

  // MARK: Ending

  /// Ends the connection as it should be, with close_notify where TLS is spoken.
  func close() {
    guard socket >= 0 else { return }
    session?.close()
    try? flush()
    Glibc.close(socket)
    socket = -1
  }

  /// Ends the connection without close_notify.
  func closeWithoutNotice() {
    Glibc.close(socket)
    socket = -1
  }

  /// Ends the connection with a reset.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    // SAFETY: the option's value is a linger, and lives for the call.
    unsafe setsockopt(
      socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    closeWithoutNotice()
  }
}
