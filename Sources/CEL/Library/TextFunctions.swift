// What the functions of the strings library do.

/// The texts of the strings library, over code points. Every index comes from an expression.
enum TextFunctions {
  static func charAt(_ text: CELString, _ index: Int64) throws(CELEvaluationError) -> CELValue {
    try text.withUTF8 { bytes throws(CELEvaluationError) in
      guard let start = bytes.byteOffset(ofScalar: index) else {
        throw .invalidArgument("index out of range: \(index)")
      }
      let end = bytes.byteOffset(ofScalar: 1, from: start) ?? start
      return .string(bytes.text(start..<end))
    }
  }

  /// - Parameter beyondEnd: what an offset after the last code point means.
  static func indexOf(
    _ text: CELString, _ needle: CELString, from offset: Int64, beyondEnd: CELDialect
  ) throws(CELEvaluationError) -> CELValue {
    try text.withUTF8 { bytes throws(CELEvaluationError) in
      guard offset >= 0 else { throw .invalidArgument("index out of range: \(offset)") }
      let start = bytes.byteOffset(ofScalar: offset)
      if needle.utf8Count == 0 { return .int(min(offset, Int64(text.scalarCount))) }
      guard let start, start < bytes.count else {
        guard beyondEnd == .celGo else { throw .invalidArgument("index out of range: \(offset)") }
        return .int(-1)
      }
      let search = SubstringSearch(Array(needle.text.utf8))
      guard let found = search.first(in: bytes, from: start) else { return .int(-1) }
      return .int(offset + bytes.scalarCount(start..<found))
    }
  }

  static func lastIndexOf(_ text: CELString, _ needle: CELString) -> CELValue {
    if needle.utf8Count == 0 { return .int(Int64(text.scalarCount)) }
    return lastIndex(of: needle, in: text, endingBy: text.utf8Count)
  }

  static func lastIndexOf(
    _ text: CELString, _ needle: CELString, upTo offset: Int64, beyondEnd: CELDialect
  ) throws(CELEvaluationError) -> CELValue {
    guard offset >= 0 else { throw .invalidArgument("index out of range: \(offset)") }
    if needle.utf8Count == 0 { return .int(min(offset, Int64(text.scalarCount))) }
    let start = text.withUTF8 { $0.byteOffset(ofScalar: offset) }
    guard let start, start < text.utf8Count else {
      guard beyondEnd == .celGo else { throw .invalidArgument("index out of range: \(offset)") }
      return .int(-1)
    }
    return lastIndex(of: needle, in: text, endingBy: start + needle.utf8Count)
  }

  /// Searches backwards: both texts reversed.
  private static func lastIndex(
    of needle: CELString, in text: CELString, endingBy end: Int
  ) -> CELValue {
    let reversed = Array(text.text.utf8.prefix(min(end, text.utf8Count)).reversed())
    let search = SubstringSearch(Array(needle.text.utf8.reversed()))
    guard let found = search.first(in: reversed.span) else { return .int(-1) }
    let start = reversed.count - found - needle.utf8Count
    return .int(text.withUTF8 { $0.scalarCount(0..<start) })
  }

  static func substring(
    _ text: CELString, _ start: Int64, _ end: Int64?
  ) throws(CELEvaluationError) -> CELValue {
    if let end, start > end {
      throw .invalidArgument("invalid substring range. start: \(start), end: \(end)")
    }
    return try text.withUTF8 { bytes throws(CELEvaluationError) in
      guard let first = bytes.byteOffset(ofScalar: start) else {
        throw .invalidArgument("index out of range: \(start)")
      }
      guard let end else { return .string(bytes.text(first..<bytes.count)) }
      guard let last = bytes.byteOffset(ofScalar: end - start, from: first) else {
        throw .invalidArgument("index out of range: \(end)")
      }
      return .string(bytes.text(first..<last))
    }
  }

  /// The text with a needle replaced, at most so many times; all when the limit is negative. An
  /// empty needle is found before every code point and at the end.
  static func replace(
    _ text: CELString, _ old: CELString, _ new: CELString, limit: Int64, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard limit != 0, old != new else { return .string(text) }
    let greatest = limit < 0 ? Int.max : Int(clamping: limit)
    let source = Array(text.text.utf8)
    try meter.charge(bytes: source.count + old.utf8Count)
    let places =
      old.utf8Count == 0
      ? boundaries(source, limit: greatest)
      : occurrences(of: Array(old.text.utf8), in: source, limit: greatest)
    guard !places.isEmpty else { return .string(text) }
    // Before anything of that size is made.
    let (growth, overflow) = places.count.multipliedReportingOverflow(by: new.utf8Count)
    guard !overflow, growth < Int.max / 2 else { throw .costLimit(meter.limit) }
    try meter.charge(bytes: source.count + growth)
    var result: [UInt8] = []
    result.reserveCapacity(source.count + growth - places.count * old.utf8Count)
    var position = 0
    let replacement = Array(new.text.utf8)
    for place in places {
      result.append(contentsOf: source[position..<place])
      result.append(contentsOf: replacement)
      position = place + old.utf8Count
    }
    result.append(contentsOf: source[position...])
    return .string(String(decoding: result, as: UTF8.self))
  }

  static func occurrences(of needle: [UInt8], in text: [UInt8], limit: Int) -> [Int] {
    let search = SubstringSearch(needle)
    var places: [Int] = []
    var position = 0
    while places.count < limit, let place = search.first(in: text.span, from: position) {
      places.append(place)
      position = place + needle.count
    }
    return places
  }

  private static func boundaries(_ text: [UInt8], limit: Int) -> [Int] {
    var places: [Int] = []
    for (offset, byte) in text.enumerated() where byte & 0xC0 != 0x80 {
      guard places.count < limit else { return places }
      places.append(offset)
    }
    if places.count < limit { places.append(text.count) }
    return places
  }

  /// The parts between separators, at most so many; all when the limit is negative.
  static func split(
    _ text: CELString, _ separator: CELString, limit: Int64, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard limit != 0 else { return .list([CELValue]()) }
    let greatest = limit < 0 ? Int.max : Int(clamping: limit)
    let source = Array(text.text.utf8)
    try meter.charge(bytes: source.count + separator.utf8Count)
    var places: [Int]
    if separator.utf8Count == 0 {
      places = Array(boundaries(source, limit: greatest).dropFirst())
      if places.last == source.count { places.removeLast() }
      if source.isEmpty { return .list([CELValue]()) }
    } else {
      places = occurrences(
        of: Array(separator.text.utf8), in: source, limit: greatest == .max ? .max : greatest - 1)
    }
    try meter.charge(places.count + 1)
    var parts: [CELValue] = []
    parts.reserveCapacity(places.count + 1)
    var position = 0
    for place in places {
      parts.append(.string(String(decoding: source[position..<place], as: UTF8.self)))
      position = place + separator.utf8Count
    }
    parts.append(.string(String(decoding: source[position...], as: UTF8.self)))
    return .list(parts)
  }

  static func join(
    _ list: CELList, _ separator: CELString, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    try meter.charge(list.count)
    var byteCount = 0
    for element in list {
      guard case .string(let text) = element else {
        throw .invalidArgument("join: invalid input: \(element.literalText)")
      }
      byteCount += text.utf8Count
      try meter.charge(bytes: text.utf8Count)
    }
    let (between, overflow) = list.count.multipliedReportingOverflow(by: separator.utf8Count)
    guard !overflow else { throw .costLimit(meter.limit) }
    try meter.charge(bytes: between)
    var result = ""
    result.reserveCapacity(byteCount + between)
    var isFirst = true
    for element in list {
      if !isFirst { result += separator.text }
      isFirst = false
      if case .string(let text) = element { result += text.text }
    }
    return .string(result)
  }

  static func trim(_ text: CELString) -> CELValue {
    let scalars = text.text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return .string("") }
    return .string(String(scalars[first...last]))
  }

  static func reverse(_ text: CELString) -> CELValue {
    var reversed = String.UnicodeScalarView()
    reversed.append(contentsOf: text.text.unicodeScalars.reversed())
    return .string(String(reversed))
  }

  /// The text between double quotes, with the escapes of CEL's literals.
  static func quote(_ text: CELString) -> CELValue {
    var result = String.UnicodeScalarView()
    result.append("\"")
    for scalar in text.text.unicodeScalars {
      switch scalar {
      case "\u{07}": result.append(contentsOf: "\\a".unicodeScalars)
      case "\u{08}": result.append(contentsOf: "\\b".unicodeScalars)
      case "\u{0C}": result.append(contentsOf: "\\f".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\u{0B}": result.append(contentsOf: "\\v".unicodeScalars)
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
      default: result.append(scalar)
      }
    }
    result.append("\"")
    return .string(String(result))
  }

  /// White space as Go's `unicode.IsSpace` has it, which is Unicode's property.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace
  }
}
