// IP addresses as numbers and as text.
//
//   v4    = octet "." octet "." octet "." octet     octet = 0 to 255, no leading zero
//   v6    = 8 groups with ":" between them, of which "::" stands for one or more that are zero, and
//           the last two may be written as v4          group = 1*4HEXDIG
//
// Source: RFC 4291 §2.2. No zone, no brackets.

/// The bits of an address, the first octet the highest.
package struct AddressBits: Hashable, Sendable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The address with its last bits zero.
  package func clearingLast(_ count: Int) -> AddressBits {
    let lowMask = UInt64.max << UInt64(min(count, 64))
    let highMask = UInt64.max << UInt64(max(0, count - 64))
    return AddressBits(high: high & highMask, low: low & lowMask)
  }

  /// The IPv4 address that is mapped into it.
  package var mappedV4: UInt32? {
    high == 0 && low >> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil
  }
}

/// Reads and writes the text of addresses.
package enum AddressText {
  /// The IPv4 address of a text, its first octet the highest; nil when the text is none.
  package static func v4(_ text: Substring.UTF8View) -> UInt32? {
    let octets = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard octets.count == 4 else { return nil }
    var value: UInt32 = 0
    for octet in octets {
      guard (1...3).contains(octet.count), octet.count == 1 || octet.first != UInt8(ascii: "0"),
        let number = Decimal.parse(octet), number <= 255
      else { return nil }
      value = value << 8 | UInt32(number)
    }
    return value
  }

  /// The IPv6 address of a text; nil when the text is none.
  package static func v6(_ text: Substring) -> AddressBits? {
    guard text.utf8.count <= longestV6 else { return nil }
    guard let gap = text.firstRange(of: "::") else {
      let groups = groups(of: text)
      return groups?.count == groupCount ? bits(groups ?? []) : nil
    }
    let tail = text[gap.upperBound...]
    guard let before = groups(of: text[..<gap.lowerBound]), let after = groups(of: tail),
      before.count + after.count < groupCount
    else { return nil }
    // The gap ends the groups before it, so an IPv4 address cannot be there.
    guard !text[..<gap.lowerBound].contains(".") else { return nil }
    let zeros = [UInt64](repeating: 0, count: groupCount - before.count - after.count)
    return bits(before + zeros + after)
  }

  /// The groups of a part of an address without a gap; none of an empty one.
  private static func groups(of text: Substring) -> [UInt64]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt64] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, let value = v4(part.utf8) {
        groups += [UInt64(value >> 16), UInt64(value & 0xFFFF)]
      } else {
        guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(ASCII.isHexDigit),
          let group = UInt64(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }

  private static func bits(_ groups: [UInt64]) -> AddressBits {
    AddressBits(
      high: groups.prefix(4).reduce(0) { $0 << 16 | $1 },
      low: groups.suffix(4).reduce(0) { $0 << 16 | $1 })
  }

  /// The four octets in decimal.
  package static func dotted(_ value: UInt32) -> String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
  }

  /// The groups in hexadecimal, with "::" for the zeros at the end if there are several.
  package static func groups(_ address: AddressBits) -> String {
    var groups = [address.high, address.low].flatMap { half in
      [48, 32, 16, 0].map { half >> UInt64($0) & 0xFFFF }
    }
    let isCut = groups.suffix(2) == [0, 0]
    if isCut { while groups.last == 0 { groups.removeLast() } }
    return groups.map { String($0, radix: 16) }.joined(separator: ":") + (isCut ? "::" : "")
  }

  /// The groups in hexadecimal, with "::" for the first of the longest runs of zeros.
  ///
  /// *Source:* RFC 5952 §4.
  package static func canonical(_ address: AddressBits) -> String {
    let groups = [address.high, address.low].flatMap { half in
      [48, 32, 16, 0].map { half >> UInt64($0) & 0xFFFF }
    }
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func text(_ part: ArraySlice<UInt64>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !best.isEmpty else { return text(groups[...]) }
    return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }

  private static let groupCount = 8
  /// Eight groups of four digits and the colons between them, the last two groups as IPv4.
  private static let longestV6 = 45
}
