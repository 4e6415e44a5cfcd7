// The spelling that was probably meant.

/// Finds near spellings.
package enum Suggestion {
  /// The candidate that differs least from the word, if it differs little.
  ///
  /// The measure is the optimal string alignment distance over lower-case ASCII: insertions,
  /// deletions, replacements and swapped neighbours. A third of the word's letters may be wrong.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    guard word.utf8.count <= lengthLimit else { return nil }
    let letters = word.utf8.map(ASCII.lowercased)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= lengthLimit {
      let distance = distance(letters, candidate.utf8.map(ASCII.lowercased))
      let allowed = max(1, max(letters.count, candidate.utf8.count) / 3)
      if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for (row, letter) in first.enumerated() {
      var current = [row + 1]
      for (column, other) in second.enumerated() {
        let replaced = last[column] + (letter == other ? 0 : 1)
        var best = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last.last ?? 0
  }

  /// Longer words are not typing errors of field names.
  private static let lengthLimit = 64
}
