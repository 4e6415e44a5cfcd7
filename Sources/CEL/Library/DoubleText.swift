// Doubles as text and back, as Go has them.

import Bytes

/// Doubles in the forms that CEL prints and reads.
package enum DoubleText {
  /// The shortest digits that read back the same, with an exponent where it is below −4 or above
  /// 5: `42`, `1.234567e+06`, `NaN`, `+Inf`.
  ///
  /// *Source:* Go's `%g`.
  package static func general(_ value: Double) -> String {
    if let special = special(value, infinity: "+Inf") { return special }
    let digits = ShortestDigits(value)
    let exponent = digits.point - 1
    guard exponent < -4 || exponent >= generalExponentLimit else {
      return digits.sign + plain(digits.digits, point: digits.point)
    }
    return digits.sign + scientific(digits.digits, exponent: exponent)
  }

  /// The shortest digits that read back the same, never with an exponent: `1000000`, `Infinity`.
  package static func plain(_ value: Double) -> String {
    if let special = special(value, infinity: "Infinity") { return special }
    let digits = ShortestDigits(value)
    return digits.sign + plain(digits.digits, point: digits.point)
  }

  /// The shortest digits, with an exponent below 1e-6 and from 1e21 on, as Go's JSON has it. The
  /// number must be finite.
  package static func json(_ value: Double) -> String {
    let magnitude = value.magnitude
    guard magnitude != 0, magnitude < 1e-6 || magnitude >= 1e21 else { return plain(value) }
    let digits = ShortestDigits(value)
    let text = scientific(digits.digits, exponent: digits.point - 1)
    // e-09 as e-9.
    guard magnitude < 1, digits.point > -9 else { return digits.sign + text }
    return digits.sign + text.dropLast(2) + text.suffix(1)
  }

  /// So many digits after the point, rounded from the exact value, half to even: `1.234`.
  package static func fixed(_ value: Double, precision: Int) -> String {
    if let special = special(value, infinity: "Infinity") { return special }
    let exact = ExactDecimal(value.magnitude).rounded(toPlace: precision)
    var digits = exact.digits
    let whole = exact.point
    // Zeros in front, so that there is a digit before the point.
    if whole < 1 { digits.insert(contentsOf: [UInt8](repeating: 0, count: 1 - whole), at: 0) }
    let wholeCount = max(whole, 1)
    while digits.count < wholeCount + precision { digits.append(0) }
    return sign(value) + text(digits[..<wholeCount])
      + (precision > 0 ? "." + text(digits[wholeCount..<(wholeCount + precision)]) : "")
  }

  /// One digit before the point, so many after it, and an exponent: `2.718280e+00`.
  package static func scientific(_ value: Double, precision: Int) -> String {
    if let special = special(value, infinity: "Infinity") { return special }
    guard value != 0 else {
      return sign(value) + scientific([UInt8](repeating: 0, count: precision + 1), exponent: 0)
    }
    let unrounded = ExactDecimal(value.magnitude)
    let exact = unrounded.rounded(toPlace: precision + 1 - unrounded.point)
    var digits = Array(exact.digits.prefix(precision + 1))
    while digits.count < precision + 1 { digits.append(0) }
    return sign(value) + scientific(digits, exponent: exact.point - 1)
  }

  /// The double nearest to a text; nil when it is no number or beyond the range.
  ///
  /// Decimal and hexadecimal numbers with optional fraction and exponent, underscores between
  /// digits, `inf`, `infinity` and `nan` in any case.
  ///
  /// *Source:* Go's `strconv.ParseFloat`.
  package static func parse(_ text: String) -> Double? {
    var bytes = Array(text.utf8)
    guard bytes.count <= textLimit else { return nil }
    let isSigned = bytes.first == 0x2B || bytes.first == 0x2D
    let body = ASCII.lowercased(String(decoding: bytes.dropFirst(isSigned ? 1 : 0), as: UTF8.self))
    if body == "inf" || body == "infinity" { return bytes.first == 0x2D ? -.infinity : .infinity }
    if body == "nan" { return isSigned ? nil : .nan }
    guard NumberGrammar.matches(Array(body.utf8)) else { return nil }
    bytes.removeAll { $0 == 0x5F }
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  // MARK: - Parts

  private static func special(_ value: Double, infinity: String) -> String? {
    if value.isNaN { return "NaN" }
    guard value.isInfinite else { return nil }
    if value > 0 { return infinity }
    return infinity == "+Inf" ? "-Inf" : "-" + infinity
  }

  private static func sign(_ value: Double) -> String { value.sign == .minus ? "-" : "" }

  private static func text(_ digits: some Sequence<UInt8>) -> String {
    String(decoding: digits.map { $0 &+ 0x30 }, as: UTF8.self)
  }

  private static func plain(_ digits: [UInt8], point: Int) -> String {
    if point <= 0 {
      return "0." + String(repeating: "0", count: -point) + text(digits)
    }
    if point >= digits.count {
      return text(digits) + String(repeating: "0", count: point - digits.count)
    }
    return text(digits[..<point]) + "." + text(digits[point...])
  }

  private static func scientific(_ digits: [UInt8], exponent: Int) -> String {
    let mantissa = text(digits.prefix(1)) + (digits.count > 1 ? "." + text(digits.dropFirst()) : "")
    let magnitude = String(exponent.magnitude)
    return mantissa + (exponent < 0 ? "e-" : "e+") + (magnitude.utf8.count < 2 ? "0" : "")
      + magnitude
  }

  /// From this exponent on `%g` prints it, when the digits are the shortest.
  private static let generalExponentLimit = 6

  /// The longest text that is read, in bytes; no double needs 800 digits to be told from its
  /// neighbours.
  private static let textLimit = 4096
}

/// The shortest digits that tell a finite double from its neighbours.
private struct ShortestDigits {
  let sign: String
  /// 0 to 9 each, without zeros at either end, but for zero itself.
  var digits: [UInt8] = []
  /// How many of the digits are before the point; may be negative or beyond them.
  var point = 0

  /// Takes apart what the standard library prints, whose digits are the shortest.
  init(_ value: Double) {
    sign = value.sign == .minus ? "-" : ""
    var exponent = 0
    var isFraction = false
    let text = Array(value.magnitude.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == 0x2E {
        isFraction = true
      } else if byte == 0x65 {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte &- 0x30)
        if !isFraction { point += 1 }
      }
    }
    point += exponent
    while digits.count > 1, digits.last == 0 { digits.removeLast() }
    while digits.count > 1, digits.first == 0 {
      digits.removeFirst()
      point -= 1
    }
    if digits == [0] { point = 1 }
  }
}

/// The exact decimal value of a finite double that is not negative.
private struct ExactDecimal {
  /// 0 to 9 each; no zero in front but for zero itself.
  var digits: [UInt8]
  /// How many of the digits are before the point; may be negative.
  var point: Int

  init(_ value: Double) {
    // significand × 2^exponent, both integers.
    let exponent = value == 0 ? 0 : Int(value.exponent) - 52
    let significand = value == 0 ? 0 : UInt64(value / 2.pow(value.exponent) * 0x1p52)
    var number = LimbNumber(significand)
    if exponent >= 0 {
      number.multiply(by: 2, times: exponent)
      digits = number.digits
      point = digits.count
    } else {
      // 2^−k is 5^k × 10^−k.
      number.multiply(by: 5, times: -exponent)
      digits = number.digits
      point = digits.count + exponent
    }
  }

  /// The value with so many digits after the point at the most, half to even.
  func rounded(toPlace place: Int) -> ExactDecimal {
    let kept = point + place
    guard kept < digits.count else { return self }
    var result = self
    guard kept >= 0 else {
      result.digits = [0]
      result.point = 1
      return result
    }
    let next = digits[kept]
    let isTie = next == 5 && digits[(kept + 1)...].allSatisfy { $0 == 0 }
    let isOdd = kept > 0 && digits[kept - 1] % 2 == 1
    result.digits = Array(digits[..<kept])
    if next > 5 || (next == 5 && (!isTie || isOdd)) { result.increment() }
    if result.digits.isEmpty {
      result.digits = [0]
      result.point = 1
    }
    return result
  }

  private mutating func increment() {
    var index = digits.count - 1
    while index >= 0, digits[index] == 9 {
      digits[index] = 0
      index -= 1
    }
    if index >= 0 {
      digits[index] += 1
    } else {
      digits.insert(1, at: 0)
      point += 1
    }
  }
}

extension Double {
  /// A power of this number, which is 2.
  fileprivate func pow(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}

/// A natural number of any size, in limbs of nine decimal digits, the lowest first.
private struct LimbNumber {
  private var limbs: [UInt64]

  init(_ value: UInt64) {
    limbs = [value % Self.base, value / Self.base % Self.base, value / Self.base / Self.base]
  }

  mutating func multiply(by factor: UInt64, times: Int) {
    var remaining = times
    while remaining > 0 {
      var product: UInt64 = 1
      // Powers below 2^31, so that a limb times the power fits with its carry.
      while remaining > 0, product * factor < 1 << 31 {
        product *= factor
        remaining -= 1
      }
      var carry: UInt64 = 0
      for index in limbs.indices {
        let total = limbs[index] * product + carry
        limbs[index] = total % Self.base
        carry = total / Self.base
      }
      while carry > 0 {
        limbs.append(carry % Self.base)
        carry /= Self.base
      }
    }
  }

  /// The decimal digits, without zeros in front.
  var digits: [UInt8] {
    var result: [UInt8] = []
    for limb in limbs.reversed() {
      var divisor = Self.base / 10
      while divisor > 0 {
        let digit = UInt8(limb / divisor % 10)
        if digit != 0 || !result.isEmpty { result.append(digit) }
        divisor /= 10
      }
    }
    return result.isEmpty ? [0] : result
  }

  private static let base: UInt64 = 1_000_000_000
}

/// The grammar of numbers in Go's `ParseFloat`, in lower case and without a sign.
private enum NumberGrammar {
  static func matches(_ text: [UInt8]) -> Bool {
    var position = 0
    let isHex = text.starts(with: [0x30, 0x78])
    if isHex { position = 2 }
    let isDigit = isHex ? ASCII.isHexDigit : ASCII.isDigit
    var digitCount = 0
    var hasPoint = false
    // An underscore has a digit, or the prefix, on its left and a digit on its right.
    var mayBeUnderscore = isHex
    while position < text.count {
      let byte = text[position]
      if isDigit(byte) {
        digitCount += 1
        mayBeUnderscore = true
      } else if byte == 0x2E, !hasPoint {
        hasPoint = true
        mayBeUnderscore = false
      } else if byte == 0x5F, mayBeUnderscore, position + 1 < text.count,
        isDigit(text[position + 1])
      {
        mayBeUnderscore = false
      } else {
        break
      }
      position += 1
    }
    guard digitCount > 0 else { return false }
    guard position < text.count else { return !isHex }
    guard text[position] == (isHex ? 0x70 : 0x65) else { return false }
    position += 1
    if position < text.count, text[position] == 0x2B || text[position] == 0x2D { position += 1 }
    let exponent = text[position...]
    guard exponent.first.map(ASCII.isDigit) == true, exponent.last.map(ASCII.isDigit) == true
    else { return false }
    var isAfterDigit = true
    for byte in exponent {
      guard ASCII.isDigit(byte) || (byte == 0x5F && isAfterDigit) else { return false }
      isAfterDigit = byte != 0x5F
    }
    return true
  }
}
