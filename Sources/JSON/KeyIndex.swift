// The hash index of large objects.

/// Finds a key's position among an object's members.
///
/// Up to ``threshold`` members the keys are compared one by one. Above, an open-addressing table
/// with linear probing holds positions; at most half of its slots are in use. The hash is the
/// standard library's, over the key's bytes and seeded anew in each process, so a sender cannot
/// choose keys that collide. (A `String`'s own hash would not do: all canonically equivalent texts
/// share it.)
struct KeyIndex: Sendable {
  /// The greatest object without a table: comparing up to 12 short keys costs about as much as
  /// hashing one.
  static let threshold = 12

  /// Positions plus one, 0 for a free slot; empty without a table, else a power of two.
  private var slots: [UInt32] = []

  init() {}

  /// The index of all members.
  init(_ members: [JSONObject.Member]) {
    if members.count > Self.threshold { rebuild(members) }
  }

  /// Where a key is among the members, nil when it is not; then `slot` is the place for it.
  func find(_ key: String, in members: [JSONObject.Member]) -> (position: Int?, slot: Int) {
    if slots.isEmpty { return (members.firstIndex { sameText($0.key, key) }, 0) }
    var slot = firstSlot(of: key)
    while slots[slot] != 0 {
      let position = Int(slots[slot] &- 1)
      if sameText(members[position].key, key) { return (position, slot) }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return (nil, slot)
  }

  /// Takes note of the last member, whose key was not found and belongs into the slot.
  mutating func addLast(of members: [JSONObject.Member], slot: Int) {
    if members.count &* 2 > slots.count {
      if members.count > Self.threshold { rebuild(members) }
    } else {
      slots[slot] = UInt32(truncatingIfNeeded: members.count)
    }
  }

  private mutating func rebuild(_ members: [JSONObject.Member]) {
    var slotCount = 64
    while slotCount < members.count * 4 { slotCount *= 2 }
    slots = Array(repeating: 0, count: slotCount)
    for (position, member) in members.enumerated() {
      var slot = firstSlot(of: member.key)
      while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
      slots[slot] = UInt32(truncatingIfNeeded: position &+ 1)
    }
  }

  private func firstSlot(of key: String) -> Int {
    var hasher = Hasher()
    let bytes = key.utf8.span
    // SAFETY: the hasher reads the span's own bytes during the call only.
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize() & (slots.count &- 1)
  }
}

/// Whether two texts are the same code points. Swift's own `==` also accepts canonically
/// equivalent ones.
func sameText(_ left: String, _ right: String) -> Bool {
  guard left.utf8.count == right.utf8.count else { return false }
  let left = left.utf8.span
  let right = right.utf8.span
  for index in left.indices where left[index] != right[index] { return false }
  return true
}
