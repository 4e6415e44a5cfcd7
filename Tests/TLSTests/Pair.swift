import Testing

@testable import TLS

/// How many bytes are carried from one end to the other at a time.
enum Feed: CaseIterable, Sendable {
  case whole
  case byteByByte

  var byteCountMax: Int {
    switch self {
    case .whole: .max
    case .byteByByte: 1
    }
  }
}

/// A client and a server whose wires are tied together.
final class Pair {
  let client: TLSSession
  let server: TLSSession
  let feed: Feed

  init(
    client: TLSClientContext, server: TLSServerContext, dialling name: String,
    feed: Feed = .whole
  ) throws {
    self.client = TLSSession(client: client, peer: try TLSPeerName(name))
    self.server = TLSSession(server: server)
    self.feed = feed
  }

  /// Carries all that is pending one way; answers whether there was anything.
  @discardableResult
  func carry(from sender: TLSSession, to receiver: TLSSession) -> Bool {
    var carried = false
    while sender.pendingByteCount > 0 {
      let bytes = sender.withPendingCiphertext { pending in
        (0..<min(pending.count, feed.byteCountMax)).map { pending[$0] }
      }
      sender.markSent(bytes.count)
      receiver.receive(bytes.span)
      carried = true
      if feed == .byteByByte, !receiver.isEstablished { _ = try? receiver.handshake() }
    }
    return carried
  }

  /// Runs both handshakes to their ends, good or bad.
  func handshake() -> (client: Result<Bool, TLSError>, server: Result<Bool, TLSError>) {
    var moved = true
    while moved {
      _ = try? client.handshake()
      _ = try? server.handshake()
      moved = carry(from: client, to: server)
      moved = carry(from: server, to: client) || moved
    }
    return (state(of: client), state(of: server))
  }

  private func state(of session: TLSSession) -> Result<Bool, TLSError> {
    Result { () throws(TLSError) in try session.handshake() == .complete }
  }
}

/// What `session` reads until it stops, at most `room` bytes at a time.
func readAll(
  _ session: TLSSession, room: Int = 4096
) throws(TLSError) -> (bytes: [UInt8], end: TLSReadOutcome) {
  var buffer = [UInt8](repeating: 0, count: room)
  var bytes: [UInt8] = []
  while true {
    var span = buffer.mutableSpan
    switch try session.read(into: &span) {
    case .bytes(let count): bytes += buffer[..<count]
    case let end: return (bytes, end)
    }
  }
}

/// An authority and contexts that the tests share; making keys costs more than a handshake.
struct Fixture {
  let authority: CertificateAuthority
  let stranger: CertificateAuthority
  let server: TLSServerContext
  let client: TLSClientContext

  init() throws {
    authority = try CertificateAuthority(commonName: "hookline test CA")
    stranger = try CertificateAuthority(commonName: "another CA")
    server = try TLSServerContext(
      identity: authority.issue(
        CertificateRequest(
          use: .server, commonName: "server",
          names: [
            TLSPeerName("api.example.test"), TLSPeerName("127.0.0.1"), TLSPeerName("::1"),
          ])))
    client = try TLSClientContext(trust: .certificates(pem: authority.certificatePEM))
  }

  static let shared = Result { try Fixture() }
}
