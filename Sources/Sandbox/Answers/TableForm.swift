// The Table form that `kubectl get` prints.
//
// Source: k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor.

import JSON

/// Turns objects of one resource version into Tables.
struct TableForm {
  /// What the rows carry besides their cells.
  enum Included: String {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"

    /// Reads `includeObject`.
    init(parameter: String?) throws(StatusError) {
      switch parameter {
      case nil, "": self = .metadata
      case let text?:
        guard let known = Included(rawValue: text) else {
          let mistake = FieldError.invalid(
            "includeObject", .string(text), "must be 'Metadata', 'Object', 'None', or empty")
          throw .badRequest("Unable to convert to Table as requested: \(mistake.description)")
        }
        self = known
      }
    }
  }

  var columns: [PrinterColumn]
  /// `v1` or `v1beta1`.
  var version: String
  var included: Included
  var now: Timestamp

  /// Whether the resource says itself where its name stands. Events show theirs late.
  private var allColumns: [PrinterColumn] {
    columns.contains { $0.name == "Name" } ? columns : [Self.nameColumn] + columns
  }

  /// A Table of objects. `metadata` is that of the list, or of the only object.
  func table(of objects: [JSONValue], metadata: JSONValue, header: Header = .shown) -> JSONValue {
    [
      "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
      "columnDefinitions": header == .shown ? .array(definitions) : nil,
      "rows": .array(objects.map(row)),
    ]
  }

  /// Whether the columns are described. In a watch only the first Table does.
  enum Header {
    case shown
    case omitted
  }

  private var definitions: [JSONValue] {
    allColumns.map { column in
      [
        "name": .string(column.name), "type": .string(column.type),
        "format": .string(column.format), "description": .string(column.description),
        "priority": .int(column.priority),
      ]
    }
  }

  private func row(_ object: JSONValue) -> JSONValue {
    let cells = allColumns.map { cell($0, object) }
    let shown: JSONValue =
      switch included {
      case .none: nil
      case .metadata: MetadataForm.partial(object, version: version)
      case .object: object
      }
    return ["cells": .array(cells), "object": shown]
  }

  private func cell(_ column: PrinterColumn, _ object: JSONValue) -> JSONValue {
    switch column.cell {
    case .computed(let compute): return compute(object, now.seconds)
    case .path(let path):
      guard let value = JSONPath(path).values(in: object).first, !value.isNull else { return nil }
      return converted(value, column.type)
    }
  }

  private func converted(_ value: JSONValue, _ type: String) -> JSONValue {
    switch (type, value) {
    case ("integer", .number(let number)):
      return number.int.map { .int($0) }
        ?? Int(exactly: number.double.rounded(.towardZero)).map { .int($0) } ?? .null
    case ("number", .number), ("boolean", .bool), ("string", .string): return value
    case ("string", .number(let number)): return .string(number.text)
    case ("string", .bool(let flag)): return .string(flag ? "true" : "false")
    case ("string", .array), ("string", .object):
      return .string(value.serializedString(.compact(.sortedKeys)))
    case ("date", .string(let text)): return .string(Self.age(of: text, at: now.seconds))
    default: return nil
    }
  }

  /// The age of a moment, as `kubectl get` shows it.
  static func age(of text: String?, at now: Int64) -> String {
    guard let text else { return "<unknown>" }
    do throws(GoTimeError) {
      return humanDuration(seconds: now - (try parseGoTime(text, .seconds)).seconds)
    } catch {
      return "<invalid>"
    }
  }

  private static let nameColumn = PrinterColumn(
    name: "Name", format: "name", description: nameDescription,
    cell: .computed { object, _ in .string(object.name) })

  /// What the API says of names.
  static let nameDescription =
    "Name must be unique within a namespace. Is required when creating resources, although some "
    + "resources may allow a client to request the generation of an appropriate name "
    + "automatically. Name is primarily intended for creation idempotence and configuration "
    + "definition. Cannot be updated. More info: "
    + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
}

extension PrinterColumn {
  /// The age of the object, which most resources show last.
  package static let age = PrinterColumn(
    name: "Age", description: creationDescription,
    cell: .computed { object, now in
      .string(TableForm.age(of: object.metadata["creationTimestamp"]?.stringValue, at: now))
    })

  /// The age as custom resources declare it.
  static let customAge = PrinterColumn(
    name: "Age", type: "date", description: creationDescription,
    cell: .path(".metadata.creationTimestamp"))

  /// The moment of creation, which resources without columns of their own show.
  static let createdAt = PrinterColumn(
    name: "Created At", type: "date", description: creationDescription,
    cell: .computed { object, _ in object.metadata["creationTimestamp"] ?? .null })

  private static let creationDescription =
    "CreationTimestamp is a timestamp representing the server time when this object was created. "
    + "It is not guaranteed to be set in happens-before order across separate operations. Clients "
    + "may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by "
    + "the system. Read-only. Null for lists. More info: "
    + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
}

/// A duration in at most two units, as `kubectl` prints ages: `5m30s`, `3h`, `12d`.
///
/// *Source:* `k8s.io/apimachinery/pkg/util/duration`, `HumanDuration`.
func humanDuration(seconds: Int64) -> String {
  func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
    small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
  }
  if seconds < -1 { return "<invalid>" }
  if seconds < 0 { return "0s" }
  let minutes = seconds / 60
  let hours = minutes / 60
  let days = hours / 24
  switch true {
  case seconds < 120: return "\(seconds)s"
  case minutes < 10: return pair(minutes, "m", seconds % 60, "s")
  case minutes < 180: return "\(minutes)m"
  case hours < 8: return pair(hours, "h", minutes % 60, "m")
  case hours < 48: return "\(hours)h"
  case hours < 192: return pair(days, "d", hours % 24, "h")
  case days < 365 * 2: return "\(days)d"
  case days < 365 * 8: return pair(days / 365, "y", days % 365, "d")
  default: return "\(days / 365)y"
  }
}
