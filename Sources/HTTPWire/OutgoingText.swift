// The leaves of the serialisers.

extension [UInt8] {
  /// Adds the bytes of a text that is written in the code.
  mutating func append(copying text: StaticString) {
    // SAFETY: the buffer is read within the closure only; the text is static.
    text.withUTF8Buffer { unsafe append(contentsOf: $0) }
  }

  /// Adds a number in decimal, with at least so many digits. Negative numbers are added as 0.
  mutating func append(decimal number: some BinaryInteger, digits: Int = 1) {
    append(number, radix: 10, digits: digits)
  }

  /// Adds a number in lower-case hexadecimal. Negative numbers are added as 0.
  mutating func append(hexadecimal number: some BinaryInteger) {
    append(number, radix: 16, digits: 1)
  }

  private mutating func append(_ number: some BinaryInteger, radix: UInt64, digits: Int) {
    let value = UInt64(clamping: number)
    // The weight of the first digit: at least as many digits as asked for.
    var weight: UInt64 = 1
    for _ in 1..<digits { weight *= radix }
    while value / weight >= radix { weight *= radix }
    while weight > 0 {
      let digit = UInt8(truncatingIfNeeded: value / weight % radix)
      append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &- 10 &+ UInt8(ascii: "a"))
      weight /= radix
    }
  }
}
