// Who set which field: `metadata.managedFields`.
//
// Source: sigs.k8s.io/structured-merge-diff/merge and k8s.io/apimachinery/pkg/util/managedfields.

import JSON

/// Keeps the list of field managers of one object up to date.
struct ManagedFields {
  /// Who writes, and how.
  struct Writer: Equatable {
    var manager: String
    var operation: String
    var apiVersion: String
    var subresource: String
  }

  /// One manager and what it owns.
  struct Entry: Equatable {
    var writer: Writer
    var time: String
    var fields: FieldSet
  }

  var entries: [Entry]

  /// Reads an object's list; entries that are malformed are left out.
  init(of object: JSONValue) {
    entries = (object.metadata["managedFields"]?.arrayValue ?? []).compactMap { entry in
      guard let operation = entry["operation"]?.stringValue,
        entry["fieldsType"]?.stringValue == "FieldsV1", let fields = entry["fieldsV1"]
      else { return nil }
      return Entry(
        writer: Writer(
          manager: entry["manager"]?.stringValue ?? "", operation: operation,
          apiVersion: entry.apiVersionName,
          subresource: entry["subresource"]?.stringValue ?? ""),
        time: entry["time"]?.stringValue ?? "", fields: FieldSet(fieldsV1: fields))
    }
  }

  /// As the list in an object; `nil` when nobody owns anything.
  var value: JSONValue? {
    guard !entries.isEmpty else { return nil }
    return .array(
      entries.map { entry in
        var object: JSONObject = [
          "manager": .string(entry.writer.manager),
          "operation": .string(entry.writer.operation),
          "apiVersion": .string(entry.writer.apiVersion),
          "time": .string(entry.time),
          "fieldsType": "FieldsV1",
          "fieldsV1": entry.fields.fieldsV1,
        ]
        if !entry.writer.subresource.isEmpty {
          object["subresource"] = .string(entry.writer.subresource)
        }
        return .object(object)
      })
  }

  /// Accounts for a change made by an ordinary write: the writer owns what it added or modified,
  /// nobody else does any more, and nobody owns what is gone.
  mutating func record(_ comparison: FieldComparison, by writer: Writer, at time: Timestamp) {
    let written = comparison.added.union(comparison.modified)
    if written.isEmpty, comparison.removed.isEmpty { return }
    for index in entries.indices where entries[index].writer != writer {
      entries[index].fields = entries[index].fields.subtracting(written)
        .subtractingBranches(comparison.removed)
    }
    if let index = entries.firstIndex(where: { $0.writer == writer }) {
      let fields = entries[index].fields.union(written).subtracting(comparison.removed)
      if fields != entries[index].fields {
        entries[index].fields = fields
        entries[index].time = time.text
      }
    } else if !written.isEmpty {
      entries.append(Entry(writer: writer, time: time.text, fields: written))
    }
    entries.removeAll { $0.fields.isEmpty }
    sort()
  }

  /// Sorted as the API sorts them: applied ones first, then by time, manager and version.
  mutating func sort() {
    entries.sort { left, right in
      let leftKey = Self.sortKey(left)
      let rightKey = Self.sortKey(right)
      return leftKey.lexicographicallyPrecedes(rightKey)
    }
  }

  private static func sortKey(_ entry: Entry) -> [String] {
    [
      entry.writer.operation, entry.time, entry.writer.manager, entry.writer.apiVersion,
      entry.writer.subresource,
    ]
  }

  /// What is never owned by anybody.
  static func stripped(_ object: JSONValue) -> JSONValue {
    var object = object
    object["apiVersion"] = nil
    object["kind"] = nil
    var metadata = object.metadata
    for key in [
      "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields",
      "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds",
    ] {
      metadata[key] = nil
    }
    object["metadata"] = .object(metadata)
    return object
  }
}
