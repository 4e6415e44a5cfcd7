// The characters of a string, where they are.

/// The characters of a string or key of a ``JSONDocument``.
///
/// Nothing is allocated to compare them unless the text has escapes. Two are equal when their code
/// points are; canonically equivalent ones are not.
package struct JSONText: Sendable {
  private let document: JSONDocument
  private let word: TapeWord

  init(document: JSONDocument, word: TapeWord) {
    self.document = document
    self.word = word
  }

  /// Calls with the characters in UTF-8; without escapes these are the document's own bytes.
  @inline(__always)
  package func withUTF8<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if word.isEscaped {
      let characters = unescaped
      return try body(characters.span)
    }
    let text = document.text
    return try body(text.span.extracting(word.range))
  }

  /// Whether all characters are known to be ASCII, so that there are as many as bytes.
  package var isKnownASCII: Bool { word.isASCII }

  /// Whether the text has escapes, so that looking at the characters makes a copy each time.
  package var hasEscapes: Bool { word.isEscaped }

  package var isEmpty: Bool { word.length == 0 }

  /// The count of bytes in UTF-8.
  package var utf8Count: Int { word.isEscaped ? unescaped.count : word.length }

  /// The characters as a string.
  package var string: String {
    let text = document.text
    return document.tape.string(word, text.span)
  }

  package func equals(_ other: String) -> Bool {
    equals(other.utf8.span)
  }

  /// Whether the characters are these in UTF-8.
  package func equals(_ other: Span<UInt8>) -> Bool {
    withUTF8 { own in
      own.count == other.count && sameBytes(own, 0, other, 0, count: own.count)
    }
  }

  package func hasPrefix(_ prefix: String) -> Bool {
    hasPrefix(prefix.utf8.span)
  }

  /// Whether the characters begin with these in UTF-8.
  package func hasPrefix(_ prefix: Span<UInt8>) -> Bool {
    withUTF8 { own in
      own.count >= prefix.count && sameBytes(own, 0, prefix, 0, count: prefix.count)
    }
  }

  package func hasSuffix(_ suffix: String) -> Bool {
    hasSuffix(suffix.utf8.span)
  }

  /// Whether the characters end with these in UTF-8.
  package func hasSuffix(_ suffix: Span<UInt8>) -> Bool {
    withUTF8 { own in
      own.count >= suffix.count
        && sameBytes(own, own.count &- suffix.count, suffix, 0, count: suffix.count)
    }
  }

  private var unescaped: [UInt8] {
    var characters: [UInt8] = []
    characters.reserveCapacity(word.length)
    let text = document.text
    characters.appendUnescaped(text.span, word.range)
    return characters
  }
}

extension JSONText: Equatable {
  package static func == (left: JSONText, right: JSONText) -> Bool {
    right.withUTF8 { left.equals($0) }
  }
}
