// The JSONPath of printer columns.
//
// Grammar (a part of k8s.io/client-go/util/jsonpath):
//   path   = *( "." NAME / "['" NAME "']" / "[" INDEX "]" / "[*]" / ".*" / filter )
//   filter = "[?(@" path ( "==" / "!=" ) literal ")]"
// What is not of this grammar finds nothing.

import JSON

/// A path into a JSON value.
struct JSONPath: Sendable {
  private enum Step: Sendable {
    case name(String)
    case index(Int)
    case all
    case filter([Step], isEqual: Bool, JSONValue)
  }

  private var steps: [Step]?

  init(_ text: String) {
    var rest = text[...]
    steps = Self.parse(&rest, until: nil)
    if !rest.isEmpty { steps = nil }
  }

  /// The values that the path leads to.
  func values(in value: JSONValue) -> [JSONValue] {
    steps.map { Self.follow($0[...], value) } ?? []
  }

  private static func follow(_ steps: ArraySlice<Step>, _ value: JSONValue) -> [JSONValue] {
    guard let step = steps.first else { return [value] }
    return next(step, value).flatMap { follow(steps.dropFirst(), $0) }
  }

  private static func next(_ step: Step, _ value: JSONValue) -> [JSONValue] {
    switch step {
    case .name(let name): return value[name].map { [$0] } ?? []
    case .index(let index):
      let count = value.arrayValue?.count ?? 0
      return value[index < 0 ? index + count : index].map { [$0] } ?? []
    case .all: return value.arrayValue ?? value.objectValue?.values ?? []
    case .filter(let steps, let isEqual, let literal):
      return (value.arrayValue ?? []).filter { element in
        follow(steps[...], element).contains(literal) == isEqual
          && (isEqual || !follow(steps[...], element).isEmpty)
      }
    }
  }

  /// Reads steps up to a terminator, which is left; `nil` when something else is found.
  private static func parse(_ rest: inout Substring, until end: Set<Character>?) -> [Step]? {
    var steps: [Step] = []
    while let character = rest.first {
      if let end, end.contains(character) { return steps }
      switch character {
      case ".":
        rest = rest.dropFirst()
        if rest.first == "*" {
          rest = rest.dropFirst()
          steps.append(.all)
          continue
        }
        guard let name = name(&rest, until: end ?? []) else { return nil }
        if !name.isEmpty { steps.append(.name(name)) }
      case "[":
        rest = rest.dropFirst()
        guard let step = bracket(&rest) else { return nil }
        steps.append(step)
      case " ":
        rest = rest.dropFirst()
      default: return nil
      }
    }
    return steps
  }

  private static func name(_ rest: inout Substring, until end: Set<Character>) -> String? {
    var name = ""
    while let character = rest.first, character != ".", character != "[", !end.contains(character) {
      rest = rest.dropFirst()
      if character == "\\" {
        guard let escaped = rest.popFirst() else { return nil }
        name.append(escaped)
      } else if character != " " {
        name.append(character)
      }
    }
    return name
  }

  private static func bracket(_ rest: inout Substring) -> Step? {
    if rest.hasPrefix("?(@") {
      rest = rest.dropFirst(3)
      return filter(&rest)
    }
    guard let close = rest.firstIndex(of: "]") else { return nil }
    let inside = trimmed(rest[..<close])
    rest = rest[rest.index(after: close)...]
    if inside == "*" || inside.isEmpty { return .all }
    if let index = Int(inside) { return .index(index) }
    return unquoted(inside).map { .name($0) }
  }

  private static func filter(_ rest: inout Substring) -> Step? {
    guard let steps = parse(&rest, until: ["=", "!"]) else { return nil }
    let isEqual = rest.hasPrefix("==")
    guard isEqual || rest.hasPrefix("!=") else { return nil }
    rest = rest.dropFirst(2)
    guard let close = rest.range(of: ")]") else { return nil }
    let text = trimmed(rest[..<close.lowerBound])
    rest = rest[close.upperBound...]
    if let text = unquoted(text) { return .filter(steps, isEqual: isEqual, .string(text)) }
    if text == "true" || text == "false" {
      return .filter(steps, isEqual: isEqual, .bool(text == "true"))
    }
    return JSONNumber(text: text).map { .filter(steps, isEqual: isEqual, .number($0)) }
  }

  private static func unquoted(_ text: String) -> String? {
    guard let first = text.first, first == "'" || first == "\"", text.count >= 2,
      text.last == first
    else { return nil }
    return String(text.dropFirst().dropLast())
  }
}

extension Substring {
  /// The first occurrence of a short text.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<(index(start, offsetBy: text.count))
      }
      start = index(after: start)
    }
    return nil
  }
}
