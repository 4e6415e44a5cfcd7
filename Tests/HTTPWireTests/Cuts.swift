// The ways in which an input may arrive.

/// How an input is cut into the pieces that arrive one after the other. Whatever a parser reports
/// must not depend on it.
enum Cut {
  /// The whole input, byte by byte, and in two pieces at every place.
  static func all(of input: [UInt8]) -> [[[UInt8]]] {
    [[input], input.map { [$0] }]
      + (1..<max(1, input.count)).map { [Array(input[..<$0]), Array(input[$0...])] }
  }
}
