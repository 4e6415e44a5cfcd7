// The header with which a proxy says, before the first byte of a connection, whose connection it is.
//
//   version 1 = "PROXY" SP ("TCP4" / "TCP6") SP address SP address SP port SP port CRLF
//             / "PROXY UNKNOWN" *OCTET CRLF                         at most 107 bytes
//   version 2 = signature, 12 bytes
//               version and command, 1 byte     0x20 LOCAL, 0x21 PROXY
//               family and transport, 1 byte    0x00 unspecified, 0x11 TCP over IPv4, 0x21 over IPv6
//               length, 2 bytes                 of what follows, the most significant byte first
//               addresses and ports: 12 bytes, or 36 of IPv6; then extensions, which are skipped
//
// Addresses and ports are the source's and then the destination's. What a connection starts with is
// either one of these or an error: it is never taken for the protocol behind it.
//
// Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt §2.1, §2.2. Stricter than it in
// one thing: of version 2, only TCP is taken, and what is of another family is an error.

import Bytes
package import Reactor

/// Whose connection a proxy has handed on.
package enum ProxyHeader: Equatable, Sendable {
  /// The proxy's own, such as a health check, or one that it cannot name: the peer is who it is.
  case local
  /// A client's, who is at this address.
  case client(SocketAddress)

  /// Reads a header at the beginning of a connection's bytes.
  ///
  /// - Returns: what it says and how long it is; nil when more must arrive.
  ///
  /// *Limits*: 107 bytes of version 1, ``byteLimit`` of version 2.
  ///
  /// *Errors*: ``ProxyHeaderError``, as soon as the bytes cannot become a header.
  package static func parse(
    _ bytes: [UInt8]
  ) throws(ProxyHeaderError) -> (header: ProxyHeader, byteCount: Int)? {
    if bytes.starts(with: binarySignature.prefix(bytes.count)) {
      return try parseBinary(bytes)
    }
    guard bytes.starts(with: textSignature.prefix(bytes.count)) else { throw .noHeader }
    return try parseText(bytes)
  }

  /// The most bytes that a header of version 2 may have: the addresses and 500 bytes of extensions
  /// are what every receiver has to take, certificates of clients may be among them.
  package static let byteLimit = 4096

  private static let textSignature = Array("PROXY ".utf8)
  private static let binarySignature: [UInt8] = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]
}

// MARK: - Version 1

extension ProxyHeader {
  /// The longest line, with its end.
  private static let lineByteLimit = 107

  private static func parseText(
    _ bytes: [UInt8]
  ) throws(ProxyHeaderError) -> (header: ProxyHeader, byteCount: Int)? {
    guard let end = bytes.prefix(lineByteLimit).firstIndex(of: UInt8(ascii: "\n")) else {
      guard bytes.count < lineByteLimit else { throw .tooLong(limit: lineByteLimit) }
      return nil
    }
    guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else { throw .invalidLine }
    let line = bytes[..<(end - 1)]
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard words.count >= 2 else { throw .invalidLine }
    if words[1] == "UNKNOWN" { return (.local, end + 1) }
    guard words.count == 6, let family = Family(rawValue: words[1]),
      let source = family.address(words[2]), family.address(words[3]) != nil,
      let sourcePort = port(words[4]), port(words[5]) != nil
    else { throw .invalidLine }
    return (.client(SocketAddress(host: source, port: sourcePort)), end + 1)
  }

  private enum Family: String {
    case v4 = "TCP4"
    case v6 = "TCP6"

    /// An address of the family. One of IPv4 that is mapped into IPv6 is the IPv4 address.
    func address(_ text: String) -> IPAddress? {
      guard let address = IPAddress(text) else { return nil }
      return text.utf8.contains(UInt8(ascii: ":")) == (self == .v6) ? address : nil
    }
  }

  private static func port(_ text: String) -> UInt16? {
    guard text == "0" || text.utf8.first != UInt8(ascii: "0") else { return nil }
    return Decimal.parse(text.utf8).flatMap { UInt16(exactly: $0) }
  }
}

// MARK: - Version 2

extension ProxyHeader {
  /// The signature, the two bytes after it and the length.
  private static let fixedByteCount = 16

  private static func parseBinary(
    _ bytes: [UInt8]
  ) throws(ProxyHeaderError) -> (header: ProxyHeader, byteCount: Int)? {
    // An error is one as soon as its byte is there.
    let isLocal = try bytes.count > 12 ? isLocal(bytes[12]) : false
    let family = bytes.count > 13 ? bytes[13] : 0
    let addressByteCount = try isLocal ? 0 : addressByteCount(family)
    guard bytes.count >= fixedByteCount else { return nil }
    let length = Int(bytes[14]) << 8 | Int(bytes[15])
    let total = fixedByteCount + length
    guard total <= byteLimit else { throw .tooLong(limit: byteLimit) }
    guard length >= addressByteCount else { throw .tooShort }
    guard bytes.count >= total else { return nil }
    switch addressByteCount {
    case 12:
      return (.client(address(.v4(UInt32(number(bytes[16..<20]))), bytes[24..<26])), total)
    case 36:
      let high = number(bytes[16..<24])
      let host = IPAddress(high: high, low: number(bytes[24..<32]))
      return (.client(address(host, bytes[48..<50])), total)
    default: return (.local, total)
    }
  }

  private static func isLocal(_ byte: UInt8) throws(ProxyHeaderError) -> Bool {
    switch byte {
    case 0x20: true
    case 0x21: false
    default: throw .unknownCommand(byte)
    }
  }

  private static func addressByteCount(_ family: UInt8) throws(ProxyHeaderError) -> Int {
    switch family {
    case 0x00: 0
    case 0x11: 12
    case 0x21: 36
    default: throw .unknownFamily(family)
    }
  }

  private static func address(_ host: IPAddress, _ port: ArraySlice<UInt8>) -> SocketAddress {
    SocketAddress(host: host, port: UInt16(truncatingIfNeeded: number(port)))
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Why a connection does not start with a proxy's header. All are the proxy's fault, or that of who
/// configured it; the connection is closed without an answer, as the specification asks.
package enum ProxyHeaderError: Error, Equatable, Sendable {
  case noHeader
  case invalidLine
  case tooLong(limit: Int)
  /// The length of version 2 leaves no room for the addresses.
  case tooShort
  case unknownCommand(UInt8)
  case unknownFamily(UInt8)
}

extension ProxyHeaderError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noHeader: "the connection does not start with a PROXY protocol header"
    case .invalidLine: "the PROXY protocol line is malformed"
    case .tooLong(let limit): "the PROXY protocol header has more than \(limit) bytes"
    case .tooShort: "the PROXY protocol header is too short for its addresses"
    case .unknownCommand(let byte): "unknown PROXY protocol version or command \(byte)"
    case .unknownFamily(let byte): "unknown PROXY protocol family \(byte): only TCP is served"
    }
  }
}
