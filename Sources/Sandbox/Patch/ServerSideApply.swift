// Server-side apply: an object as far as one manager cares about it, merged into what is stored.
//
// Source: sigs.k8s.io/structured-merge-diff/merge/update.go, Apply.

import JSON

/// Fields that others own and that the configuration would change.
struct ApplyConflict: Error, Equatable {
  /// The other managers, each with the fields.
  var fields: [(writer: ManagedFields.Entry, paths: [String])]

  static func == (left: ApplyConflict, right: ApplyConflict) -> Bool {
    left.fields.map(\.paths) == right.fields.map(\.paths)
  }
}

/// One application of a configuration.
struct ServerSideApply {
  /// What becomes of conflicts.
  enum Conflicts {
    case refused
    /// The fields change their owner.
    case forced
  }

  var configuration: JSONValue
  var writer: ManagedFields.Writer
  var schema: ObjectSchema
  var conflicts: Conflicts
  var now: Timestamp

  /// What the configuration names.
  var fields: FieldSet { FieldSet(of: ManagedFields.stripped(configuration), schema) }

  /// The stored object with the configuration merged in, and the owners of its fields.
  func apply(to live: JSONValue) throws(ApplyConflict) -> JSONValue {
    var managed = ManagedFields(of: live)
    let before = managed.entries.first { $0.writer == writer }?.fields ?? FieldSet()
    var merged = Self.merge(configuration, into: live, schema)
    let others = managed.entries.filter { $0.writer != writer }
      .reduce(FieldSet()) { $0.union($1.fields) }
    let abandoned = before.subtracting(fields).subtracting(others)
    merged = Self.remove(abandoned, keeping: fields.union(others), from: merged, schema) ?? merged
    try settle(&managed, live, merged)
    merged.setMetadata("managedFields", managed.value)
    return merged
  }

  private func settle(
    _ managed: inout ManagedFields, _ live: JSONValue, _ merged: JSONValue
  ) throws(ApplyConflict) {
    let comparison = FieldComparison(
      ManagedFields.stripped(live), ManagedFields.stripped(merged), schema)
    let written = comparison.added.union(comparison.modified)
    var found: [(writer: ManagedFields.Entry, paths: [String])] = []
    for index in managed.entries.indices where managed.entries[index].writer != writer {
      let contested = managed.entries[index].fields.intersection(written)
      if contested.isEmpty { continue }
      found.append((managed.entries[index], contested.paths))
      managed.entries[index].fields = managed.entries[index].fields.subtracting(contested)
    }
    if conflicts == .refused, !found.isEmpty { throw ApplyConflict(fields: found) }
    managed.entries.removeAll { $0.fields.isEmpty && $0.writer != writer }
    if let index = managed.entries.firstIndex(where: { $0.writer == writer }) {
      if managed.entries[index].fields != fields {
        managed.entries[index].fields = fields
        managed.entries[index].time = now.text
      }
    } else {
      managed.entries.append(.init(writer: writer, time: now.text, fields: fields))
    }
    managed.entries.removeAll { $0.fields.isEmpty }
    managed.sort()
  }

  // MARK: Merging

  private static func merge(
    _ change: JSONValue, into old: JSONValue, _ schema: ObjectSchema
  ) -> JSONValue {
    switch (change, old) {
    case (.object(let changes), .object(var object)):
      guard !schema.isAtomic else { return change }
      for member in changes {
        let inner = schema.properties[member.key] ?? schema.additionalProperties ?? .anything
        object[member.key] =
          object[member.key].map { merge(member.value, into: $0, inner) }
          ?? member.value
      }
      return .object(object)
    case (.array, .array):
      guard schema.listType != .atomic, let changes = FieldPart.parts(of: change, schema),
        let olds = FieldPart.parts(of: old, schema)
      else { return change }
      var result = olds
      for part in changes {
        if let index = result.firstIndex(where: { $0.key == part.key }) {
          result[index].value = merge(part.value, into: result[index].value, part.schema)
        } else {
          result.append(part)
        }
      }
      return .array(result.map(\.value))
    default: return change
    }
  }

  /// A value without the fields of a set; `nil` when it is itself one of them, and nothing below it
  /// is to be kept.
  private static func remove(
    _ fields: FieldSet, keeping kept: FieldSet, from value: JSONValue, _ schema: ObjectSchema
  ) -> JSONValue? {
    if fields.isMember, kept.isEmpty { return nil }
    guard !fields.children.isEmpty, let parts = FieldPart.parts(of: value, schema) else {
      return value
    }
    let left = parts.compactMap { part -> FieldPart? in
      guard let inner = fields.children[part.key] else { return part }
      let keptInner = kept.children[part.key] ?? FieldSet()
      guard let value = remove(inner, keeping: keptInner, from: part.value, part.schema) else {
        return nil
      }
      // What only held abandoned fields goes with them.
      if keptInner.isEmpty, value == [:], part.value != [:] { return nil }
      return FieldPart(key: part.key, value: value, schema: part.schema)
    }
    if case .array = value { return .array(left.map(\.value)) }
    return .object(JSONObject(left.map { (String($0.key.dropFirst(2)), $0.value) }))
  }
}

extension FieldSet {
  /// What a configuration names: its leaves, the keys of its maps, the elements of its lists.
  ///
  /// *Source:* `typed/tofieldset.go`.
  init(of value: JSONValue, _ schema: ObjectSchema) {
    guard let parts = FieldPart.parts(of: value, schema) else {
      isMember = true
      return
    }
    for part in parts {
      var child = FieldSet(of: part.value, part.schema)
      let isDeclared =
        part.key.hasPrefix("f:")
        && schema.properties[String(part.key.dropFirst(2))] != nil
      if !isDeclared || part.value == [:] || part.value.isNull { child.isMember = true }
      children[part.key] = child
    }
  }
}
