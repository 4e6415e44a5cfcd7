// What stands between `$(` and `)` in a template.
//
//   placeholder = "$(" [ws] path *( [ws] "??" [ws] path ) [ [ws] "??" [ws] string ] [ws] ")"
//   path        = root *( "." name / "[" string "]" / "[" index "]" )
//   root        = "event" / "body" / "header" / "query" / "inputs" / "vars" / "delivery"
//   name        = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" / "-" )
//   index       = 1*6DIGIT
//   string      = a JSON string
//
// The first path that is present gives the value; a null is absent. The string at the end is the value
// when none is.
//
// `$(` that another `$` precedes, and `$(` before anything else than one of these roots, belong to
// Tekton and are left as they are.

/// Where a value is looked for.
enum TemplateRoot: String, CaseIterable, Sendable {
  case event
  case body
  case header
  case query
  case inputs
  case vars
  case delivery
}

/// A path to a value.
struct ValuePath: Equatable, Sendable {
  enum Step: Equatable, Sendable {
    case key(String)
    case index(Int)
  }

  let root: TemplateRoot
  var steps: [Step]
}

extension ValuePath: CustomStringConvertible {
  var description: String {
    steps.reduce(into: root.rawValue) { text, step in
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key): text += isTemplateName(Array(key.utf8)) ? ".\(key)" : "[\"\(key)\"]"
      }
    }
  }
}

/// A placeholder: alternatives, and what to write when none of them is there.
struct Placeholder: Equatable, Sendable {
  let alternatives: [ValuePath]
  let fallback: String?

  /// The alternatives as they would be written.
  var paths: String { alternatives.map(\.description).joined(separator: " ?? ") }
}

/// A piece of a template's text.
enum TemplateSegment: Equatable, Sendable {
  case literal([UInt8])
  case placeholder(Placeholder)
}

/// Why a template's text was refused.
enum TemplateTextError: Error, Equatable {
  /// No `)`.
  case unclosed(String)
  /// After `.` no name.
  case noName(String)
  /// Between `[` and `]` neither a string nor an index.
  case badSubscript(String)
  /// After `??` neither a string nor a path.
  case badFallback(String)
  /// Something between the path and `)`.
  case unexpected(String)
}

extension TemplateTextError: CustomStringConvertible {
  var description: String {
    switch self {
    case .unclosed(let text): "the placeholder \(text) has no closing parenthesis"
    case .noName(let text): "a name is expected in \(text): write [\"…\"] for other keys"
    case .badSubscript(let text): "[0] or [\"key\"] is expected in \(text)"
    case .badFallback(let text):
      "after ?? a path or a string in double quotes is expected in \(text)"
    case .unexpected(let text): "\".\", \"[\", \"??\" or \")\" is expected in \(text)"
    }
  }
}

/// The production `name`.
func isTemplateName(_ bytes: [UInt8]) -> Bool {
  guard let first = bytes.first, isTemplateNameStart(first) else { return false }
  return bytes.allSatisfy(isTemplateNameByte)
}

func isTemplateNameStart(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "_"):
    true
  default: false
  }
}

func isTemplateNameByte(_ byte: UInt8) -> Bool {
  isTemplateNameStart(byte) || byte == UInt8(ascii: "-")
    || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
