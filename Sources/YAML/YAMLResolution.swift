// What an unquoted scalar stands for.
//
// Kubernetes reads YAML through sigs.k8s.io/yaml, whose scalars are those of go-yaml version 2: YAML
// 1.1 with its many spellings of booleans, not YAML 1.2. `kubectl apply` and Hookline must take one
// file for the same objects, so these are its rules, with four productions:
//
//   null    = "" / "~" / "null" / "Null" / "NULL"
//   boolean = y yes on true / n no off false, each as written, Capitalised or UPPER CASE
//   integer = [ "+" / "-" ] ( "0x" hex / "0o" octal / "0b" binary / "0" octal / decimal ), 64 bits
//   float   = [ "+" / "-" ] ( "." digits / digits [ "." [ digits ] ] ) [ "e" [ sign ] digits ]
//
// Underscores between digits are dropped. An integer beyond 64 bits becomes a float, and a float is
// written as Go's encoding/json writes it, so 1.10 becomes 1.1. Dates stay texts. `.inf` and `.nan`
// are errors, as they are when Kubernetes converts them to JSON.
//
// One rule differs on purpose: the key of a mapping is always its text, so that `on:` is the key "on"
// and not, as with kubectl, "true".

import JSON

/// Resolves scalars.
enum YAMLResolution {
  /// The value of a plain scalar without a tag; nil for a number that JSON cannot hold.
  static func resolve(_ text: String) -> JSONValue? {
    if let constant = constant(text) { return constant }
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."):
      if nonFinite.contains(text) { return nil }
      return number(text) ?? .string(text)
    default:
      return .string(text)
    }
  }

  private static func constant(_ text: String) -> JSONValue? {
    guard text.utf8.count <= longestConstant else { return nil }
    if nulls.contains(text) { return .null }
    if trues.contains(text) { return .bool(true) }
    if falses.contains(text) { return .bool(false) }
    return nil
  }

  private static func number(_ text: String) -> JSONValue? {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
    guard let plain = String(validating: digits, as: UTF8.self) else { return nil }
    return integer(plain) ?? float(plain)
  }

  private static func integer(_ text: String) -> JSONValue? {
    var digits = text[...]
    let negative = digits.first == "-"
    if digits.first == "-" || digits.first == "+" { digits = digits.dropFirst() }
    // A second sign would be taken by Swift's parser, which go-yaml's refuses.
    guard let first = digits.utf8.first, isDigit(first) else { return nil }
    var radix = 10
    if first == UInt8(ascii: "0"), digits.utf8.count > 1 {
      switch digits.dropFirst().first {
      case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
      case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
      case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
      default: (radix, digits) = (8, digits.dropFirst())
      }
    }
    guard let next = digits.utf8.first, next != UInt8(ascii: "+"), next != UInt8(ascii: "-") else {
      return nil
    }
    if negative {
      guard let value = Int64("-\(digits)", radix: radix) else { return nil }
      return JSONNumber(text: String(value)).map { .number($0) }
    }
    guard let value = UInt64(digits, radix: radix) else { return nil }
    return JSONNumber(text: String(value)).map { .number($0) }
  }

  private static func float(_ text: String) -> JSONValue? {
    guard isFloat(text), let value = Double(text), value.isFinite else { return nil }
    return JSONNumber(text: GoFloat.text(value)).map { .number($0) }
  }

  /// The production `float`.
  private static func isFloat(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let whole = rest.prefix(while: isDigit).count
    rest = rest.dropFirst(whole)
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(fraction)
    }
    guard whole > 0 || fraction > 0 else { return false }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest.removeFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
  private static let trues: Set<String> = [
    "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
  ]
  private static let falses: Set<String> = [
    "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
  ]
  private static let nonFinite: Set<String> = [
    ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf",
    "-.INF",
  ]
  /// The length of "false".
  private static let longestConstant = 5
}

/// Floating-point numbers as Go's encoding/json writes them: the shortest digits that read back as
/// the same number, with an exponent below 1e-6 and from 1e21 on.
enum GoFloat {
  static func text(_ value: Double) -> String {
    let magnitude = value.magnitude
    guard magnitude != 0 else { return value.sign == .minus ? "-0" : "0" }
    let (digits, exponent) = shortestDigits(magnitude)
    let sign = value < 0 ? "-" : ""
    if magnitude < 1e-6 || magnitude >= 1e21 {
      let fraction = digits.dropFirst()
      let point = fraction.isEmpty ? "" : "."
      let power = exponent - 1
      return "\(sign)\(digits.prefix(1))\(point)\(fraction)e\(power < 0 ? "-" : "+")\(abs(power))"
    }
    if exponent <= 0 {
      return "\(sign)0.\(String(repeating: "0", count: -exponent))\(digits)"
    }
    if exponent >= digits.count {
      return "\(sign)\(digits)\(String(repeating: "0", count: exponent - digits.count))"
    }
    return "\(sign)\(digits.prefix(exponent)).\(digits.dropFirst(exponent))"
  }

  /// The significant digits of `0.digits × 10^exponent`, without zeros at either end.
  private static func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
    // Swift prints the shortest digits, too, as "12.5", "1e+22" or "5e-324".
    let parts = "\(value)".split(separator: "e")
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let mantissa = (parts.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
    let whole = mantissa.first ?? ""
    let all = String(whole) + String(mantissa.count > 1 ? mantissa[1] : "")
    let leadingZeros = all.prefix { $0 == "0" }.count
    var digits = all.dropFirst(leadingZeros)
    while digits.last == "0" { digits.removeLast() }
    return (String(digits), whole.count + power - leadingZeros)
  }
}
