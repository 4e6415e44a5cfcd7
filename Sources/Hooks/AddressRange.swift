// A range of IP addresses, as allow-lists name them.
//
//   range  = address [ "/" prefix ]          without a prefix the one address
//   prefix = 1*3DIGIT                        0 to 32, or 0 to 128; no leading zero
//
// Source: RFC 4632 §3.1, RFC 4291 §2.2 and §2.3. Stricter than most tools in one thing: bits beyond
// the prefix must be zero, because whoever wrote 192.0.2.7/24 meant either the one or the other.

import Bytes

/// The IPv4 or IPv6 addresses with the same first bits.
///
/// An IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address, in a range and
/// when it is asked for. No range holds addresses of both families.
package struct AddressRange: Hashable, Sendable {
  /// The width of an address.
  private enum Family: Int {
    case v4 = 32
    case v6 = 128
  }

  private let family: Family
  /// The first address; one of IPv4 is in the last 32 bits.
  private let address: AddressBits
  private let prefixLength: Int

  /// Reads a range.
  ///
  /// *Errors*: ``AddressRangeError``, the operator's.
  package init(parsing text: String) throws(AddressRangeError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var family = Family.v4
    var address: AddressBits
    if let value = AddressText.v4(parts[0].utf8) {
      address = AddressBits(high: 0, low: UInt64(value))
    } else if let value = AddressText.v6(parts[0]) {
      family = .v6
      address = value
    } else {
      throw .noAddress(String(parts[0]))
    }
    var prefixLength = family.rawValue
    if parts.count == 2 {
      guard let value = Self.prefixLength(parts[1]), value <= family.rawValue else {
        throw .invalidPrefix(String(parts[1]), limit: family.rawValue)
      }
      prefixLength = value
    }
    if family == .v6, let mapped = address.mappedV4, prefixLength >= Self.mappedPrefixLength {
      family = .v4
      address = AddressBits(high: 0, low: UInt64(mapped))
      prefixLength -= Self.mappedPrefixLength
    }
    self.init(family, address.clearingLast(family.rawValue - prefixLength), prefixLength)
    guard self.address == address else { throw .bitsBeyondPrefix(text, range: description) }
  }

  private init(_ family: Family, _ address: AddressBits, _ prefixLength: Int) {
    self.family = family
    self.address = address
    self.prefixLength = prefixLength
  }

  /// Whether an IPv4 address, its first octet the highest, is in the range.
  package func contains(v4 value: UInt32) -> Bool {
    contains(AddressBits(high: 0, low: UInt64(value)), of: .v4)
  }

  /// Whether an IPv6 address, in two halves with its first octet the highest, is in the range.
  package func contains(v6High high: UInt64, low: UInt64) -> Bool {
    let address = AddressBits(high: high, low: low)
    if let mapped = address.mappedV4 { return contains(v4: mapped) }
    return contains(address, of: .v6)
  }

  private func contains(_ other: AddressBits, of family: Family) -> Bool {
    family == self.family && other.clearingLast(family.rawValue - prefixLength) == address
  }

  private static func prefixLength(_ text: Substring) -> Int? {
    guard (1...3).contains(text.utf8.count), text == "0" || text.utf8.first != UInt8(ascii: "0")
    else { return nil }
    return Decimal.parse(text.utf8).flatMap { Int(exactly: $0) }
  }

  /// Where IPv4 is within IPv6 (RFC 4291 §2.5.5.2).
  private static let mappedPrefixLength = 96
}

extension AddressRange: CustomStringConvertible {
  /// `192.0.2.0/24` or `2001:db8::/32`.
  package var description: String {
    switch family {
    case .v4: "\(AddressText.dotted(UInt32(truncatingIfNeeded: address.low)))/\(prefixLength)"
    case .v6: "\(AddressText.groups(address))/\(prefixLength)"
    }
  }
}

/// Why a text is no range of addresses.
package enum AddressRangeError: Error, Equatable, Sendable {
  case noAddress(String)
  case invalidPrefix(String, limit: Int)
  /// It names an address within a range; the range is the one that was perhaps meant.
  case bitsBeyondPrefix(String, range: String)
}

extension AddressRangeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noAddress(let text):
      "\"\(text)\" is not an IP address: write a range as 192.0.2.0/24 or 2001:db8::/32"
    case .invalidPrefix(let text, let limit):
      "\"\(text)\" is not a prefix length: expected a number from 0 to \(limit)"
    case .bitsBeyondPrefix(let text, _):
      "\"\(text)\" has bits beyond its prefix"
    }
  }

  /// What was perhaps meant.
  package var suggestion: String? {
    if case .bitsBeyondPrefix(_, let range) = self { range } else { nil }
  }
}
