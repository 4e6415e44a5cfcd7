// The server's side of TLS.

import Crypto
import TLS

extension FuzzTarget {
  static let tlsRecords = FuzzTarget(
    name: "tls-records",
    property: "whatever bytes come, nobody is served who did not finish a handshake"
  ) { input in
    let session = TLSSession(server: Authority.shared.server)
    for piece in Cuts.pieces(of: input) {
      session.receive(piece.span)
      guard serve(session).isEmpty else { violated("plaintext without a handshake") }
    }
    session.receiveEnd()
    guard serve(session).isEmpty, !session.isEstablished else {
      violated("a session without a handshake")
    }
  }

  static let tlsTampering = FuzzTarget(
    name: "tls-tampering",
    property: "however a client's bytes are changed on the way, what is read is what was sent"
  ) { input in
    let client = TLSSession(client: Authority.shared.client, peer: Authority.shared.name)
    let server = TLSSession(server: Authority.shared.server)
    let message = Array("POST /hooks/ci/app HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    var line = TamperedLine(edits: input)
    var received: [UInt8] = []
    var sentCount = 0
    // The handshake takes three flights; more rounds are for what tampering holds back.
    for _ in 0..<6 {
      if sentCount < message.count, (try? client.handshake()) == .complete,
        case .wrote(let count)? = try? client.write(
          message.span.extracting(droppingFirst: sentCount))
      {
        sentCount += count
      }
      _ = serve(client)
      server.receive(line.carry(takePending(of: client)).span)
      received += serve(server)
      client.receive(takePending(of: server).span)
    }
    guard received.elementsEqual(message.prefix(received.count)) else {
      violated("\(received) was read, and never sent")
    }
    if input.isEmpty, received != message { violated("an untouched handshake fails") }
  }

  /// Goes on with a session and returns what it has to say.
  private static func serve(_ session: TLSSession) -> [UInt8] {
    var plaintext: [UInt8] = []
    let room = 4096
    while true {
      var count = 0
      var outcome: TLSReadOutcome?
      let piece = [UInt8](capacity: room) { output in
        outcome = try? session.read(into: &output)
        count = output.count
      }
      plaintext += piece
      guard case .bytes(let said)? = outcome else { return plaintext }
      guard said == count, said > 0 else { violated("\(said) bytes are \(count)") }
    }
  }

  private static func takePending(of session: TLSSession) -> [UInt8] {
    let bytes = session.withPendingCiphertext { span in
      [UInt8](capacity: span.count) { output in
        for index in span.indices { output.append(span[index]) }
      }
    }
    session.markSent(bytes.count)
    return bytes
  }
}

/// A line that changes bytes. Each edit is four bytes of the input: the place, in two, what to do,
/// and with which value.
private struct TamperedLine {
  private var edits: [Int: (operation: UInt8, value: UInt8)] = [:]
  private var position = 0

  init(edits input: [UInt8]) {
    for start in stride(from: 0, to: input.count - 3, by: 4) {
      let place = Int(input[start]) << 8 | Int(input[start + 1])
      edits[place] = (input[start + 2], input[start + 3])
    }
  }

  mutating func carry(_ bytes: [UInt8]) -> [UInt8] {
    var carried: [UInt8] = []
    for byte in bytes {
      if let (operation, value) = edits[position] {
        switch operation % 4 {
        case 0: carried.append(byte ^ value)
        case 1: carried += [byte, value]
        case 2: break
        default: carried += [byte, byte]
        }
      } else {
        carried.append(byte)
      }
      position += 1
    }
    return carried
  }
}

/// Certificates for both ends, made once.
private final class Authority: Sendable {
  let server: TLSServerContext
  let client: TLSClientContext
  let name: TLSPeerName

  static let shared = Authority()

  private init() {
    do {
      let authority = try CertificateAuthority(commonName: "fuzz")
      name = try TLSPeerName("localhost")
      server = try TLSServerContext(
        identity: authority.issue(
          CertificateRequest(use: .server, commonName: "localhost", names: [name])))
      client = try TLSClientContext(trust: .certificates(pem: authority.certificatePEM))
    } catch {
      fatalError("no certificates: \(error)")
    }
  }
}
