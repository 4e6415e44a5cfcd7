// The mistakes in an object, as Tekton's webhook lists them.

/// A list of mistakes, each with the paths of the fields that it is about.
///
/// Mistakes are collected at the leaves with short paths, and each caller prepends where it was:
/// `missing("name").via(field: "params", index: 0).via("spec")`.
///
/// *Source:* `knative.dev/pkg/apis.FieldError`.
struct FieldViolations: Equatable, Sendable {
  private struct Violation: Equatable, Sendable {
    var message: String
    var paths: [String]
    var details: String
  }

  private var violations: [Violation] = []

  /// No mistake.
  static let none = FieldViolations()

  private init() {}

  /// One mistake with a message of its own.
  init(_ message: String, _ paths: String..., details: String = "") {
    self.init(message, paths: paths, details: details)
  }

  init(_ message: String, paths: [String], details: String = "") {
    violations = [Violation(message: message, paths: paths, details: details)]
  }

  var isEmpty: Bool { violations.isEmpty }

  // MARK: Common mistakes

  static func missing(_ paths: String...) -> FieldViolations {
    FieldViolations("missing field(s)", paths: paths)
  }

  static func disallowed(_ paths: String...) -> FieldViolations {
    FieldViolations("must not set the field(s)", paths: paths)
  }

  static func invalid(_ value: String, _ path: String, details: String = "") -> FieldViolations {
    FieldViolations("invalid value: \(value)", paths: [path], details: details)
  }

  /// Two fields of which only one may be set.
  static func both(_ paths: [String]) -> FieldViolations {
    FieldViolations("expected exactly one, got both", paths: paths)
  }

  static func both(_ paths: String...) -> FieldViolations { both(paths) }

  static func neither(_ paths: [String]) -> FieldViolations {
    FieldViolations("expected exactly one, got neither", paths: paths)
  }

  static func neither(_ paths: String...) -> FieldViolations { neither(paths) }

  /// A feature that is behind a gate which is closed here.
  static func alphaOnly(_ feature: String) -> FieldViolations {
    FieldViolations(
      "\(feature) requires \"enable-api-fields\" feature gate to be \"alpha\" but it is \"beta\"",
      paths: [])
  }

  // MARK: Collecting

  mutating func add(_ others: FieldViolations) {
    violations += others.violations
  }

  static func + (left: FieldViolations, right: FieldViolations) -> FieldViolations {
    var sum = left
    sum.add(right)
    return sum
  }

  static func += (left: inout FieldViolations, right: FieldViolations) { left.add(right) }

  // MARK: Places

  /// The same mistakes inside a field.
  func via(_ field: String) -> FieldViolations {
    var result = self
    for index in result.violations.indices {
      result.violations[index].paths = result.violations[index].paths.map {
        Self.joined(field, $0)
      }
    }
    return result
  }

  /// The same mistakes inside an element of a list.
  func via(index: Int) -> FieldViolations { via("[\(index)]") }

  /// The same mistakes inside an element of the list that a field holds.
  func via(_ field: String, index: Int) -> FieldViolations { via(index: index).via(field) }

  /// The same mistakes under a key.
  func via(key: String) -> FieldViolations { via("[\(key)]") }

  /// The same mistakes under a key of the map that a field holds.
  func via(_ field: String, key: String) -> FieldViolations { via(key: key).via(field) }

  /// Two paths as one. Names are separated by dots, indexes and keys stick to what they follow. A
  /// key with a dot in it falls apart, as it does in the original.
  private static func joined(_ prefix: String, _ path: String) -> String {
    var parts: [String] = []
    for part in [prefix, path].flatMap({ $0.split(separator: ".") }) {
      if let last = parts.last, part.hasPrefix("["), part.hasSuffix("]") {
        parts[parts.count - 1] = last + part
      } else {
        parts.append(String(part))
      }
    }
    return parts.joined(separator: ".")
  }
}

extension FieldViolations: CustomStringConvertible {
  /// All mistakes, one on a line, in the order of their messages. Mistakes with the same message
  /// are one, with the paths of all.
  var description: String {
    var paths: [Heading: Set<String>] = [:]
    for violation in violations {
      let heading = Heading(message: violation.message, details: violation.details)
      paths[heading, default: []].formUnion(violation.paths)
    }
    return paths.sorted { $0.key < $1.key }.map { heading, paths in
      let line = "\(heading.message): \(paths.sorted(by: precedes).joined(separator: ", "))"
      return heading.details.isEmpty ? line : "\(line)\n\(heading.details)"
    }.joined(separator: "\n")
  }

  private struct Heading: Hashable, Comparable {
    var message: String
    var details: String

    static func < (left: Heading, right: Heading) -> Bool {
      left.message == right.message
        ? precedes(left.details, right.details) : precedes(left.message, right.message)
    }
  }
}
