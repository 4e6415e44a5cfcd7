// Maps that may be JSON objects.

package import JSON

/// A CEL map: keys are of type bool, int, uint or string, in the order in which they were added.
///
/// Numeric keys of different types that are the same number are one key. Looking up takes constant
/// time. Reading a value of a JSON object converts that value alone.
package struct CELMap: Sendable {
  private enum Storage {
    case native(NativeMap)
    case object(JSONObject)
    /// An object.
    case view(JSONView)
  }

  private let storage: Storage

  /// The map of a JSON object.
  package init(json object: JSONObject) { storage = .object(object) }

  /// The map of an object in a JSON document.
  init(object: JSONView) { storage = .view(object) }

  /// The map of entries; of a repeated key the last value counts. Keys of a type that cannot be
  /// one are an error of the caller and are left out.
  package init(_ entries: some Sequence<(CELValue, CELValue)>) {
    var builder = Builder()
    for (key, value) in entries { builder.update(value, forKey: key) }
    self = builder.map
  }

  private init(_ native: NativeMap) { storage = .native(native) }

  /// The object in a JSON document that it is, if it is one.
  var view: JSONView? { if case .view(let object) = storage { object } else { nil } }

  /// How many entries there are.
  package var count: Int {
    switch storage {
    case .native(let map): map.entries.count
    case .object(let object): object.count
    case .view(let object): object.count
    }
  }

  /// The value of a key; nil when there is none, and for values that cannot be keys. A double finds
  /// the int or uint of the same number.
  package subscript(key: CELValue) -> CELValue? {
    switch storage {
    case .native(let map):
      return MapKey(lookup: key).flatMap { map.value(of: $0) }
    case .object(let object):
      guard case .string(let text) = key else { return nil }
      return object[text.text].map(CELValue.init(json:))
    case .view(let object):
      guard case .string(let text) = key else { return nil }
      return text.withUTF8 { object[$0] }.map(CELValue.init(json:))
    }
  }

  /// The value of a string key.
  package subscript(key: String) -> CELValue? {
    switch storage {
    case .native(let map): map.value(of: .string(CELString(key)))
    case .object(let object): object[key].map(CELValue.init(json:))
    case .view(let object): object[key].map(CELValue.init(json:))
    }
  }

  /// Whether there is an entry of a string key.
  package func contains(_ key: String) -> Bool {
    switch storage {
    case .native(let map): map.value(of: .string(CELString(key))) != nil
    case .object(let object): object.contains(key)
    case .view(let object): object[key] != nil
    }
  }

  /// The first entry in the order of the map.
  package var firstEntry: (key: CELValue, value: CELValue)? {
    var entries = entries
    return entries.next()
  }

  /// The entries in order. Going through all takes time in proportion to them.
  package var entries: Entries {
    switch storage {
    case .native(let map): Entries(source: .native(map.entries[...]))
    case .object(let object): Entries(source: .object(object[...]))
    case .view(let object): Entries(source: .view(object.members))
    }
  }

  /// The entries of a map.
  package struct Entries: Sequence, IteratorProtocol {
    fileprivate enum Source {
      case native(ArraySlice<(key: MapKey, value: CELValue)>)
      case object(Slice<JSONObject>)
      case view(JSONMembers?)
    }

    fileprivate var source: Source

    package mutating func next() -> (key: CELValue, value: CELValue)? {
      switch source {
      case .native(var rest):
        guard let entry = rest.popFirst() else { return nil }
        source = .native(rest)
        return (entry.key.value, entry.value)
      case .object(var rest):
        guard let member = rest.popFirst() else { return nil }
        source = .object(rest)
        return (.string(CELString(member.key)), CELValue(json: member.value))
      case .view(var members):
        guard let member = members?.next() else { return nil }
        source = .view(members)
        return (.string(CELString(json: member.key)), CELValue(json: member.value))
      }
    }
  }

  /// Builds a map entry by entry.
  package struct Builder {
    private var native = NativeMap()

    /// A builder without entries.
    package init() {}

    /// How many entries there are.
    package var count: Int { native.entries.count }

    /// Adds an entry or replaces its value. False, and nothing is done, when the key is of a type
    /// that cannot be one.
    @discardableResult
    package mutating func update(_ value: CELValue, forKey key: CELValue) -> Bool {
      guard let key = MapKey(key) else { return false }
      native.update(value, forKey: key)
      return true
    }

    /// Whether there is an entry of this key.
    package func contains(_ key: CELValue) -> Bool {
      MapKey(key).map { native.value(of: $0) != nil } ?? false
    }

    /// The map of the entries.
    package var map: CELMap { CELMap(native) }
  }
}

/// A key: numbers in one form, so that `1` and `1u` are one.
enum MapKey: Hashable, Sendable {
  case bool(Bool)
  case int(Int64)
  /// Only above the range of ``int(_:)`` when compared; see ``value`` for the type as written.
  case uint(UInt64)
  case string(CELString)

  /// The key of a value; nil for types that cannot be keys.
  init?(_ value: CELValue) {
    switch value {
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .uint(let value): self = .uint(value)
    case .string(let value): self = .string(value)
    default: return nil
    }
  }

  /// The key that a value finds, which may also be an integral double.
  init?(lookup value: CELValue) {
    if case .double(let number) = value {
      if let int = Int64(exactly: number) {
        self = .int(int)
      } else if let uint = UInt64(exactly: number) {
        self = .uint(uint)
      } else {
        return nil
      }
    } else {
      self.init(value)
    }
  }

  /// The key as a value of the type it was written with.
  var value: CELValue {
    switch self {
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .uint(let value): .uint(value)
    case .string(let value): .string(value)
    }
  }

  static func == (left: MapKey, right: MapKey) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.uint(let left), .uint(let right)): left == right
    case (.int(let left), .uint(let right)): left >= 0 && UInt64(left) == right
    case (.uint(let left), .int(let right)): right >= 0 && UInt64(right) == left
    case (.string(let left), .string(let right)): left == right
    default: false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(UInt64(bitPattern: value))
    case .uint(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    }
  }
}

/// Entries in order and, above a few of them, a table of their positions.
struct NativeMap: Sendable {
  private(set) var entries: [(key: MapKey, value: CELValue)] = []
  private var positions: [MapKey: Int] = [:]

  /// Comparing this many keys costs about as much as hashing one.
  private static let threshold = 8

  func value(of key: MapKey) -> CELValue? {
    position(of: key).map { entries[$0].value }
  }

  mutating func update(_ value: CELValue, forKey key: MapKey) {
    if let position = position(of: key) {
      entries[position].value = value
      return
    }
    entries.append((key, value))
    if entries.count == Self.threshold + 1 {
      for (position, entry) in entries.enumerated() { positions[entry.key] = position }
    } else if entries.count > Self.threshold {
      positions[key] = entries.count - 1
    }
  }

  private func position(of key: MapKey) -> Int? {
    entries.count > Self.threshold ? positions[key] : entries.firstIndex { $0.key == key }
  }
}
