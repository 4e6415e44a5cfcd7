/// The name of a place in a ``SlotTable`` together with which of its tenants is meant.
///
/// A connection is known to the kernel by this and never by its descriptor: descriptors are given
/// out again at once, so an event that was fetched before a close would be taken for news about
/// the next connection that happens to get the same number.
struct SlotToken: Hashable, Sendable {
  /// The generation in the upper half, the index in the lower.
  let rawValue: UInt64

  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  init(index: UInt32, generation: UInt32) {
    rawValue = UInt64(generation) << 32 | UInt64(index)
  }

  var index: Int { Int(rawValue & 0xFFFF_FFFF) }
  var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
}

/// A table whose places are reused and whose tokens are not.
///
/// Shape: a dense array of slots and a stack of free indices; every operation is O(1).
///
/// Limits: 2³² places, of which the last is never given out so that a token is never all ones; a
/// place's generation wraps after 2³² tenants.
struct SlotTable<Value> {
  private struct Slot {
    var generation: UInt32
    var value: Value?

    mutating func change<Result>(_ change: (inout Value) -> Result) -> Result? {
      guard var present = value.take() else { return nil }
      defer { value = present }
      return change(&present)
    }
  }

  private var slots: [Slot] = []
  private var free: [UInt32] = []

  /// How many values are in the table.
  var count: Int { slots.count - free.count }

  /// Puts a value in and names its place.
  mutating func insert(_ value: Value) -> SlotToken {
    if let index = free.popLast() {
      slots[Int(index)].value = value
      return SlotToken(index: index, generation: slots[Int(index)].generation)
    }
    precondition(slots.count < UInt32.max, "a slot table holds fewer than 2³² values")
    slots.append(Slot(generation: 0, value: value))
    return SlotToken(index: UInt32(slots.count - 1), generation: 0)
  }

  /// The value a token names, nil when it has left the table.
  subscript(token: SlotToken) -> Value? {
    guard token.index < slots.count, slots[token.index].generation == token.generation else {
      return nil
    }
    return slots[token.index].value
  }

  /// Changes the value a token names in place; nil when it has left the table.
  mutating func update<Result>(_ token: SlotToken, _ change: (inout Value) -> Result) -> Result? {
    guard token.index < slots.count, slots[token.index].generation == token.generation
    else { return nil }
    return slots[token.index].change(change)
  }

  /// Takes a value out; its token names nothing from here on.
  @discardableResult
  mutating func remove(_ token: SlotToken) -> Value? {
    guard let value = self[token] else { return nil }
    slots[token.index].value = nil
    slots[token.index].generation &+= 1
    free.append(UInt32(token.index))
    return value
  }

  /// Every value in the table, in no particular order.
  var values: [Value] { slots.compactMap(\.value) }
}
