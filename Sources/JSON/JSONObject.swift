// Objects that keep the order of their keys.

/// A JSON object: members with unique keys, in the order in which they were first added.
///
/// Keys are compared by code point, as RFC 8259 §8.3 says, so a composed and a decomposed `é` are
/// two keys. Two objects are equal when they have the same members, in whatever order.
///
/// Shape: an array of members and, above ``KeyIndex/threshold`` of them, a hash index into it.
/// Looking up and adding take constant time, removing takes time in proportion to the members.
package struct JSONObject: Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
  /// One key with its value.
  package struct Member: Equatable, Sendable {
    /// The key.
    package let key: String
    /// The value.
    package var value: JSONValue

    /// A member.
    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  private var members: [Member] = []
  private var index = KeyIndex()

  /// An object without members.
  package init() {}

  /// An object of key-value pairs; of a repeated key the last value counts.
  package init(_ pairs: some Sequence<(String, JSONValue)>) {
    for (key, value) in pairs { updateValue(value, forKey: key) }
  }

  /// An object of members whose keys are all different.
  init(unique members: [Member]) {
    self.members = members
    index = KeyIndex(members)
  }

  /// An object of the literal's pairs; of a repeated key the last value counts.
  package init(dictionaryLiteral pairs: (String, JSONValue)...) {
    self.init(pairs)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { members.count }
  package subscript(position: Int) -> Member { members[position] }

  /// The keys in order.
  package var keys: [String] { members.map(\.key) }

  /// The values in order.
  package var values: [JSONValue] { members.map(\.value) }

  /// The value of a key, nil when there is none. Setting replaces the value in its place or adds
  /// the member at the end; setting nil removes the member.
  package subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      if let newValue {
        updateValue(newValue, forKey: key)
      } else {
        removeValue(forKey: key)
      }
    }
  }

  /// Whether there is a member of this key.
  package func contains(_ key: String) -> Bool {
    position(of: key) != nil
  }

  /// Replaces the value of a key in its place, or adds the member at the end. Gives the value
  /// that was replaced, if there was one.
  @discardableResult
  package mutating func updateValue(_ value: JSONValue, forKey key: String) -> JSONValue? {
    let place = index.find(key, in: members)
    if let position = place.position {
      let old = members[position].value
      members[position].value = value
      return old
    }
    members.append(Member(key: key, value: value))
    index.addLast(of: members, slot: place.slot)
    return nil
  }

  /// Removes the member of a key and gives its value, nil when there is none.
  @discardableResult
  package mutating func removeValue(forKey key: String) -> JSONValue? {
    guard let position = position(of: key) else { return nil }
    let removed = members.remove(at: position).value
    index = KeyIndex(members)
    return removed
  }

  /// Changes the value of a key in its place; a key that is absent is added with null first.
  mutating func modifyValue(forKey key: String, _ change: (inout JSONValue) -> Void) {
    if let position = position(of: key) {
      change(&members[position].value)
    } else {
      var value = JSONValue.null
      change(&value)
      updateValue(value, forKey: key)
    }
  }

  private func position(of key: String) -> Int? {
    index.find(key, in: members).position
  }
}

extension JSONObject: Equatable {
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.count == right.count else { return false }
    for (offset, member) in left.members.enumerated() {
      // The same order is the common case and needs no lookup.
      let other = right.members[offset]
      if sameText(other.key, member.key) {
        guard other.value == member.value else { return false }
      } else {
        guard right[member.key] == member.value else { return false }
      }
    }
    return true
  }
}
