// From a glob's text to its automaton; the grammar is at the head of Glob.swift.

/// Compiles one pattern by recursive descent.
struct GlobCompiler {
  private let text: [Unicode.Scalar]
  private let style: Glob.Style
  private var position = 0
  private var program: [GlobInstruction] = []

  init(_ text: [Unicode.Scalar], _ style: Glob.Style) {
    self.text = text
    self.style = style
  }

  mutating func compile() throws(GlobError) -> [GlobInstruction] {
    try sequence(depth: 0)
    program.append(.accept)
    return program
  }

  private var next: Unicode.Scalar? {
    position < text.count ? text[position] : nil
  }

  /// Reads up to the end, or inside alternatives to the "," or "}" that ends this one.
  private mutating func sequence(depth: Int) throws(GlobError) {
    while let scalar = next {
      if depth > 0, scalar == "," || scalar == "}" { return }
      position += 1
      switch scalar {
      case "\\":
        guard let escaped = next else { throw .danglingEscape }
        position += 1
        program.append(.scalar(escaped))
      case "?": program.append(.segmentCharacter)
      case "*": stars()
      case "[" where style == .name: try characterClass()
      case "{": try alternatives(depth: depth + 1)
      default: program.append(.scalar(scalar))
      }
    }
  }

  private mutating func stars() {
    guard next == "*" else { return loop(.segmentCharacter) }
    position += 1
    guard next == "/" else { return loop(.anyCharacter) }
    position += 1
    let fork = program.count
    program.append(.accept)
    loop(.anyCharacter)
    program += [.scalar("/"), .jump(program.count + 3), .segmentStart]
    program[fork] = .fork(fork + 1, program.count - 1)
  }

  /// Any number of what the instruction takes.
  private mutating func loop(_ instruction: GlobInstruction) {
    let start = program.count
    program += [.fork(start + 1, start + 3), instruction, .jump(start)]
  }

  private mutating func characterClass() throws(GlobError) {
    var negated = false
    if next == "!" || next == "^" {
      negated = true
      position += 1
    }
    var ranges: [ClosedRange<UInt32>] = []
    while let first = next {
      if first == "]", !ranges.isEmpty {
        position += 1
        program.append(.oneOf(ranges, negated: negated))
        return
      }
      let low = try classCharacter()
      var high = low
      if next == "-", position + 1 < text.count, text[position + 1] != "]" {
        position += 1
        high = try classCharacter()
      }
      guard low.value <= high.value else { throw .reversedRange }
      ranges.append(low.value...high.value)
    }
    throw .unclosedClass
  }

  private mutating func classCharacter() throws(GlobError) -> Unicode.Scalar {
    guard let scalar = next else { throw .unclosedClass }
    position += 1
    guard scalar == "\\" else { return scalar }
    guard let escaped = next else { throw .danglingEscape }
    position += 1
    return escaped
  }

  private mutating func alternatives(depth: Int) throws(GlobError) {
    guard depth <= Glob.depthLimit else { throw .tooDeep }
    var exits: [Int] = []
    while true {
      let fork = program.count
      program.append(.accept)
      try sequence(depth: depth)
      guard let end = next else { throw .unclosedAlternatives }
      position += 1
      exits.append(program.count)
      program.append(.accept)
      let isLast = end == "}"
      // The last alternative has nowhere else to go.
      program[fork] = isLast ? .jump(fork + 1) : .fork(fork + 1, program.count)
      if isLast { break }
    }
    for exit in exits { program[exit] = .jump(program.count) }
  }
}
