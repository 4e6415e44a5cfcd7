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
  /// A value holds `$(`, and the trigger refuses such values.
  case unsafeValue(paths: String, at: String)
}

extension TemplateError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .absent(let paths, let place):
      "\(place): \(paths) is absent: write $(\(paths) ?? \"…\") where that is allowed"
    case .tooLarge: "the run would have more than \(RunTemplate.byteLimit) bytes"
    case .invalidName(let name): "metadata.name: \"\(name)\" is not a valid name"
    case .invalidNamespace(let name): "metadata.namespace: \"\(name)\" is not a valid namespace"
    case .unsafeValue(let paths, let place):
      "\(place): \(paths) holds \"$(\", which Tekton might take for a reference, and the trigger "
        + "says unsafeValues: refuse"
    }
  }
}

/// What placeholders refer to, for one event of one delivery.
struct TemplateContext: Sendable {
  let event: JSONValue
  let body: JSONView
  let header: JSONValue
  let query: JSONValue
  let inputs: JSONValue
  let vars: JSONValue
  let delivery: JSONValue

  /// The value at a path; nil when it is absent or null.
  func value(at path: ValuePath) -> JSONValue? {
    var value: JSONValue
    switch path.root {
    case .body: return bodyValue(at: path.steps)
    case .event: value = event
    case .header: value = header
    case .query: value = query
    case .inputs: value = inputs
    case .vars: value = vars
    case .delivery: value = delivery
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

  private func bodyValue(at steps: [ValuePath.Step]) -> JSONValue? {
    var view = body
    for step in steps {
      let next =
        switch step {
        case .key(let key): view[key]
        case .index(let index): view[index]
        }
      guard let next else { return nil }
      view = next
    }
    guard !view.isNull else { return nil }
    return view.materialised
  }
}

/// Renders nodes: one pass over the tree, values only ever as leaves.
///
/// A text that came from a value is never scanned for placeholders, and `$(` in it is dealt with as
/// ``UnsafeValues`` says, also where the `$` and the `(` come from different sides of a seam.
struct TemplateRenderer {
  private let context: TemplateContext
  private let unsafeValues: UnsafeValues
  private var room = RunTemplate.byteLimit

  init(_ context: TemplateContext, unsafeValues: UnsafeValues) {
    self.context = context
    self.unsafeValues = unsafeValues
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
      return try defused(value, placeholder.paths, at: path)
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
          try defuse(&output, segments.placeholders, at: path)
        }
        output += bytes
        endsInValue = false
      case .placeholder(let placeholder):
        let value = try value(placeholder, at: path)
        let bytes = value.stringValue.map { Array($0.utf8) } ?? value.serialized()
        try spend(bytes.count)
        try append(bytes, to: &output, placeholder.paths, at: path)
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

  /// A list or object with every text in it made harmless, keys included.
  private mutating func defused(
    _ value: JSONValue, _ paths: String, at path: String
  ) throws(TemplateError) -> JSONValue {
    switch value {
    case .null, .bool, .number:
      try spend(Self.scalarByteCount)
      return value
    case .string(let string):
      return .string(try defused(string, paths, at: path))
    case .array(let items):
      var result: [JSONValue] = []
      for item in items { result.append(try defused(item, paths, at: path)) }
      return .array(result)
    case .object(let members):
      var object = JSONObject()
      for member in members {
        object[try defused(member.key, paths, at: path)] = try defused(
          member.value, paths, at: path)
      }
      return .object(object)
    }
  }

  private mutating func defused(
    _ string: String, _ paths: String, at path: String
  ) throws(TemplateError) -> String {
    var output: [UInt8] = []
    try spend(string.utf8.count + Self.scalarByteCount)
    try append(Array(string.utf8), to: &output, paths, at: path)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends bytes of a value.
  private func append(
    _ bytes: [UInt8], to output: inout [UInt8], _ paths: String, at path: String
  ) throws(TemplateError) {
    for byte in bytes {
      if byte == UInt8(ascii: "("), output.last == UInt8(ascii: "$") {
        try defuse(&output, paths, at: path)
      }
      output.append(byte)
    }
  }

  /// Deals with an output that ends in `$` where a `(` is to follow.
  private func defuse(
    _ output: inout [UInt8], _ paths: String, at path: String
  ) throws(TemplateError) {
    switch unsafeValues {
    case .escape: output.append(UInt8(ascii: "$"))
    case .refuse: throw .unsafeValue(paths: paths, at: path)
    case .replace:
      while output.last == UInt8(ascii: "$") { output.removeLast() }
    }
  }

  private mutating func spend(_ byteCount: Int) throws(TemplateError) {
    room -= byteCount
    guard room >= 0 else { throw .tooLarge }
  }

  /// What a scalar costs beside its text: quotes and a comma.
  private static let scalarByteCount = 3
}

extension [TemplateSegment] {
  /// The paths of all placeholders, for a message about a seam between two segments.
  fileprivate var placeholders: String {
    compactMap { if case .placeholder(let placeholder) = $0 { placeholder.paths } else { nil } }
      .joined(separator: ", ")
  }
}
