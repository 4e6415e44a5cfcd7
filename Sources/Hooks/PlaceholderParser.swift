// From a template's text to its segments; the grammar is at the head of Placeholder.swift.

import Bytes
import JSON

/// Splits a text into what is literal and what is a placeholder.
///
/// It works on bytes, as Tekton does: a combining character after `$(` does not hide it.
struct PlaceholderParser {
  private let bytes: [UInt8]
  private var position = 0

  /// The segments of a text, literals never empty and never next to each other.
  static func segments(of text: String) throws(TemplateTextError) -> [TemplateSegment] {
    var parser = PlaceholderParser(bytes: Array(text.utf8))
    return try parser.parse()
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func parse() throws(TemplateTextError) -> [TemplateSegment] {
    var segments: [TemplateSegment] = []
    var literalStart = 0
    while position < bytes.count {
      guard let root = try rootOfPlaceholder() else {
        position += 1
        continue
      }
      let start = position
      let placeholder = try placeholder(root)
      if literalStart < start { segments.append(.literal(Array(bytes[literalStart..<start]))) }
      segments.append(.placeholder(placeholder))
      literalStart = position
    }
    if literalStart < bytes.count { segments.append(.literal(Array(bytes[literalStart...]))) }
    return segments
  }

  /// The root of our placeholder that begins here, nil when none begins here. Moves nothing.
  private func rootOfPlaceholder() throws(TemplateTextError) -> TemplateRoot? {
    guard byte(0) == UInt8(ascii: "$"), byte(1) == UInt8(ascii: "("),
      byte(-1) != UInt8(ascii: "$")
    else { return nil }
    var offset = position + 2
    while offset < bytes.count, ASCII.isBlank(bytes[offset]) { offset += 1 }
    let word = bytes[offset...].prefix(while: isTemplateNameByte)
    let name = String(decoding: word, as: UTF8.self)
    return TemplateRoot(rawValue: name)
  }

  private mutating func placeholder(_ root: TemplateRoot) throws(TemplateTextError) -> Placeholder {
    let start = position
    position += 2
    skipBlanks()
    var alternatives = [try path(root, from: start)]
    var fallback: String?
    while true {
      skipBlanks()
      switch byte(0) {
      case UInt8(ascii: ")"):
        position += 1
        return Placeholder(alternatives: alternatives, fallback: fallback)
      case UInt8(ascii: "?") where byte(1) == UInt8(ascii: "?") && fallback == nil:
        position += 2
        skipBlanks()
        if byte(0) == UInt8(ascii: "\"") {
          guard let text = quotedString() else { throw .badFallback(excerpt(start)) }
          fallback = text
        } else {
          let word = bytes[position...].prefix(while: isTemplateNameByte)
          guard let root = TemplateRoot(rawValue: String(decoding: word, as: UTF8.self)) else {
            throw .badFallback(excerpt(start))
          }
          alternatives.append(try path(root, from: start))
        }
      case nil: throw .unclosed(excerpt(start))
      default: throw .unexpected(excerpt(start))
      }
    }
  }

  /// Reads a path whose root is here.
  private mutating func path(
    _ root: TemplateRoot, from start: Int
  ) throws(TemplateTextError) -> ValuePath {
    position += root.rawValue.utf8.count
    var path = ValuePath(root: root, steps: [])
    while true {
      switch byte(0) {
      case UInt8(ascii: "."):
        position += 1
        let word = Array(bytes[position...].prefix(while: isTemplateNameByte))
        guard isTemplateName(word) else { throw .noName(excerpt(start)) }
        position += word.count
        path.steps.append(.key(String(decoding: word, as: UTF8.self)))
      case UInt8(ascii: "["):
        position += 1
        guard let step = step(), byte(0) == UInt8(ascii: "]") else {
          throw .badSubscript(excerpt(start))
        }
        position += 1
        path.steps.append(step)
      default:
        if root == .header, case .key(let name) = path.steps.first {
          path.steps[0] = .key(ASCII.lowercased(name))
        }
        return path
      }
    }
  }

  /// Reads what stands between brackets.
  private mutating func step() -> ValuePath.Step? {
    if byte(0) == UInt8(ascii: "\"") { return quotedString().map { .key($0) } }
    let digits = bytes[position...].prefix(while: ASCII.isDigit)
    guard digits.count <= Self.indexDigits, let index = Decimal.parse(digits) else { return nil }
    position += digits.count
    return .index(Int(index))
  }

  /// Reads a JSON string.
  private mutating func quotedString() -> String? {
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else { return nil }
    let text = Array(bytes[position...end])
    guard let value = try? JSONValue.parse(text), let string = value.stringValue else { return nil }
    position = end + 1
    return string
  }

  private mutating func skipBlanks() {
    while let next = byte(0), ASCII.isBlank(next) { position += 1 }
  }

  private func byte(_ offset: Int) -> UInt8? {
    let index = position + offset
    return bytes.indices.contains(index) ? bytes[index] : nil
  }

  /// The placeholder's text for a message, up to its end or the limit.
  private func excerpt(_ start: Int) -> String {
    let rest = bytes[start...].prefix(Self.excerptLimit)
    let end = rest.firstIndex(of: UInt8(ascii: ")")).map { $0 + 1 } ?? rest.endIndex
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  /// No payload has a list of a million items.
  private static let indexDigits = 6
  private static let excerptLimit = 80
}
