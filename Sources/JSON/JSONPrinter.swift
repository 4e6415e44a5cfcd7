// The printer: tree to text.

import Bytes

extension JSONValue {
  /// The value as JSON text in UTF-8. Parsing it gives an equal value.
  package func serialized(_ style: JSONStyle = .compact) -> [UInt8] {
    var printer = JSONPrinter(style: style)
    printer.write(self)
    return printer.output
  }

  /// The value as JSON text.
  package func serializedString(_ style: JSONStyle = .compact) -> String {
    String(decoding: serialized(style), as: UTF8.self)
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value as compact JSON text.
  package var description: String { serializedString() }
}

/// One printing.
private struct JSONPrinter {
  let style: JSONStyle
  private(set) var output: [UInt8] = []
  private var depth = 0

  init(style: JSONStyle) {
    self.style = style
  }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(true): output.append(contentsOf: "true".utf8)
    case .bool(false): output.append(contentsOf: "false".utf8)
    case .number(let number): output.append(contentsOf: number.text.utf8)
    case .string(let text): write(text)
    case .array(let elements): write(elements)
    case .object(let object): write(object)
    }
  }

  private mutating func write(_ elements: [JSONValue]) {
    output.append(0x5B)
    depth += 1
    for (index, element) in elements.enumerated() {
      startItem(index)
      write(element)
    }
    depth -= 1
    if !elements.isEmpty { breakLine() }
    output.append(0x5D)
  }

  private mutating func write(_ object: JSONObject) {
    output.append(0x7B)
    depth += 1
    if style.options.contains(.sortedKeys) {
      let members = object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in members.enumerated() { write(member, index) }
    } else {
      for (index, member) in object.enumerated() { write(member, index) }
    }
    depth -= 1
    if !object.isEmpty { breakLine() }
    output.append(0x7D)
  }

  private mutating func write(_ member: JSONObject.Member, _ index: Int) {
    startItem(index)
    write(member.key)
    output.append(0x3A)
    if case .pretty = style.layout { output.append(0x20) }
    write(member.value)
  }

  private mutating func startItem(_ index: Int) {
    if index > 0 { output.append(0x2C) }
    breakLine()
  }

  private mutating func breakLine() {
    guard case .pretty(let indent) = style.layout else { return }
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: depth * max(indent, 0)))
  }

  // MARK: - Strings

  private mutating func write(_ text: String) {
    let bytes = text.utf8.span
    output.append(0x22)
    var runStart = 0
    while true {
      let index =
        style.options.contains(.escapeHTML)
        ? endOfHTMLSafeRun(bytes, from: runStart) : endOfPrintableRun(bytes, from: runStart)
      output.append(bytes, runStart..<index)
      guard index < bytes.count else { break }
      runStart = index &+ writeEscape(bytes, at: index)
    }
    output.append(0x22)
  }

  /// Writes the escape of the character at an offset, and gives the length of the character.
  private mutating func writeEscape(_ bytes: Span<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    switch byte {
    case 0x22: output.append(contentsOf: #"\""#.utf8)
    case 0x5C: output.append(contentsOf: #"\\"#.utf8)
    case 0x08: output.append(contentsOf: #"\b"#.utf8)
    case 0x0C: output.append(contentsOf: #"\f"#.utf8)
    case 0x0A: output.append(contentsOf: #"\n"#.utf8)
    case 0x0D: output.append(contentsOf: #"\r"#.utf8)
    case 0x09: output.append(contentsOf: #"\t"#.utf8)
    case 0xE2:
      // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
      output.append(contentsOf: bytes[index &+ 2] == 0xA8 ? #"\u2028"#.utf8 : #"\u2029"#.utf8)
      return 3
    default:
      output.append(contentsOf: #"\u00"#.utf8)
      output.append(Hex.digit(byte >> 4))
      output.append(Hex.digit(byte & 15))
    }
    return 1
  }

  /// As ``endOfPrintableRun``, and it also ends at what Go's `HTMLEscape` escapes.
  private func endOfHTMLSafeRun(_ bytes: Span<UInt8>, from start: Int) -> Int {
    for index in start..<bytes.count {
      switch bytes[index] {
      case 0..<0x20, 0x22, 0x5C, 0x3C, 0x3E, 0x26: return index
      case 0xE2 where index &+ 2 < bytes.count && bytes[index &+ 1] == 0x80:
        if bytes[index &+ 2] & 0xFE == 0xA8 { return index }
      default: continue
      }
    }
    return bytes.count
  }
}
