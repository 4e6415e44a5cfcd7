// Keys that occur more than once.

/// An object's key that occurs more than once.
///
/// RFC 8259 §4 leaves the meaning open, and two programs that read one text differently is a
/// way around a check; so the parser settles it (the last value counts) and can report it.
package struct JSONDuplicateKey: Equatable, Sendable {
  /// Where the object is, as in `spec.triggers[0]`; empty for the outermost value.
  package let path: String
  /// The key.
  package let key: String
  /// The offset of the repeated key's opening quote, from 0.
  package let offset: Int

  /// A repeated key.
  package init(path: String, key: String, offset: Int) {
    self.path = path
    self.key = key
    self.offset = offset
  }

  /// How many are reported for one text at the most, so that a hostile text cannot make the
  /// report larger than itself.
  package static let greatestReportCount = 100

  /// How many bytes the paths and keys of one report have at the most: a path repeats the keys
  /// around it, which may be as long as the text.
  package static let greatestReportByteCount = 64 * 1024
}

/// The repeated keys of one text, found by a walk along its tape.
struct DuplicateReport {
  private enum Step {
    case key(TapeWord)
    case index(Int)
  }

  private let tape: JSONTape
  private let overwritten: [Int: TapeWord]
  private var path: [Step] = []
  private var keys: [JSONDuplicateKey] = []
  private var room = JSONDuplicateKey.greatestReportByteCount

  /// The repeated keys in the order in which their values end.
  ///
  /// - Parameter overwritten: the words on the tape that repeated keys replaced.
  static func keys(
    of tape: JSONTape, _ overwritten: [Int: TapeWord], _ text: Span<UInt8>
  ) -> [JSONDuplicateKey] {
    // Each repeated key has replaced a word, or has the same key as one that has.
    if overwritten.isEmpty { return [] }
    var report = DuplicateReport(tape: tape, overwritten: overwritten)
    report.visit(0, text)
    return report.keys
  }

  private init(tape: JSONTape, overwritten: [Int: TapeWord]) {
    self.tape = tape
    self.overwritten = overwritten
  }

  /// Visits a value, and those within it. Uses the stack once for each level.
  private mutating func visit(_ place: Int, _ text: Span<UInt8>) {
    let word = overwritten[place] ?? tape.words[place]
    switch word.tag {
    case .array, .longArray:
      var element = place &+ 1
      for index in 0..<word.count where hasRoom {
        path.append(.index(index))
        visit(element, text)
        path.removeLast()
        element &+= tape.words[element].extent
      }
    case .object, .largeObject:
      var key = place &+ 1
      let end = place &+ word.extent &- (word.tag == .largeObject ? 1 : 0)
      while key < end, hasRoom {
        path.append(.key(tape.words[key]))
        visit(key &+ 1, text)
        path.removeLast()
        if tape.words[key].isRepeatedKey { add(tape.words[key], text) }
        key = tape.key(after: key)
      }
    default: break
    }
  }

  private var hasRoom: Bool {
    room >= 0 && keys.count < JSONDuplicateKey.greatestReportCount
  }

  private mutating func add(_ key: TapeWord, _ text: Span<UInt8>) {
    guard keys.count < JSONDuplicateKey.greatestReportCount else { return }
    let key = (word: key, text: tape.string(key, text))
    room -= path.reduce(key.text.utf8.count) { sum, step in
      if case .key(let key) = step { sum + key.length } else { sum }
    }
    guard room >= 0 else { return }
    var names = ""
    for step in path {
      switch step {
      case .key(let key):
        names += names.isEmpty ? tape.string(key, text) : ".\(tape.string(key, text))"
      case .index(let index): names += "[\(index)]"
      }
    }
    keys.append(JSONDuplicateKey(path: names, key: key.text, offset: key.word.offset &- 1))
  }
}
