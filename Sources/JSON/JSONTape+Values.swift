// From words to values.

extension JSONTape {
  /// The value at a place, with all that is in it. Uses the stack once for each level.
  func value(at place: Int, _ text: Span<UInt8>) -> JSONValue {
    let word = words[place]
    switch word.tag {
    case .null: return .null
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .integer, .number: return .number(number(word, text))
    case .asciiString, .string, .escapedString, .repeatedASCII, .repeatedString, .repeatedEscaped:
      return .string(string(word, text))
    case .moved: return value(at: word.target, text)
    case .array, .longArray: return .array(elements(place, word, text))
    case .object, .largeObject: return .object(JSONObject(unique: members(place, word, text)))
    }
  }

  /// The characters of a string or key.
  func string(_ word: TapeWord, _ text: Span<UInt8>) -> String {
    guard word.isEscaped else { return makeString(text, word.range, isASCII: word.isASCII) }
    var characters: [UInt8] = []
    characters.reserveCapacity(word.length)
    characters.appendUnescaped(text, word.range)
    return makeString(characters.span, 0..<characters.count, isASCII: false)
  }

  func number(_ word: TapeWord, _ text: Span<UInt8>) -> JSONNumber {
    JSONNumber(unchecked: makeString(text, word.range, isASCII: true))
  }

  private func elements(_ array: Int, _ header: TapeWord, _ text: Span<UInt8>) -> [JSONValue] {
    var elements: [JSONValue] = []
    elements.reserveCapacity(header.count)
    var place = array &+ 1
    for _ in 0..<header.count {
      elements.append(value(at: place, text))
      place &+= words[place].extent
    }
    return elements
  }

  private func members(
    _ object: Int, _ header: TapeWord, _ text: Span<UInt8>
  ) -> [JSONObject.Member] {
    var members: [JSONObject.Member] = []
    members.reserveCapacity(header.count)
    var key = object &+ 1
    while members.count < header.count {
      let word = words[key]
      if !word.isRepeatedKey {
        let value = value(at: value(ofKeyAt: key), text)
        members.append(JSONObject.Member(key: string(word, text), value: value))
      }
      key = self.key(after: key)
    }
    return members
  }
}
