// What is said to a proxy before the connection leads through it, as a value.
//
//   CONNECT   head → answer                                  (RFC 9110 §9.3.6)
//   SOCKS 5   methods → method [ → credentials → verdict ] → request → reply   (RFC 1928, RFC 1929)

import Bytes
import Reactor

/// One negotiation. The driver repeats ``next()``, sends what it is told to and gives what comes to
/// ``receive(_:)``.
///
/// *Limits.* An answer's head may have ``answerByteCountMax`` bytes.
struct ProxyNegotiation: Sendable {
  enum Step: Equatable {
    case send([UInt8])
    case needData
    /// The connection leads to the server.
    case complete
  }

  private enum Phase {
    case connectRequest, connectAnswer
    case methods, method, verdict, request, reply
    case complete
  }

  static let answerByteCountMax = 32 * 1024

  private let host: String
  private let port: UInt16
  private let credentials: HTTPProxy.Credentials?
  private var phase: Phase
  private var received: [UInt8] = []

  init(_ proxy: HTTPProxy, toHost host: String, port: UInt16) {
    self.host = host
    self.port = port
    credentials = proxy.credentials
    switch proxy.kind {
    case .http, .https: phase = .connectRequest
    case .socks5: phase = .methods
    }
  }

  mutating func receive(_ bytes: Span<UInt8>) {
    for index in bytes.indices { received.append(bytes[index]) }
  }

  mutating func next() throws(HTTPProxyError) -> Step {
    switch phase {
    case .connectRequest:
      phase = .connectAnswer
      return .send(connectRequest)
    case .connectAnswer: return try readAnswer()
    case .methods:
      phase = .method
      return .send(credentials == nil ? [5, 1, 0] : [5, 2, 0, 2])
    case .method: return try readMethod()
    case .verdict:
      guard let reply = try take(2) else { return .needData }
      guard reply[1] == 0 else { throw .credentials }
      phase = .reply
      return .send(socksRequest)
    case .request:
      phase = .reply
      return .send(socksRequest)
    case .reply: return try readReply()
    case .complete: return .complete
    }
  }

  /// The first bytes that were received, taken; nil while there are not so many.
  private mutating func take(_ count: Int) throws(HTTPProxyError) -> [UInt8]? {
    guard received.count >= count else { return nil }
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  /// The server speaks only when it is spoken to: what else is there now came from somebody else.
  private mutating func finish() throws(HTTPProxyError) -> Step {
    guard received.isEmpty else { throw .malformed }
    phase = .complete
    return .complete
  }
}

// MARK: - CONNECT

extension ProxyNegotiation {
  private var connectRequest: [UInt8] {
    let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    var text = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n"
    if let credentials {
      let pair = credentials.user + [UInt8(ascii: ":")] + credentials.password
      text += "Proxy-Authorization: Basic \(Base64.encode(pair))\r\n"
    }
    return Array("\(text)\r\n".utf8)
  }

  /// Of the answer only the status means something; its fields are the proxy's affair.
  private mutating func readAnswer() throws(HTTPProxyError) -> Step {
    while true {
      guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else {
        guard received.count <= Self.answerByteCountMax else { throw .malformed }
        return .needData
      }
      let status = try Self.status(received[..<end.lowerBound])
      received.removeFirst(end.upperBound)
      switch status {
      case 100..<200: continue
      case 200..<300: return try finish()
      default: throw .refused(status: status)
      }
    }
  }

  /// `HTTP/1.x 200[ reason]`
  private static func status(_ head: ArraySlice<UInt8>) throws(HTTPProxyError) -> Int {
    let line = head.prefix { $0 != UInt8(ascii: "\r") }
    guard line.starts(with: "HTTP/1.".utf8), line.count >= 12,
      line[8] == UInt8(ascii: " "), line.count == 12 || line[12] == UInt8(ascii: " "),
      let status = Decimal.parse(line[9..<12]), (100...599).contains(status)
    else { throw .malformed }
    return Int(status)
  }
}

// MARK: - SOCKS

extension ProxyNegotiation {
  private mutating func readMethod() throws(HTTPProxyError) -> Step {
    guard let choice = try take(2) else { return .needData }
    guard choice[0] == 5 else { throw .malformed }
    switch (choice[1], credentials) {
    case (0, _):
      phase = .request
      return try next()
    case (2, let credentials?):
      phase = .verdict
      let user = credentials.user.prefix(255)
      let password = credentials.password.prefix(255)
      return .send(
        [1, UInt8(user.count)] + user + [UInt8(password.count)] + password)
    default: throw .credentials
    }
  }

  private var socksRequest: [UInt8] {
    var request: [UInt8] = [5, 1, 0]
    if let address = IPAddress(host) {
      let octets = address.octets
      request += [octets.count == 4 ? 1 : 4] + octets
    } else {
      let name = host.utf8.prefix(255)
      request += [3, UInt8(name.count)] + name
    }
    return request + [UInt8(port >> 8), UInt8(port & 0xFF)]
  }

  private mutating func readReply() throws(HTTPProxyError) -> Step {
    guard received.count >= 5 else { return .needData }
    guard received[0] == 5 else { throw .malformed }
    guard received[1] == 0 else { throw .failed(reply: received[1]) }
    let addressByteCount: Int
    switch received[3] {
    case 1: addressByteCount = 4
    case 3: addressByteCount = 1 + Int(received[4])
    case 4: addressByteCount = 16
    default: throw .malformed
    }
    guard try take(4 + addressByteCount + 2) != nil else { return .needData }
    return try finish()
  }
}

extension IPAddress {
  /// The address in network order, 4 or 16 bytes.
  fileprivate var octets: [UInt8] {
    func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
      stride(from: Number.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: number >> Number($0))
      }
    }
    return switch self {
    case .v4(let address): bytes(address)
    case .v6(let high, let low, _): bytes(high) + bytes(low)
    }
  }
}
