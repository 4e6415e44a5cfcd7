// Paths into objects, for the tests of hooks.

import Bytes
package import JSON

/// A path such as `spec.params.IMAGE_TAG` or `metadata.annotations["example.com/tag"]`.
///
/// Its steps are those of placeholders (Placeholder.swift), and one more: in a list of objects with a
/// `name`, as Kubernetes has many, the name is a step as well, and where such an object holds nothing
/// but its name and a `value`, the value is meant.
package struct ObjectPath: Sendable {
  package let text: String
  private let steps: [ValuePath.Step]

  /// Nil for a text that is no path.
  init?(_ text: String) {
    // A path is what may stand behind a root in a placeholder.
    guard let segments = try? PlaceholderParser.segments(of: "$(body.\(text))"),
      segments.count == 1, case .placeholder(let placeholder)? = segments.first,
      placeholder.fallback == nil, placeholder.alternatives.count == 1
    else { return nil }
    self.text = text
    steps = placeholder.alternatives[0].steps
  }

  /// The value at the path; nil when there is none.
  package func value(in object: JSONValue) -> JSONValue? {
    var value = object
    for step in steps {
      guard let next = Self.step(step, into: value) ?? Self.step(step, into: Self.plain(value))
      else { return nil }
      value = next
    }
    return Self.plain(value)
  }

  private static func step(_ step: ValuePath.Step, into value: JSONValue) -> JSONValue? {
    switch step {
    case .index(let index): value[index]
    case .key(let key): value[key] ?? item(named: key, of: value)
    }
  }

  private static func item(named name: String, of list: JSONValue) -> JSONValue? {
    list.arrayValue?.first { $0["name"]?.stringValue == name }
  }

  private static func plain(_ value: JSONValue) -> JSONValue {
    guard let members = value.objectValue, members.count == 2, members.contains("name"),
      let inner = members["value"]
    else { return value }
    return inner
  }
}
