// A line that is typed, as a value: bytes of keys in, what to do out.
//
//   keys: characters; left right home end, or ^B ^F ^A ^E; up down, or ^P ^N: history; backspace and
//   delete; ^K to the end, ^U to the start, ^W a word; tab completes; ^C drops the line; ^D on an
//   empty line ends.

/// Edits one line after the other and remembers them.
struct LineEditor {
  /// What a key led to.
  enum Event: Equatable {
    /// Nothing to be seen yet.
    case none
    /// The line or the cursor changed.
    case changed
    /// The names that would complete the word at the cursor, several of them.
    case choices([String])
    /// The line is complete.
    case line(String)
    /// The line is dropped.
    case dropped
    /// No further line comes.
    case end
  }

  /// The line before and after the cursor.
  private(set) var before: [Character] = []
  private(set) var after: [Character] = []
  private var history: [String] = []
  /// Which line of the history is shown; their number for the new one.
  private var historyPosition = 0
  /// The new line while one of the history is shown.
  private var draft = ""
  /// Bytes of a character or of a key's sequence that are not all here.
  private var pending: [UInt8] = []
  private let names: [String]

  /// An editor.
  ///
  /// - Parameter names: what tab completes to.
  init(names: [String]) { self.names = names }

  /// The line as it is.
  var text: String { String(before + after) }

  /// Takes one byte of a key.
  mutating func take(_ byte: UInt8) -> Event {
    if !pending.isEmpty || byte == Self.escape { return takeSequence(byte) }
    switch byte {
    case 0x20..<0x7F:
      before.append(Character(Unicode.Scalar(byte)))
      return .changed
    case 0x80...0xFF:
      return takeSequence(byte)
    case 0x0D, 0x0A: return finish()
    case 0x7F, 0x08: return change { if !$0.before.isEmpty { $0.before.removeLast() } }
    case control("A"): return moveToStart()
    case control("B"): return moveLeft()
    case control("C"):
      clear()
      return .dropped
    case control("D"):
      if before.isEmpty && after.isEmpty { return .end }
      return change { if !$0.after.isEmpty { $0.after.removeFirst() } }
    case control("E"): return moveToEnd()
    case control("F"): return moveRight()
    case control("K"): return change { $0.after = [] }
    case control("N"): return recall(historyPosition + 1)
    case control("P"): return recall(historyPosition - 1)
    case control("U"): return change { $0.before = [] }
    case control("W"): return change { $0.dropWord() }
    case 0x09: return complete()
    default: return .none
    }
  }

  private func control(_ letter: Unicode.Scalar) -> UInt8 { UInt8(letter.value & 0x1F) }

  private mutating func change(_ body: (inout LineEditor) -> Void) -> Event {
    body(&self)
    return .changed
  }

  private mutating func finish() -> Event {
    let line = text
    clear()
    if !line.isEmpty, line != history.last {
      history.append(line)
      if history.count > Self.historyLimit { history.removeFirst() }
    }
    historyPosition = history.count
    return .line(line)
  }

  private mutating func clear() {
    before = []
    after = []
    draft = ""
    historyPosition = history.count
  }

  // MARK: - Moving

  private mutating func moveLeft() -> Event {
    if let last = before.popLast() { after.insert(last, at: 0) }
    return .changed
  }

  private mutating func moveRight() -> Event {
    if !after.isEmpty { before.append(after.removeFirst()) }
    return .changed
  }

  private mutating func moveToStart() -> Event {
    after = before + after
    before = []
    return .changed
  }

  private mutating func moveToEnd() -> Event {
    before += after
    after = []
    return .changed
  }

  private mutating func dropWord() {
    while before.last?.isWhitespace == true { before.removeLast() }
    while let last = before.last, !last.isWhitespace { before.removeLast() }
  }

  private mutating func recall(_ position: Int) -> Event {
    guard (0...history.count).contains(position) else { return .none }
    if historyPosition == history.count { draft = text }
    historyPosition = position
    before = Array(position == history.count ? draft : history[position])
    after = []
    return .changed
  }

  // MARK: - Completing

  private mutating func complete() -> Event {
    let word = String(
      before.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
    guard !word.isEmpty else { return .none }
    let fitting = names.filter { $0.hasPrefix(word) }
    guard var common = fitting.first else { return .none }
    for name in fitting { common = String(zip(common, name).prefix { $0 == $1 }.map(\.0)) }
    guard common.count > word.count || fitting.count == 1 else { return .choices(fitting) }
    before += Array(common).dropFirst(word.count)
    return .changed
  }

  // MARK: - Sequences

  /// A character of several bytes, or a key such as ESC [ A.
  private mutating func takeSequence(_ byte: UInt8) -> Event {
    pending.append(byte)
    guard pending[0] == Self.escape else {
      if let text = String(validating: pending, as: UTF8.self) {
        pending = []
        // A combining mark joins what stands before it.
        before = Array(String(before) + text)
        return .changed
      }
      if pending.count >= 4 { pending = [] }
      return .none
    }
    guard pending.count > 1 else { return .none }
    guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
      pending = []
      return .none
    }
    guard pending.count > 2 else { return .none }
    // Numbers and semicolons are parameters; another byte ends the sequence.
    guard byte >= 0x40 || pending.count >= Self.sequenceLimit else { return .none }
    let sequence = String(decoding: pending.dropFirst(2), as: UTF8.self)
    pending = []
    switch sequence {
    case "A": return recall(historyPosition - 1)
    case "B": return recall(historyPosition + 1)
    case "C": return moveRight()
    case "D": return moveLeft()
    case "H", "1~", "7~": return moveToStart()
    case "F", "4~", "8~": return moveToEnd()
    case "3~": return change { if !$0.after.isEmpty { $0.after.removeFirst() } }
    default: return .none
    }
  }

  private static let escape: UInt8 = 0x1B
  /// The longest sequence of a key, in bytes.
  private static let sequenceLimit = 16
  /// How many lines are remembered.
  private static let historyLimit = 1000
}
