import Glibc
import HTTPWire
import Logging
import Reactor
import Synchronization
import TLS
import Testing

@testable import HTTPServer

/// A server on a loop of its own, the handler behind it, and clients on another loop.
struct Fixture {
  let handler = EchoHandler()
  let clock: ManualClock?
  let server: HTTPServer
  let address: SocketAddress
  private let serverLoops: EventLoopGroup
  private let clientLoops: EventLoopGroup

  init(
    clock: ManualClock? = nil, loopCount: Int = 1,
    _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
  ) throws {
    self.clock = clock
    serverLoops = try EventLoopGroup(loopCount: loopCount, clock: clock ?? SystemMonotonicClock())
    clientLoops = try EventLoopGroup(loopCount: 1)
    var configuration = HTTPServerConfiguration(
      listeners: [SocketAddress(host: .loopbackV4, port: 0)])
    change(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    server = HTTPServer(
      configuration: configuration, loops: serverLoops, handler: handler, logger: logger)
    address = try #require(server.start()[0].socketAddress)
  }

  /// Runs a client's side, then stops everything.
  func run(_ body: @escaping @Sendable (Fixture) async throws -> Void) async throws {
    let fixture = self
    let outcome = await Task(executorPreference: clientLoops.loops[0]) {
      try await body(fixture)
    }.result
    await server.stop(deadline: .zero)
    clientLoops.stop()
    serverLoops.stop()
    try outcome.get()
  }

  /// A new connection to the server.
  func connect() async throws -> Client {
    let loop = clientLoops.loops[0]
    return Client(
      try await ByteStream.connect(
        to: address, on: loop, deadline: loop.now.advanced(by: .seconds(10))))
  }

  /// Sends bytes on a new connection and reads until the server ends it.
  func exchange(_ text: String) async throws -> String {
    let client = try await connect()
    try await client.send(text)
    return try await client.receiveAll()
  }

  /// Waits until the server's first loop has handled everything it was told of.
  func settle() async throws {
    let loop = serverLoops.loops[0]
    for _ in 0..<10 { try await loop.run { await loop.yield() } }
  }
}

/// A client that says exactly what it is told to.
final class Client: Sendable {
  let stream: ByteStream
  private let received = Mutex<[UInt8]>([])

  init(_ stream: ByteStream) {
    self.stream = stream
  }

  private var deadline: MonotonicInstant { stream.loop.now.advanced(by: .seconds(20)) }

  func send(_ text: String) async throws {
    try await send(Array(text.utf8))
  }

  func send(_ bytes: [UInt8]) async throws {
    try await stream.write(bytes, stallLimit: .seconds(20))
  }

  /// Everything up to the server's end of the connection.
  func receiveAll() async throws -> String {
    while try await receiveMore() {}
    stream.close()
    return take(received.withLock { $0.count })
  }

  /// Everything up to and including the first occurrence of a text.
  func receive(through text: String) async throws -> String {
    while true {
      let end = received.withLock { bytes -> Int? in
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count else { return nil }
        return (0...bytes.count - wanted.count)
          .first { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
          .map { $0 + wanted.count }
      }
      if let end { return take(end) }
      guard try await receiveMore() else {
        Issue.record("the connection ended before \"\(text)\"")
        return take(received.withLock { $0.count })
      }
    }
  }

  private func receiveMore() async throws -> Bool {
    try await stream.read(deadline: deadline) { span in
      received.withLock { bytes in
        // SAFETY: the buffer is copied within the call.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
      }
    } > 0
  }

  private func take(_ count: Int) -> String {
    received.withLock { bytes in
      defer { bytes.removeFirst(count) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }
}

/// Keeps what it is shown of a body.
// `@unchecked Sendable`: on its connection's loop only.
final class Witness: HTTPBodyObserver, @unchecked Sendable {
  private(set) var seen: [UInt8] = []

  func receive(_ bytes: Span<UInt8>) {
    for index in bytes.indices { seen.append(bytes[index]) }
  }
}

/// Answers by path, and remembers what it was asked.
final class EchoHandler: HTTPHandler {
  private struct State {
    var requests: [String] = []
    var held: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let business = Business()

  /// The requests that were handed over, as "METHOD path body-length".
  var requests: [String] { state.withLock { $0.requests } }

  /// How many requests to `/held` wait.
  var heldCount: Int { state.withLock { $0.held.count } }

  /// Whether a request to `/busy` keeps its loop's thread.
  var isBusy: Bool { business.isHeld.load(ordering: .acquiring) }

  /// Lets the loop's thread go.
  func endBusyness() {
    business.isHeld.store(false, ordering: .releasing)
  }

  /// Lets the requests to `/held` be answered.
  func release() {
    let held = state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission {
    switch head.path {
    case "/refused": .answer(.text(.notFound, "no\n"))
    case "/now": .answer(.text(.ok, "now"))
    case "/now/streamed":
      .answer(HTTPResponse(.ok, body: .stream { try await $0.write(Array("bit by bit".utf8)) }))
    case "/observed": .accept(bodyLimit: 4 << 20, observer: Witness())
    case "/small": .accept(bodyLimit: 10)
    default: .accept(bodyLimit: 4 << 20)
    }
  }

  func respond(to request: HTTPRequest) -> HTTPAnswer {
    switch request.head.path {
    case "/at-once": .now(.text(.ok, "at once \(request.body.count)"))
    case "/at-once/large":
      .now(HTTPResponse(.ok, body: .bytes([UInt8](repeating: 0x78, count: 8 << 20))))
    case "/at-once/streamed":
      .now(HTTPResponse(.ok, body: .stream { try await $0.write(Array("bit by bit".utf8)) }))
    default: .later { await self.answer(to: request) }
    }
  }

  private func answer(to request: HTTPRequest) async -> HTTPResponse {
    state.withLock {
      $0.requests.append("\(request.head.method) \(request.head.path) \(request.body.count)")
    }
    switch request.head.path {
    case "/observed":
      let seen = (request.observer as? Witness)?.seen
      return .text(.ok, seen == request.body ? "seen \(request.body.count)" : "not seen")
    case "/held":
      await withCheckedContinuation { continuation in
        state.withLock { $0.held.append(continuation) }
      }
      return .text(.ok, "held")
    case "/busy":
      business.isHeld.store(true, ordering: .releasing)
      while isBusy { sched_yield() }
      return .text(.ok, "busy")
    case "/identity":
      let identity = request.peerIdentity
      return .text(
        .ok, "\(identity?.commonName ?? "nobody") \((identity?.organizations ?? []).joined())")
    case "/peer": return .text(.ok, "\(request.peer)")
    case "/empty": return HTTPResponse(.noContent)
    case "/wrong": return HTTPResponse(.ok, fields: ["X-Bad": "a\r\nb: c"])
    case "/last": return HTTPResponse(.ok, body: .bytes([0x62]), closesConnection: true)
    case "/large":
      return HTTPResponse(.ok, body: .bytes([UInt8](repeating: 0x78, count: 8 << 20)))
    case "/count":
      return HTTPResponse(
        .ok,
        body: .stream { writer in
          for index in 1...3 { try await writer.write(Array("\(index)\n".utf8)) }
        })
    case "/broken":
      return HTTPResponse(
        .ok,
        body: .stream { writer in
          try await writer.write([0x61])
          throw Broken()
        })
    case "/watch":
      return HTTPResponse(
        .ok,
        body: .stream { [self] writer in
          try await writer.write(Array("begun\n".utf8))
          do {
            try await Task.sleep(for: .seconds(3600))
          } catch {
            state.withLock { $0.requests.append("watch ended") }
            try await writer.write(Array("late\n".utf8))
          }
        })
    default:
      return HTTPResponse(.ok, body: .bytes(request.body.isEmpty ? [0x2d] : request.body))
    }
  }

  struct Broken: Error {}

  private final class Business: Sendable {
    let isHeld = Atomic(false)
  }
}

extension String {
  /// How often a text occurs.
  func count(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }

  /// The status codes of the responses in it.
  var statuses: [String] {
    split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst()
      .map { String($0.prefix(3)) }
  }
}
