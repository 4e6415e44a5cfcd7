// Amounts of resources: "500m", "1Gi", "2e3".
//
//     quantity = [ "+" / "-" ] number [ suffix ]
//     number   = 1*DIGIT [ "." *DIGIT ] / "." 1*DIGIT
//     suffix   = "n" / "u" / "m" / "k" / "M" / "G" / "T" / "P" / "E"
//              / "Ki" / "Mi" / "Gi" / "Ti" / "Pi" / "Ei" / ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT

/// Reads quantities and gives the one form in which the API writes each of them.
///
/// *Limits:* amounts above 2^63 or below 10^-9 keep the text that they came with.
/// *Source:* `k8s.io/apimachinery/pkg/api/resource`.
enum ResourceQuantity {
  /// The canonical form: `1024Mi` gives `1Gi`, `0.5` gives `500m`; `nil` if it is no quantity.
  static func canonical(_ text: String) -> String? {
    guard let parts = split(text) else { return nil }
    guard let amount = nanoAmount(parts) else { return text }
    let isSmall = amount.magnitude < 1024 * nano.magnitude
    if parts.isBinary, !isSmall, amount % nano == 0 { return binary(amount / nano) }
    return parts.isExponential ? exponential(amount) : decimal(amount)
  }

  /// What the API says to anything else.
  static let complaint =
    "quantities must match the regular expression "
    + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

  /// What a schema says about quantities.
  static let pattern =
    #"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|"#
    + #"([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"#

  private struct Parts {
    var isNegative: Bool
    /// The digits without the point.
    var digits: Substring
    var fractionDigits: Int
    var powerOfTen: Int
    var powerOf1024: Int
    var isExponential: Bool
    var isBinary: Bool { powerOf1024 > 0 }
  }

  private static let nano: Int128 = 1_000_000_000
  private static let binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
  private static let decimalSuffixes: [(text: String, power: Int)] = [
    ("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6),
    ("n", -9),
  ]
  /// Powers of ten beyond which no amount can be exact.
  private static let powerLimit = 1_000
  /// Digits that certainly fit; longer numbers keep their text.
  private static let maximumDigits = 19

  private static func split(_ text: String) -> Parts? {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    let number = rest.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
    let pieces = number.split(separator: ".", omittingEmptySubsequences: false)
    guard number.contains(where: \.isNumber), pieces.count <= 2 else { return nil }
    let fraction = pieces.count == 2 ? pieces[1] : ""
    var parts = Parts(
      isNegative: isNegative, digits: Substring((pieces.first ?? "") + fraction),
      fractionDigits: fraction.count, powerOfTen: 0, powerOf1024: 0, isExponential: false)
    let suffix = String(rest.dropFirst(number.count))
    if let power = decimalSuffixes.first(where: { $0.text == suffix })?.power {
      parts.powerOfTen = power
    } else if let index = binarySuffixes.firstIndex(of: suffix) {
      parts.powerOf1024 = index + 1
    } else if suffix.first == "e" || suffix.first == "E", let power = Int(suffix.dropFirst()) {
      parts.powerOfTen = min(max(power, -powerLimit), powerLimit)
      parts.isExponential = true
    } else {
      return nil
    }
    return parts
  }

  /// The amount in units of 10^-9; `nil` where that is not exact or does not fit.
  private static func nanoAmount(_ parts: Parts) -> Int128? {
    guard parts.digits.count <= maximumDigits, var amount = Int128(parts.digits) else {
      return nil
    }
    for _ in 0..<parts.powerOf1024 { amount *= 1024 }
    let power = parts.powerOfTen + 9 - parts.fractionDigits
    guard (-36...36).contains(power) else { return nil }
    for _ in 0..<abs(power) {
      if power > 0 {
        let (product, overflow) = amount.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        amount = product
      } else {
        guard amount % 10 == 0 else { return nil }
        amount /= 10
      }
    }
    return parts.isNegative ? -amount : amount
  }

  private static func binary(_ amount: Int128) -> String {
    var value = amount
    var power = 0
    while value % 1024 == 0, power < binarySuffixes.count, value != 0 {
      value /= 1024
      power += 1
    }
    return "\(value)\(power == 0 ? "" : binarySuffixes[power - 1])"
  }

  private static func decimal(_ amount: Int128) -> String {
    let (value, power) = thousands(amount)
    let suffix = decimalSuffixes.first { $0.power == power }?.text ?? ""
    return "\(value)\(suffix)"
  }

  private static func exponential(_ amount: Int128) -> String {
    let (value, power) = thousands(amount)
    return power == 0 ? "\(value)" : "\(value)e\(power)"
  }

  /// The amount as a whole number of the largest power of a thousand that divides it.
  private static func thousands(_ amount: Int128) -> (value: Int128, power: Int) {
    guard amount != 0 else { return (0, 0) }
    var value = amount
    var power = -9
    while value % 1000 == 0, power < 18 {
      value /= 1000
      power += 3
    }
    return (value, power)
  }
}
