// Finding a text within a text.

/// A text to be found, in time linear in what is searched whatever both hold.
///
/// *Source:* Knuth, Morris, Pratt, "Fast pattern matching in strings", 1977. Short needles are
/// compared at each place instead, which is faster and bounded by their length.
struct SubstringSearch {
  private let needle: [UInt8]
  /// For each prefix the length of its longest proper suffix that is a prefix too.
  private let failure: [Int]

  /// A search for bytes, of which there is at least one.
  init(_ needle: [UInt8]) {
    self.needle = needle
    failure = needle.count > Self.shortNeedle ? Self.failureTable(needle) : []
  }

  /// The offset of the first occurrence at or after an offset; nil when there is none.
  func first(in text: Span<UInt8>, from start: Int = 0) -> Int? {
    guard start >= 0, text.count - start >= needle.count else { return nil }
    return failure.isEmpty ? compareEach(text, from: start) : scan(text, from: start)
  }

  private func compareEach(_ text: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    let last = text.count - needle.count
    search: while position <= last {
      for index in needle.indices where text[position + index] != needle[index] {
        position += 1
        continue search
      }
      return position
    }
    return nil
  }

  private func scan(_ text: Span<UInt8>, from start: Int) -> Int? {
    var matched = 0
    for position in start..<text.count {
      while matched > 0, text[position] != needle[matched] { matched = failure[matched - 1] }
      if text[position] == needle[matched] { matched += 1 }
      if matched == needle.count { return position + 1 - matched }
    }
    return nil
  }

  private static func failureTable(_ needle: [UInt8]) -> [Int] {
    var table = [Int](repeating: 0, count: needle.count)
    var matched = 0
    for index in 1..<needle.count {
      while matched > 0, needle[index] != needle[matched] { matched = table[matched - 1] }
      if needle[index] == needle[matched] { matched += 1 }
      table[index] = matched
    }
    return table
  }

  /// The longest needle, in bytes, that is compared at each place.
  private static let shortNeedle = 8
}
