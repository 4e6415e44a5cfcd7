// A run template, compiled: the tree with its texts already split.

import Bytes
import JSON

/// A part of a template.
indirect enum TemplateNode: Sendable {
  /// Holds no placeholder.
  case literal(JSONValue)
  /// A string with placeholders in it; `path` names the place for errors.
  case text([TemplateSegment], path: String)
  /// A string that is one placeholder and nothing else.
  case whole(Placeholder, path: String)
  case list([TemplateNode])
  case object([TemplateMember])
}

/// A member of an object in a template.
struct TemplateMember: Sendable {
  let key: String
  let node: TemplateNode
}

/// Why a template gave no object.
package enum TemplateError: Error, Equatable {
  /// A placeholder names a value that is not there.
  case absent(paths: String, at: String)
  /// The object would have more bytes than ``RunTemplate/byteLimit``.
  case tooLarge
  /// The rendered `metadata.name` is none.
  case invalidName(String)
  /// The rendered `metadata.namespace` is none.
  case invalidNamespace(String)
}

extension TemplateError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .absent(let paths, let place):
      "\(place): \(paths) is absent: write $(\(paths) ?? \"…\") where that is allowed"
    case .tooLarge: "the run would have more than \(RunTemplate.byteLimit) bytes"
    case .invalidName(let name): "metadata.name: \"\(name)\" is not a valid name"
    case .invalidNamespace(let name): "metadata.namespace: \"\(name)\" is not a valid namespace"
    }
  }
}

/// What placeholders refer to, for one event of one delivery.
struct TemplateContext: Sendable {
  let event: JSONValue
  let body: JSONValue
  let header: JSONValue
  let query: JSONValue
  let inputs: JSONValue
  let delivery: JSONValue

  /// The value at a path; nil when it is absent or null.
  func value(at path: ValuePath) -> JSONValue? {
    var value =
      switch path.root {
      case .event: event
      case .body: body
      case .header: header
      case .query: query
      case .inputs: inputs
      case .delivery: delivery
      }
    for step in path.steps {
      let next =
        switch step {
        case .key(let key): value[key]
        case .index(let index): value[index]
        }
      guard let next else { return nil }
      value = next
    }
    // Not a conditional expression: in one, `nil` would be JSON's null.
    guard !value.isNull else { return nil }
    return value
  }
}

/// Renders nodes: one pass over the tree, values only ever as leaves.
///
/// A text that came from a value is never scanned for placeholders, and `$(` in it is written `$$(`,
/// also where the `$` and the `(` come from different sides of a seam, so Tekton takes nothing in a
/// payload for a reference of its own.
struct TemplateRenderer {
  private let context: TemplateContext
  private var room = RunTemplate.byteLimit

  init(_ context: TemplateContext) {
    self.context = context
  }

  mutating func render(_ node: TemplateNode) throws(TemplateError) -> JSONValue {
    switch node {
    case .literal(let value): return value
    case .text(let segments, let path): return .string(try text(segments, at: path))
    case .whole(let placeholder, let path):
      let value = try value(placeholder, at: path)
      guard value.arrayValue != nil || value.objectValue != nil else {
        return .string(try text([.placeholder(placeholder)], at: path))
      }
      return try escaped(value)
    case .list(let nodes):
      var items: [JSONValue] = []
      for node in nodes { items.append(try render(node)) }
      return .array(items)
    case .object(let members):
      var object = JSONObject()
      for member in members { object[member.key] = try render(member.node) }
      return .object(object)
    }
  }

  private mutating func text(
    _ segments: [TemplateSegment], at path: String
  ) throws(TemplateError) -> String {
    var output: [UInt8] = []
    var endsInValue = false
    for segment in segments {
      switch segment {
      case .literal(let bytes):
        if endsInValue, output.last == UInt8(ascii: "$"), bytes.first == UInt8(ascii: "(") {
          output.append(UInt8(ascii: "$"))
        }
        output += bytes
        endsInValue = false
      case .placeholder(let placeholder):
        let value = try value(placeholder, at: path)
        let bytes = value.stringValue.map { Array($0.utf8) } ?? value.serialized()
        try spend(bytes.count)
        Self.append(bytes, to: &output)
        endsInValue = endsInValue || !bytes.isEmpty
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private func value(
    _ placeholder: Placeholder, at path: String
  ) throws(TemplateError) -> JSONValue {
    for alternative in placeholder.alternatives {
      if let value = context.value(at: alternative) { return value }
    }
    guard let fallback = placeholder.fallback else {
      throw .absent(paths: placeholder.paths, at: path)
    }
    return .string(fallback)
  }

  /// A list or object with every text in it escaped, keys included.
  private mutating func escaped(_ value: JSONValue) throws(TemplateError) -> JSONValue {
    switch value {
    case .null, .bool, .number:
      try spend(Self.scalarByteCount)
      return value
    case .string(let string):
      return .string(try escaped(string))
    case .array(let items):
      var result: [JSONValue] = []
      for item in items { result.append(try escaped(item)) }
      return .array(result)
    case .object(let members):
      var object = JSONObject()
      for member in members { object[try escaped(member.key)] = try escaped(member.value) }
      return .object(object)
    }
  }

  private mutating func escaped(_ string: String) throws(TemplateError) -> String {
    var output: [UInt8] = []
    try spend(string.utf8.count + Self.scalarByteCount)
    Self.append(Array(string.utf8), to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends bytes of a value.
  private static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
    for byte in bytes {
      if byte == UInt8(ascii: "("), output.last == UInt8(ascii: "$") {
        output.append(UInt8(ascii: "$"))
      }
      output.append(byte)
    }
  }

  private mutating func spend(_ byteCount: Int) throws(TemplateError) {
    room -= byteCount
    guard room >= 0 else { throw .tooLarge }
  }

  /// What a scalar costs beside its text: quotes and a comma.
  private static let scalarByteCount = 3
}
