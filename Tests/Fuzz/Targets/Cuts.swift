// Inputs in pieces, as a network delivers them.

/// Where an input is cut, derived from the input so that a crasher needs nothing else.
enum Cuts {
  /// The input in pieces of 1 to 16 bytes with now and then a larger one; empty for no input.
  static func pieces(of input: [UInt8]) -> [[UInt8]] {
    var state = hash(input)
    var pieces: [[UInt8]] = []
    var start = 0
    while start < input.count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let random = Int(state &>> 40)
      let wanted = random & 0x70 == 0 ? 1 + random & 0xFF : 1 + random & 0x0F
      let end = min(input.count, start + wanted)
      pieces.append(Array(input[start..<end]))
      start = end
    }
    return pieces
  }

  /// FNV-1a: the same in every process.
  static func hash(_ input: [UInt8]) -> UInt64 {
    input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
