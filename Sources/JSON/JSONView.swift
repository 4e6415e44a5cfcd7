// A value of a document.

/// One value of a ``JSONDocument``: a reference to the document and a place in it.
///
/// It answers as the equal ``JSONValue`` would, and makes a value only where one is asked for:
package struct JSONView: Sendable {
  package let document: JSONDocument
  let place: Int

  @inline(__always)
  init(document: JSONDocument, place: Int) {
    self.document = document
    self.place = place
  }

  @inline(__always)
  var word: TapeWord { document.tape.words[place] }

  /// What the value is.
  package var kind: JSONKind { word.tag.kind }

  /// The value with all that is in it.
  ///
  /// *Limits:* uses the stack once for each level; the depth is limited when the text is parsed.
  package var materialised: JSONValue {
    let text = document.text
    return document.tape.value(at: place, text.span)
  }
}

// MARK: - Scalars

extension JSONView {
  /// Whether the value is null.
  package var isNull: Bool { kind == .null }

  /// The truth value, nil when the value is of another type.
  package var boolValue: Bool? {
    switch word.tag {
    case .true: true
    case .false: false
    default: nil
    }
  }

  /// The number, nil when the value is of another type.
  package var numberValue: JSONNumber? {
    let text = document.text
    return kind == .number ? document.tape.number(word, text.span) : nil
  }

  /// Whether the value is a number that is written without fraction and exponent.
  package var isInteger: Bool { word.tag == .integer }

  /// The number when it is written as an integer and fits, nil when it is not and when the value is of
  /// another type.
  package var intValue: Int? {
    let word = word
    let text = document.text
    return word.tag == .integer ? integer(text.span.extracting(word.range)) : nil
  }

  /// The double nearest to the number, nil when the value is of another type; infinite when the
  /// number is beyond the range of doubles.
  package var doubleValue: Double? {
    let text = document.text
    return kind == .number ? nearestDouble(text.span, word.range) : nil
  }

  /// The characters of a string where they are, nil when the value is of another type.
  package var text: JSONText? {
    kind == .string ? JSONText(document: document, word: word) : nil
  }

  /// The string, nil when the value is of another type.
  package var stringValue: String? {
    let text = document.text
    return kind == .string ? document.tape.string(word, text.span) : nil
  }

  /// The type's name with its article, for messages.
  package var typeName: String { kind.typeName }
}

/// The value of an integer's text, nil when it does not fit.
private func integer(_ digits: Span<UInt8>) -> Int? {
  let isNegative = digits[0] == 0x2D
  var value = 0
  // Downwards, since the least integer has no positive counterpart.
  for index in (isNegative ? 1 : 0)..<digits.count {
    let (product, overflows) = value.multipliedReportingOverflow(by: 10)
    let digit = Int(digits[index] &- 0x30)
    let (difference, underflows) = product.subtractingReportingOverflow(digit)
    if overflows || underflows { return nil }
    value = difference
  }
  if isNegative { return value }
  return value == .min ? nil : -value
}

// MARK: - Lookup

extension JSONView {
  /// How many elements or members there are; 0 for a scalar. Of a repeated key one counts.
  package var count: Int {
    switch kind {
    case .array, .object: word.count
    case .null, .bool, .number, .string: 0
    }
  }

  /// The value of an object's key, nil when the value is no object or has no such key. Keys are
  /// compared by code point; of a repeated one the last value counts.
  ///
  /// Takes constant time in an object of more than 128 members, else time in proportion to them.
  package subscript(key: String) -> JSONView? {
    self[key.utf8.span]
  }

  /// The value of an object's key, which is given in UTF-8.
  package subscript(key: Span<UInt8>) -> JSONView? {
    guard kind == .object else { return nil }
    let text = document.text
    let found = document.tape.value(ofKey: key, inObjectAt: place, text.span)
    return found.map { JSONView(document: document, place: $0) }
  }

  /// The element of an array, nil when the value is no array or is shorter. Takes constant time.
  package subscript(index: Int) -> JSONView? {
    guard kind == .array, index >= 0, index < word.count else { return nil }
    return JSONView(
      document: document, place: document.tape.element(index, ofArrayAt: place))
  }

  /// The value that a path of object keys leads to, nil when there is none. The empty path leads to
  /// the value itself.
  package subscript(path: [String]) -> JSONView? {
    var view = self
    for key in path {
      guard let next = view[key] else { return nil }
      view = next
    }
    return view
  }

  /// The elements, nil when the value is no array.
  package var elements: JSONElements? {
    kind == .array ? JSONElements(document: document, array: place) : nil
  }

  /// The members, nil when the value is no object.
  package var members: JSONMembers? {
    kind == .object ? JSONMembers(document: document, object: place) : nil
  }
}

/// The elements of an array, in order. To go through all takes time in proportion to them.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
  private let document: JSONDocument
  private var place: Int
  private var remaining: Int

  init(document: JSONDocument, array: Int) {
    self.document = document
    place = array &+ 1
    remaining = document.tape.words[array].count
  }

  package var underestimatedCount: Int { remaining }

  package mutating func next() -> JSONView? {
    guard remaining > 0 else { return nil }
    remaining &-= 1
    defer { place &+= document.tape.words[place].extent }
    return JSONView(document: document, place: place)
  }
}

/// The members of an object with their keys, each key once and where it is first, with its last value.
package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
  private let document: JSONDocument
  private var place: Int
  private var remaining: Int

  init(document: JSONDocument, object: Int) {
    self.document = document
    place = object &+ 1
    remaining = document.tape.words[object].count
  }

  package var underestimatedCount: Int { remaining }

  package mutating func next() -> (key: JSONText, value: JSONView)? {
    guard remaining > 0 else { return nil }
    let tape = document.tape
    while tape.words[place].isRepeatedKey { place = tape.key(after: place) }
    remaining &-= 1
    defer { place = tape.key(after: place) }
    return (
      JSONText(document: document, word: tape.words[place]),
      JSONView(document: document, place: tape.value(ofKeyAt: place))
    )
  }
}
