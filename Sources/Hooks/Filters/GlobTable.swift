// An automaton of at most 64 instructions with all its states in one word: a character costs a look-up
// and a few steps, however many states are active (Baeza-Yates and Gonnet 1992).

/// The transitions of a small automaton.
struct GlobTable: Sendable {
  /// For each ASCII character the instructions that take it.
  private let takers: [UInt64]
  /// For each instruction the states that follow once it has taken a character other than "/".
  private let followers: [UInt64]
  /// For each instruction the states that follow once it has taken a "/".
  private let segmentFollowers: [UInt64]
  private let start: UInt64
  private let accepting: UInt64

  /// Nil for a program of more than 64 instructions.
  init?(_ program: [GlobInstruction]) {
    guard program.count <= UInt64.bitWidth else { return nil }
    func followers(isSegmentStart: Bool) -> [UInt64] {
      program.indices.map { index in
        index + 1 < program.count
          ? Self.closure(of: index + 1, in: program, isSegmentStart: isSegmentStart) : 0
      }
    }
    start = Self.closure(of: 0, in: program, isSegmentStart: true)
    self.followers = followers(isSegmentStart: false)
    segmentFollowers = followers(isSegmentStart: true)
    accepting = program.indices.reduce(0) { mask, index in
      if case .accept = program[index] { mask | 1 << UInt64(index) } else { mask }
    }
    takers = (0..<128 as Range<UInt8>).map { byte in
      Self.takers(of: Unicode.Scalar(byte), among: .max, in: program)
    }
  }

  /// Whether the automaton that the table is of takes the whole name.
  func matches(_ name: String, _ program: [GlobInstruction]) -> Bool {
    var states = start
    for scalar in name.unicodeScalars {
      var taking =
        scalar.isASCII
        ? states & takers[Int(scalar.value)]
        : Self.takers(of: scalar, among: states, in: program)
      let next = scalar == "/" ? segmentFollowers : followers
      states = 0
      while taking != 0 {
        states |= next[taking.trailingZeroBitCount]
        taking &= taking &- 1
      }
      if states == 0 { return false }
    }
    return states & accepting != 0
  }

  /// The instructions among some that take a character.
  private static func takers(
    of scalar: Unicode.Scalar, among states: UInt64, in program: [GlobInstruction]
  ) -> UInt64 {
    program.indices.reduce(0) { mask, index in
      let bit: UInt64 = 1 << UInt64(index)
      return states & bit != 0 && program[index].takes(scalar) ? mask | bit : mask
    }
  }

  /// The states that follow from one without a character.
  private static func closure(
    of index: Int, in program: [GlobInstruction], isSegmentStart: Bool
  ) -> UInt64 {
    var states: UInt64 = 0
    var pending = [index]
    while let next = pending.popLast() {
      let bit: UInt64 = 1 << UInt64(next)
      guard states & bit == 0 else { continue }
      states |= bit
      switch program[next] {
      case .fork(let first, let second): pending += [second, first]
      case .jump(let target): pending.append(target)
      case .segmentStart: if isSegmentStart { pending.append(next + 1) }
      default: break
      }
    }
    return states
  }
}
