// Values of a document, without counting references.

/// One value of a ``JSONDocument`` that somebody else keeps: what a ``JSONView`` is, for loops in
/// which counting references would take longer than the work.
///
/// It answers as the view would. Making one is unsafe, as the document has to outlive it and every
/// cursor that it leads to; using one is not.
@safe
package struct JSONCursor {
  private let document: Unmanaged<JSONDocument>
  private let place: Int

  /// A cursor at the place of a view, whose document has to be kept as long as the cursor and those
  /// that it leads to are in use.
  @unsafe
  package init(_ view: JSONView) {
    unsafe document = .passUnretained(view.document)
    place = view.place
  }

  private init(_ document: Unmanaged<JSONDocument>, _ place: Int) {
    unsafe self.document = document
    self.place = place
  }

  // SAFETY, for all below: whoever made the first cursor keeps the document, which is immutable; a
  // place is one that the tape has for a value.

  @inline(__always)
  private func read<Result>(_ body: (borrowing JSONTape, Span<UInt8>) -> Result) -> Result {
    unsafe document._withUnsafeGuaranteedRef { document in
      let text = document.text
      return body(document.tape, text.span)
    }
  }

  private var word: TapeWord { unsafe document._withUnsafeGuaranteedRef { $0.tape.words[place] } }

  /// The value as a view, which keeps the document.
  package var view: JSONView {
    JSONView(document: unsafe document.takeUnretainedValue(), place: place)
  }

  /// What the value is.
  package var kind: JSONKind { word.tag.kind }

  /// The value that a path of object keys leads to, nil when there is none.
  package func value(at path: [JSONKey]) -> JSONCursor? {
    let found: Int? = read { tape, text in
      var place = place
      for key in path {
        guard tape.words[place].tag.kind == .object,
          let next = tape.value(ofKey: key.bytes.span, inObjectAt: place, text)
        else { return nil }
        place = next
      }
      return place
    }
    return found.map { unsafe JSONCursor(document, $0) }
  }

  /// The elements, nil when the value is no array.
  package var elements: Elements? {
    let word = word
    guard word.tag.kind == .array else { return nil }
    return unsafe Elements(document: document, place: place &+ 1, count: word.count)
  }

  /// The elements of an array, in order.
  @safe
  package struct Elements {
    private let document: Unmanaged<JSONDocument>
    private var place: Int
    /// How many there are from here on.
    package private(set) var count: Int

    fileprivate init(document: Unmanaged<JSONDocument>, place: Int, count: Int) {
      unsafe self.document = document
      self.place = place
      self.count = count
    }

    package mutating func next() -> JSONCursor? {
      guard count > 0 else { return nil }
      count &-= 1
      let element = unsafe JSONCursor(document, place)
      place &+= element.word.extent
      return element
    }
  }
}

// MARK: - Scalars

extension JSONCursor {
  /// The truth value, nil when the value is of another type.
  package var boolValue: Bool? {
    switch word.tag {
    case .true: true
    case .false: false
    default: nil
    }
  }

  /// The double nearest to the number, nil when the value is of another type.
  package var doubleValue: Double? {
    let word = word
    guard word.tag.kind == .number else { return nil }
    return read { _, text in nearestDouble(text, word.range) }
  }

  /// The length of a string or number in the document's bytes; 0 when the value is of another type.
  package var textLength: Int {
    let word = word
    return word.tag.kind == .string || word.tag.kind == .number ? word.length : 0
  }

  /// Which part of a text another one is compared with.
  package enum TextPart: Sendable { case whole, prefix, suffix }

  /// Whether the characters of a string are these in UTF-8, or begin or end with them. Nil when the
  /// value is of another type, or has escapes and is better unescaped once.
  package func text(_ part: TextPart, is other: Span<UInt8>) -> Bool? {
    let word = word
    guard word.tag == .asciiString || word.tag == .string else { return nil }
    guard part == .whole ? word.length == other.count : word.length >= other.count else {
      return false
    }
    let start = part == .suffix ? word.offset &+ word.length &- other.count : word.offset
    return read { _, text in sameBytes(text, start, other, 0, count: other.count) }
  }
}

/// A key of objects, ready to be looked up.
package struct JSONKey: Sendable {
  /// The characters in UTF-8.
  let bytes: [UInt8]

  /// The key of a text.
  package init(_ text: String) { bytes = Array(text.utf8) }
}
