// The name a client dials, which the server's certificate must carry (RFC 9525).

import COpenSSL
import Crypto

/// A host name or an IP address that a certificate can be checked against.
package struct TLSPeerName: Hashable, Sendable, CustomStringConvertible {
  /// What the text is.
  package enum Kind: Hashable, Sendable {
    case hostName
    case ipAddress
  }

  package let kind: Kind
  /// The name without brackets and without the root's dot.
  package let text: String

  package var description: String { text }

  /// Takes `example.test`, `example.test.`, `127.0.0.1`, `::1` or `[::1]`.
  ///
  /// - Throws: ``TLSConfigurationError/invalidName(_:)`` for anything else. A leading dot would
  ///   mean "any name below" to OpenSSL, and a NUL would end the name early: neither passes.
  package init(_ text: String) throws(TLSConfigurationError) {
    var name = Substring(text)
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    let plain = String(name)
    if plain.utf8.allSatisfy(Self.isAddressByte), Self.isAddress(plain) {
      self.kind = .ipAddress
      self.text = plain
      return
    }
    if name.hasSuffix(".") { name = name.dropLast() }
    guard name.startIndex == text.startIndex, Self.isHostName(name) else {
      throw .invalidName(text)
    }
    self.kind = .hostName
    self.text = String(name)
  }

  private static func isHostName(_ name: Substring) -> Bool {
    guard name.utf8.count <= hostNameByteCountMax else { return false }
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      !label.isEmpty && label.count <= labelByteCountMax && label.allSatisfy(isHostNameByte)
    }
  }

  private static func isHostNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isAddressByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"):
      true
    default: false
    }
  }

  private static func isAddress(_ text: String) -> Bool {
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    // SAFETY: the string is copied; the result is freed at once, which NULL allows.
    let address = unsafe a2i_IPADDRESS(text)
    defer { unsafe ASN1_OCTET_STRING_free(address) }
    return unsafe address != nil
  }

  /// RFC 1035 §2.3.4.
  private static let hostNameByteCountMax = 253
  private static let labelByteCountMax = 63
}
