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
    property: "however the bytes are changed on the way, what is read is what was sent"
  ) { input in
    let client = TLSSession(client: Authority.shared.client, peer: Authority.shared.name)
    let server = TLSSession(server: Authority.shared.server)
    var request = Sender("POST /hooks/ci/app HTTP/1.1\r\nHost: localhost\r\n\r\n")
    var answer = Sender("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    var up = TamperedLine(edits: input, .up)
    var down = TamperedLine(edits: input, .down)
    var requested: [UInt8] = []
    var answered: [UInt8] = []
    // The handshake takes three flights; more rounds are for what tampering holds back.
    for _ in 0..<6 {
      request.write(to: client)
      answered += serve(client)
      server.receive(up.carry(takePending(of: client)).span)
      requested += serve(server)
      answer.write(to: server)
      client.receive(down.carry(takePending(of: server)).span)
    }
    answered += serve(client)
    for (read, sent) in [(requested, request.message), (answered, answer.message)] {
      guard read.elementsEqual(sent.prefix(read.count)) else {
        violated("\(read) was read, and never sent")
      }
      if input.isEmpty, read != sent { violated("an untouched connection fails") }
    }
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

/// What one end has to say, once its handshake is complete.
private struct Sender {
  let message: [UInt8]
  private var sentCount = 0

  init(_ text: String) {
    message = Array(text.utf8)
  }

  mutating func write(to session: TLSSession) {
    guard sentCount < message.count, (try? session.handshake()) == .complete,
      case .wrote(let count)? = try? session.write(
        message.span.extracting(droppingFirst: sentCount))
    else { return }
    sentCount += count
  }
}

/// A line that changes what it carries one way. Each edit is four bytes of the input: the place, in
/// two, what to do and which way, and with which value. A place is that of a byte, or the number of a
/// record.
private struct TamperedLine {
  enum Direction {
    case up
    case down
  }

  private var byteEdits: [Int: (operation: UInt8, value: UInt8)] = [:]
  private var recordEdits: [Int: UInt8] = [:]
  private var position = 0
  private var recordNumber = 0
  /// A record that is sent behind the one after it.
  private var heldBack: [UInt8] = []

  init(edits input: [UInt8], _ direction: Direction) {
    for start in stride(from: 0, to: input.count - 3, by: 4) {
      let place = Int(input[start]) << 8 | Int(input[start + 1])
      let operation = input[start + 2]
      guard (operation & 0x80 == 0) == (direction == .up) else { continue }
      if operation & 0x40 == 0 {
        byteEdits[place] = (operation, input[start + 3])
      } else {
        // A connection has few records.
        recordEdits[place % 16] = operation
      }
    }
  }

  mutating func carry(_ bytes: [UInt8]) -> [UInt8] {
    var carried: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      // RFC 8446 §5.1: type, version, length.
      let head = Array(rest.prefix(5))
      let count = head.count < 5 ? rest.count : 5 + (Int(head[3]) << 8 | Int(head[4]))
      carried += changed(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return carried.flatMap { changed($0) }
  }

  private mutating func changed(_ record: [UInt8]) -> [UInt8] {
    defer { recordNumber += 1 }
    let late = heldBack
    heldBack = []
    switch recordEdits[recordNumber].map({ $0 % 4 }) {
    case nil: return record + late
    case 0: return late
    case 1: return record + record + late
    case 2:
      heldBack = record
      return late
    default:
      // Two records of the half each; a protected one cannot be cut so.
      let half = 5 + (record.count - 5) / 2
      guard record.count > 6, case let rest = record[half...] else { return record + late }
      let length = { (count: Int) in [UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)] }
      return record[..<3] + length(half - 5) + record[5..<half] + record[..<3] + length(rest.count)
        + rest + late
    }
  }

  private mutating func changed(_ byte: UInt8) -> [UInt8] {
    defer { position += 1 }
    guard let (operation, value) = byteEdits[position] else { return [byte] }
    switch operation % 4 {
    case 0: return [byte ^ value]
    case 1: return [byte, value]
    case 2: return []
    default: return [byte, byte]
    }
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
