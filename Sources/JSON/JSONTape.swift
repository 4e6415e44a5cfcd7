// A parsed text as an array of words.
//
// Every value is one word, followed by its content if it is an array or an object, so that the words
// of a tree stand in the order of the text:
//
//     value  = scalar / array / object
//     array  = header *value [ index ]
//     object = header *( key ( value / moved ) ) [ index ]
//
//     bits 0-3   the tag
//     bits 4-33  of strings and numbers the length in the text, quotation marks not counted; of
//                arrays, objects and `moved` the extent: how many words they take, their own counted
//     bits 34-63 of strings and numbers the offset in the text; of arrays and objects the count of
//                elements or members; of `moved` where the value is
//
// Of a key that is repeated in its object the first one counts and has the last one's value, which
// `moved` points to; the others carry tags of their own and are passed over.
//
// An array or object with many items ends in a word that says where its index is in ``slots``.

/// One word of a tape.
struct TapeWord: BitwiseCopyable, Sendable {
  /// What a word stands for.
  enum Tag: UInt8 {
    case null, `false`, `true`
    /// A number without fraction and exponent.
    case integer
    case number
    /// A string without escapes, of ASCII only.
    case asciiString
    /// A string without escapes.
    case string
    case escapedString
    /// A key that its object has already, in the order of the three kinds of strings.
    case repeatedASCII, repeatedString, repeatedEscaped
    /// Not the value: the value is elsewhere.
    case moved
    case array
    /// An array with an index.
    case longArray
    case object
    /// An object with an index.
    case largeObject

    /// What a value with this tag is.
    @inline(__always)
    var kind: JSONKind {
      switch self {
      case .null, .moved: .null  // Nobody reads the place that a value was moved from.
      case .false, .true: .bool
      case .integer, .number: .number
      case .asciiString, .string, .escapedString, .repeatedASCII, .repeatedString,
        .repeatedEscaped:
        .string
      case .array, .longArray: .array
      case .object, .largeObject: .object
      }
    }
  }

  private(set) var bits: UInt64

  init(bits: UInt64) {
    self.bits = bits
  }

  /// - Parameters:
  ///   - low: the length or the extent.
  ///   - high: the offset, the count or the place. Both are below 2³⁰, as the text's length is.
  @inline(__always)
  init(_ tag: Tag, low: Int, high: Int) {
    bits =
      UInt64(tag.rawValue) | UInt64(truncatingIfNeeded: low) &<< 4
      | UInt64(truncatingIfNeeded: high) &<< 34
  }

  @inline(__always)
  var tag: Tag {
    // SAFETY: the tags are 0 to 15 without a gap, and four bits are no more.
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: bits) & 15, to: Tag.self)
  }

  @inline(__always)
  var low: Int { Int(truncatingIfNeeded: bits &>> 4 & Self.fieldMask) }

  @inline(__always)
  var high: Int { Int(truncatingIfNeeded: bits &>> 34) }

  var length: Int { low }
  var offset: Int { high }
  var count: Int { high }
  var target: Int { high }

  /// The part of the text that a string or number has.
  var range: Range<Int> { offset..<(offset &+ length) }

  /// How many words there are to the next one that is not part of this value.
  @inline(__always)
  var extent: Int { tag.rawValue >= Tag.moved.rawValue ? low : 1 }

  @inline(__always)
  var isRepeatedKey: Bool {
    tag.rawValue &- Tag.repeatedASCII.rawValue < 3
  }

  @inline(__always)
  var isEscaped: Bool { tag == .escapedString || tag == .repeatedEscaped }

  var isASCII: Bool { tag == .asciiString || tag == .repeatedASCII }

  /// The word of a key that turned out to be repeated.
  var repeated: TapeWord { TapeWord(bits: bits &+ 3) }

  private static let fieldMask: UInt64 = 1 &<< 30 &- 1
}

/// A parsed text: its words and the indexes of its large arrays and objects.
struct JSONTape: Sendable {
  /// The words; the value itself is at 0.
  let words: [TapeWord]
  /// The indexes. Of an object: a table by the hash of the key, whose entries are the hash's upper
  /// half and the key's place, 0 where it is free. Of an array: the place of each element whose
  /// number is a multiple of ``arrayStride``.
  let slots: [UInt64]

  /// The greatest object and array without an index. To look at 128 keys one by one takes about as
  /// long as a cache miss or two, and no real payload has more in one object.
  static let threshold = 128

  /// How far apart the elements are that an array's index knows.
  static let arrayStride = 64

  /// How many words a text may need, whether it is well-formed or not.
  ///
  /// Each value has a byte of its own and one after it, a comma or a bracket, but for the last one
  /// and for brackets that are still open; an index takes one more word for ``threshold`` items.
  static func wordCount(byteCount: Int, depth: Int) -> Int {
    byteCount / 2 &+ byteCount / threshold &+ depth &+ 8
  }
}

// MARK: - Reading

extension JSONTape {
  /// Where the value of a key is.
  @inline(__always)
  func value(ofKeyAt key: Int) -> Int {
    let word = words[key &+ 1]
    return word.tag == .moved ? word.target : key &+ 1
  }

  /// Where the key after this one and its value is, or the object's end.
  @inline(__always)
  func key(after key: Int) -> Int {
    key &+ 1 &+ words[key &+ 1].extent
  }

  /// Where the value of an object's key is, nil when there is none.
  func value(
    ofKey key: Span<UInt8>, inObjectAt object: Int, _ text: Span<UInt8>
  ) -> Int? {
    let header = words[object]
    if header.tag == .largeObject {
      return place(ofKey: key, indexOf: object, text).map { value(ofKeyAt: $0) }
    }
    let end = object &+ header.extent
    var place = object &+ 1
    while place < end {
      // A repeated key comes after the one that counts.
      if isKey(words[place], key, text) { return value(ofKeyAt: place) }
      place = self.key(after: place)
    }
    return nil
  }

  /// Where the element of an array is; the index is less than the count.
  func element(_ index: Int, ofArrayAt array: Int) -> Int {
    let header = words[array]
    var place = array &+ 1
    var steps = index
    if header.tag == .longArray {
      let slot = words[array &+ header.extent &- 1].offset
      place = Int(truncatingIfNeeded: slots[slot &+ index / Self.arrayStride])
      steps = index % Self.arrayStride
    } else if header.extent == header.count &+ 1 {
      return place &+ index
    }
    for _ in 0..<steps { place &+= words[place].extent }
    return place
  }

  private func place(
    ofKey key: Span<UInt8>, indexOf object: Int, _ text: Span<UInt8>
  ) -> Int? {
    let index = words[object &+ words[object].extent &- 1]
    let hash = KeyHash.shared.hash(key, 0, key.count)
    let mask = index.length &- 1
    var slot = KeyHash.slot(of: hash, mask)
    while true {
      let entry = slots[index.offset &+ slot]
      if entry == 0 { return nil }
      let place = KeyHash.place(of: entry)
      if KeyHash.isEntry(entry, of: hash), isKey(words[place], key, text) { return place }
      slot = (slot &+ 1) & mask
    }
  }

  /// Whether a key on the tape is this one, by its code points.
  @inline(__always)
  private func isKey(_ word: TapeWord, _ key: Span<UInt8>, _ text: Span<UInt8>) -> Bool {
    if word.isEscaped { return isUnescaped(text, word.range, key) }
    return word.length == key.count && sameBytes(text, word.offset, key, 0, count: key.count)
  }
}
