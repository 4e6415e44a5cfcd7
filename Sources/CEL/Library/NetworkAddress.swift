// IP addresses and ranges as values.

import Bytes

/// An IP address. One of IPv4 that is mapped into IPv6 is the IPv4 address.
package struct NetworkAddress: Hashable, Sendable, CELOpaqueValue {
  /// The family by its number.
  package enum Family: Int64, Sendable {
    case v4 = 4
    case v6 = 6

    /// How many bits an address has.
    var width: Int { self == .v4 ? 32 : 128 }
  }

  /// The family.
  package let family: Family
  /// The address; one of IPv4 is in the last 32 bits.
  let bits: AddressBits

  init(_ family: Family, _ bits: AddressBits) {
    self.family = family
    self.bits = bits
  }

  /// The address of a text.
  ///
  /// *Errors:* the text is none, names a zone, or writes IPv4 within IPv6.
  package init(parsing text: String) throws(CELEvaluationError) {
    if text.utf8.contains(UInt8(ascii: "%")) {
      throw .invalidArgument("IP Address with zone value is not allowed")
    }
    guard let address = try Self.parse(text[...]) else {
      throw .invalidArgument(
        "IP Address '\(text)' parse error during conversion from string: unable to parse IP")
    }
    self = address
  }

  /// The address of a text without a zone; nil when it is none.
  static func parse(_ text: Substring) throws(CELEvaluationError) -> NetworkAddress? {
    if let value = AddressText.v4(text.utf8) {
      return NetworkAddress(.v4, AddressBits(high: 0, low: UInt64(value)))
    }
    guard let bits = AddressText.v6(text) else { return nil }
    guard !text.utf8.contains(UInt8(ascii: ".")) else {
      throw .invalidArgument("IPv4-mapped IPv6 address is not allowed")
    }
    if let mapped = bits.mappedV4 {
      return NetworkAddress(.v4, AddressBits(high: 0, low: UInt64(mapped)))
    }
    return NetworkAddress(.v6, bits)
  }

  package static let celType = CELType.opaque("net.IP", [])
  package var type: CELType { Self.celType }
  package func equals(_ other: any CELOpaqueValue) -> Bool { other as? NetworkAddress == self }

  /// `192.0.2.1`, `2001:db8::1`
  package var text: String {
    switch family {
    case .v4: AddressText.dotted(UInt32(truncatingIfNeeded: bits.low))
    case .v6: AddressText.canonical(bits)
    }
  }

  // MARK: - Kinds

  var isUnspecified: Bool { bits.high == 0 && bits.low == 0 }

  var isLoopback: Bool {
    family == .v4 ? octet(0) == 127 : bits.high == 0 && bits.low == 1
  }

  var isMulticast: Bool { family == .v4 ? octet(0) & 0xF0 == 0xE0 : octet(0) == 0xFF }

  var isLinkLocalMulticast: Bool {
    family == .v4
      ? bits.low >> 8 == 0xE0_0000 : octet(0) == 0xFF && octet(1) & 0x0F == 0x02
  }

  var isLinkLocalUnicast: Bool {
    family == .v4 ? bits.low >> 16 == 0xA9FE : octet(0) == 0xFE && octet(1) & 0xC0 == 0x80
  }

  var isGlobalUnicast: Bool {
    !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
      && !(family == .v4 && bits.low == 0xFFFF_FFFF)
  }

  private func octet(_ index: Int) -> UInt8 {
    let value =
      family == .v4 ? bits.low >> UInt64(24 - index * 8) : bits.high >> UInt64(56 - index * 8)
    return UInt8(truncatingIfNeeded: value)
  }
}

/// A range of IP addresses with the same first bits, and the address it was written with.
package struct NetworkRange: Hashable, Sendable, CELOpaqueValue {
  /// The address as it was written.
  package let address: NetworkAddress
  /// How many bits the addresses share.
  package let prefixLength: Int

  private init(_ address: NetworkAddress, _ prefixLength: Int) {
    self.address = address
    self.prefixLength = prefixLength
  }

  /// The range of a text such as `192.0.2.0/24`.
  ///
  /// *Errors:* the text is none, names a zone, or writes IPv4 within IPv6.
  package init(parsing text: String) throws(CELEvaluationError) {
    if text.utf8.contains(UInt8(ascii: "%")) {
      throw .invalidArgument("CIDR with zone value is not allowed")
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...3).contains(parts[1].utf8.count),
      parts[1].utf8.count == 1 || parts[1].utf8.first != UInt8(ascii: "0"),
      let length = Bytes.Decimal.parse(parts[1].utf8),
      let address = try NetworkAddress.parse(parts[0]), length <= address.family.width
    else {
      throw .invalidArgument("network address parse error during conversion from string: '\(text)'")
    }
    self.init(address, Int(length))
  }

  package static let celType = CELType.opaque("net.CIDR", [])
  package var type: CELType { Self.celType }
  package func equals(_ other: any CELOpaqueValue) -> Bool { other as? NetworkRange == self }
  package var text: String { "\(address.text)/\(prefixLength)" }

  /// The range with the bits beyond the prefix zero.
  var masked: NetworkRange {
    let bits = address.bits.clearingLast(address.family.width - prefixLength)
    return NetworkRange(NetworkAddress(address.family, bits), prefixLength)
  }

  func contains(_ other: NetworkAddress) -> Bool {
    guard other.family == address.family else { return false }
    let count = address.family.width - prefixLength
    return other.bits.clearingLast(count) == address.bits.clearingLast(count)
  }

  func contains(_ other: NetworkRange) -> Bool {
    other.prefixLength >= prefixLength && contains(other.address)
  }
}
