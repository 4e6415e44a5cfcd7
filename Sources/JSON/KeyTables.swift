// What is found out about an array or object when it ends: repeated keys, and the index.

/// Settles the keys of objects, and indexes what is large.
///
/// Each object's keys go into a hash table, which finds the repeated ones. Of a small object the table
/// is scratch, of a large one it stays as its index. All take time in proportion to the items.
@safe
struct KeyTables {
  private(set) var slots: [UInt64] = []
  /// The words that were replaced by ``TapeWord/Tag/moved``, if they are asked for.
  private(set) var overwritten: [Int: TapeWord]?
  private var scratch: [UInt64] = []
  /// The characters of a key with escapes.
  private var characters: [UInt8] = []
  private let hash = KeyHash.shared

  init(overwritten: [Int: TapeWord]?) {
    self.overwritten = overwritten
  }

  // SAFETY, for all functions below: the words from the array's or object's own one to its end are
  // written and well-formed, since the parser calls when it has read the last item, and nothing else
  // has access to them; extents lead from item to item and stay before the end while there are items.

  /// Marks the repeated keys of an object, and gives the count of the others.
  mutating func settle(
    _ words: UnsafeMutablePointer<TapeWord>, at object: Int, _ count: Int, _ text: Span<UInt8>
  ) -> Int {
    var slotCount = 8
    while slotCount < count &* 2 { slotCount &*= 2 }
    if scratch.count < slotCount {
      scratch = Array(repeating: 0, count: slotCount)
    } else {
      for slot in 0..<slotCount { scratch[slot] = 0 }
    }
    var table: [UInt64] = []
    swap(&table, &scratch)
    let uniqueCount = unsafe settle(words, at: object, count, text, 0..<slotCount, in: &table)
    swap(&table, &scratch)
    return uniqueCount
  }

  /// As ``settle(_:at:_:_:)``, and keeps the table; gives the word that says where it is as well.
  mutating func indexObject(
    _ words: UnsafeMutablePointer<TapeWord>, at object: Int, _ count: Int, _ text: Span<UInt8>
  ) -> (uniqueCount: Int, index: TapeWord) {
    var slotCount = JSONTape.threshold &* 2
    while slotCount < count &+ count / 2 { slotCount &*= 2 }
    let start = slots.count
    slots.append(contentsOf: repeatElement(0, count: slotCount))
    var table: [UInt64] = []
    swap(&table, &slots)
    let uniqueCount = unsafe settle(
      words, at: object, count, text, start..<(start &+ slotCount), in: &table)
    swap(&table, &slots)
    return (uniqueCount, TapeWord(.null, low: slotCount, high: start))
  }

  /// Keeps the places of some elements of an array; gives the word that says where.
  mutating func indexArray(
    _ words: UnsafeMutablePointer<TapeWord>, at array: Int, _ count: Int
  ) -> TapeWord {
    let start = slots.count
    var place = array &+ 1
    for element in 0..<count {
      if element % JSONTape.arrayStride == 0 { slots.append(UInt64(place)) }
      place &+= unsafe words[place].extent
    }
    return TapeWord(.null, low: slots.count &- start, high: start)
  }

  private mutating func settle(
    _ words: UnsafeMutablePointer<TapeWord>, at object: Int, _ count: Int, _ text: Span<UInt8>,
    _ range: Range<Int>, in table: inout [UInt64]
  ) -> Int {
    let mask = range.count &- 1
    let first = range.lowerBound
    var uniqueCount = count
    var place = object &+ 1
    var remaining = count
    // The searches of a block begin together, with nothing between them, so that where the table is
    // larger than the caches they wait for memory together and not one after the other.
    var places = InlineArray<16, Int>(repeating: 0)
    var hashes = InlineArray<16, UInt64>(repeating: 0)
    var entries = InlineArray<16, UInt64>(repeating: 0)
    while remaining > 0 {
      let block = min(remaining, places.count)
      remaining &-= block
      for index in 0..<block {
        places[index] = place
        hashes[index] = hash(of: unsafe words[place], text)
        place = unsafe place &+ 1 &+ words[place &+ 1].extent
      }
      for index in 0..<block {
        entries[index] = table[first &+ KeyHash.slot(of: hashes[index], mask)]
      }
      for index in 0..<block {
        let hash = hashes[index]
        let place = places[index]
        var slot = KeyHash.slot(of: hash, mask)
        // An entry never changes, but an empty slot may have got one by now.
        var entry = entries[index] == 0 ? table[first &+ slot] : entries[index]
        while entry != 0 {
          let earlier = KeyHash.place(of: entry)
          if KeyHash.isEntry(entry, of: hash), unsafe areSame(words[earlier], words[place], text) {
            unsafe repeatKey(words, earlier, place)
            uniqueCount &-= 1
            break
          }
          slot = (slot &+ 1) & mask
          entry = table[first &+ slot]
        }
        if entry == 0 { table[first &+ slot] = KeyHash.entry(hash, place: place) }
      }
    }
    return uniqueCount
  }

  /// Gives a key the value of a later one that is the same.
  private mutating func repeatKey(
    _ words: UnsafeMutablePointer<TapeWord>, _ earlier: Int, _ later: Int
  ) {
    unsafe words[later] = words[later].repeated
    let value = unsafe words[earlier &+ 1]
    if value.tag != .moved { overwritten?[earlier &+ 1] = value }
    unsafe words[earlier &+ 1] = TapeWord(.moved, low: value.extent, high: later &+ 1)
  }

  @inline(__always)
  private mutating func hash(of key: TapeWord, _ text: Span<UInt8>) -> UInt64 {
    if key.isEscaped { return hashUnescaped(key, text) }
    return hash.hash(text, key.offset, key.length)
  }

  @inline(never)
  private mutating func hashUnescaped(_ key: TapeWord, _ text: Span<UInt8>) -> UInt64 {
    if characters.count < key.length {
      characters = Array(repeating: 0, count: max(64, key.length, characters.count &* 2))
    }
    var output = characters.mutableSpan
    let count = unescape(text, key.range, into: &output)
    return hash.hash(characters.span, 0, count)
  }

  @inline(__always)
  private func areSame(_ left: TapeWord, _ right: TapeWord, _ text: Span<UInt8>) -> Bool {
    if left.isEscaped || right.isEscaped { return areSameUnescaped(left, right, text) }
    return left.length == right.length
      && sameBytes(text, left.offset, text, right.offset, count: left.length)
  }

  @inline(never)
  private func areSameUnescaped(
    _ left: TapeWord, _ right: TapeWord, _ text: Span<UInt8>
  ) -> Bool {
    if left.length == right.length,
      sameBytes(text, left.offset, text, right.offset, count: left.length)
    {
      return true
    }
    var characters: [UInt8] = []
    characters.appendUnescaped(text, left.range)
    return isUnescaped(text, right.range, characters.span)
  }
}
