// Sets of field paths, for `metadata.managedFields`.
//
// Source: sigs.k8s.io/structured-merge-diff, fieldpath and typed.

import JSON

/// A set of paths into an object: which of its fields somebody owns.
///
/// Shape: a tree. A node that is a member stands for the field itself (written `.`), its children
/// for what is below.
struct FieldSet: Equatable, Sendable {
  /// Whether the field at this node belongs to the set.
  var isMember = false
  /// `f:NAME`, `v:VALUE` or `k:{…}`.
  var children: [String: FieldSet] = [:]

  var isEmpty: Bool { !isMember && children.isEmpty }

  init() {}

  private init(isMember: Bool, children: [String: FieldSet]) {
    self.isMember = isMember
    self.children = children.filter { !$0.value.isEmpty }
  }

  // MARK: As JSON

  /// Reads `fieldsV1`.
  init(fieldsV1 value: JSONValue) {
    for member in value.objectValue ?? JSONObject() {
      if member.key == "." {
        isMember = true
      } else {
        var child = FieldSet(fieldsV1: member.value)
        if child.isEmpty { child.isMember = true }
        children[member.key] = child
      }
    }
  }

  /// As `fieldsV1`, keys sorted.
  var fieldsV1: JSONValue {
    var result = JSONObject()
    if isMember, !children.isEmpty { result["."] = [:] }
    for (key, child) in children.sorted(by: { precedes($0.key, $1.key) }) {
      result[key] = child.fieldsV1
    }
    return .object(result)
  }

  // MARK: Set operations

  func union(_ other: FieldSet) -> FieldSet {
    FieldSet(
      isMember: isMember || other.isMember,
      children: children.merging(other.children) { $0.union($1) })
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    combined(with: other, isMember && !other.isMember) { mine, theirs in
      theirs.map { mine.subtracting($0) } ?? mine
    }
  }

  /// Without the members of `other` and everything below them.
  func subtractingBranches(_ other: FieldSet) -> FieldSet {
    if other.isMember { return FieldSet() }
    return combined(with: other, isMember) { mine, theirs in
      theirs.map { mine.subtractingBranches($0) } ?? mine
    }
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    combined(with: other, isMember && other.isMember) { mine, theirs in
      theirs.map { mine.intersection($0) } ?? FieldSet()
    }
  }

  private func combined(
    with other: FieldSet, _ isMember: Bool, _ combine: (FieldSet, FieldSet?) -> FieldSet
  ) -> FieldSet {
    var result: [String: FieldSet] = [:]
    for (key, child) in children { result[key] = combine(child, other.children[key]) }
    return FieldSet(isMember: isMember, children: result)
  }

  /// Every path of the set, for messages: `.metadata.labels.a`.
  var paths: [String] { paths(below: "") }

  private func paths(below prefix: String) -> [String] {
    var result = isMember && !prefix.isEmpty ? [prefix] : []
    for (key, child) in children.sorted(by: { precedes($0.key, $1.key) }) {
      result += child.paths(below: prefix + Self.shown(key))
    }
    return result
  }

  private static func shown(_ key: String) -> String {
    if key.hasPrefix("f:") { return "." + key.dropFirst(2) }
    if key.hasPrefix("v:") { return "[=\(key.dropFirst(2))]" }
    guard key.hasPrefix("k:") else { return key }
    let inner = key.dropFirst(3).dropLast()
    return "["
      + inner.split(separator: ",").map { pair in
        let sides = pair.split(separator: ":", maxSplits: 1)
        let name = sides.first.map { $0.filter { $0 != "\"" } } ?? ""
        return "\(name)=\(sides.count > 1 ? String(sides[1]) : "")"
      }.joined(separator: ",") + "]"
  }
}

/// How two objects differ.
struct FieldComparison: Equatable {
  var added = FieldSet()
  var modified = FieldSet()
  var removed = FieldSet()

  /// Compares two versions of an object. `nil` stands for a value that is not there.
  init(_ old: JSONValue?, _ new: JSONValue?, _ schema: ObjectSchema) {
    compare(old, new, schema)
  }

  private init() {}

  private mutating func compare(_ old: JSONValue?, _ new: JSONValue?, _ schema: ObjectSchema) {
    let oldParts = old.flatMap { FieldPart.parts(of: $0, schema) }
    let newParts = new.flatMap { FieldPart.parts(of: $0, schema) }
    let hasParts = oldParts?.isEmpty == false || newParts?.isEmpty == false
    let canDescend =
      (old == nil || old?.isNull == true || oldParts != nil)
      && (new == nil || new?.isNull == true || newParts != nil)
    if hasParts, canDescend {
      compareParts(oldParts ?? [], newParts ?? [])
    } else if let old, let new, old != new {
      modified.isMember = true
    }
    if old == nil, new != nil { added.isMember = true }
    if old != nil, new == nil { removed.isMember = true }
  }

  private mutating func compareParts(_ old: [FieldPart], _ new: [FieldPart]) {
    var oldByKey: [String: FieldPart] = [:]
    for part in old { oldByKey[part.key] = part }
    for part in new {
      let before = oldByKey.removeValue(forKey: part.key)
      merge(FieldComparison(before?.value, part.value, part.schema), at: part.key)
    }
    for (key, part) in oldByKey {
      merge(FieldComparison(part.value, nil, part.schema), at: key)
    }
  }

  private mutating func merge(_ inner: FieldComparison, at key: String) {
    if !inner.added.isEmpty { added.children[key] = inner.added }
    if !inner.modified.isEmpty { modified.children[key] = inner.modified }
    if !inner.removed.isEmpty { removed.children[key] = inner.removed }
  }
}

/// One part of a value that bookkeeping looks at by itself.
struct FieldPart {
  var key: String
  var value: JSONValue
  var schema: ObjectSchema

  /// The parts of a value; `nil` when it is seen as a whole.
  static func parts(of value: JSONValue, _ schema: ObjectSchema) -> [FieldPart]? {
    switch value {
    case .object(let object):
      guard !schema.isAtomic else { return nil }
      return object.map { member in
        let inner = schema.properties[member.key] ?? schema.additionalProperties ?? .anything
        return FieldPart(key: "f:\(member.key)", value: member.value, schema: inner)
      }
    case .array(let elements):
      switch schema.listType {
      case .atomic: return nil
      case .set:
        return elements.map {
          FieldPart(
            key: "v:" + $0.serializedString(.compact(.sortedKeys)), value: $0,
            schema: schema.items ?? .anything)
        }
      case .map(let keys):
        return elements.map {
          FieldPart(key: identity(of: $0, keys), value: $0, schema: schema.items ?? .anything)
        }
      }
    default:
      return nil
    }
  }

  private static func identity(of element: JSONValue, _ keys: [String]) -> String {
    var object = JSONObject()
    for key in keys.sorted() { object[key] = element[key] ?? .null }
    return "k:" + JSONValue.object(object).serializedString(.compact(.sortedKeys))
  }
}
