// Words in a commit message or a title that ask for no run, as Git hosts and their CI know them.
//
// Sources: https://docs.github.com/actions/managing-workflow-runs/skipping-workflow-runs,
// https://docs.gitlab.com/ci/pipelines/#skip-a-pipeline,
// https://learn.microsoft.com/azure/devops/pipelines/repos/azure-repos-git#skipping-ci-for-individual-pushes,
// https://pipelinesascode.com/docs/guide/running (`[skip tkn]`).

import Bytes

/// Finds words that ask for no run.
enum SkipMarkers {
  /// The first marker in a text, as it stands in the list; nil when there is none.
  ///
  /// Case does not count, and of a long text the middle is not looked at. The trailer `skip-checks: true` counts in the last paragraph alone, which
  /// must not be the first.
  static func first(in text: String) -> String? {
    var bytes = Array(text.utf8.prefix(byteLimit))
    if text.utf8.count > byteLimit {
      bytes.removeLast(byteLimit / 2)
      bytes += [UInt8(ascii: "\n")] + text.utf8.suffix(byteLimit / 2)
    }
    for start in bytes.indices where bytes[start] == openBracket || bytes[start] == star {
      if let marker = markers.first(where: { hasPrefix(bytes[start...], $0.bytes) }) {
        return marker.text
      }
    }
    return hasTrailer(bytes) ? trailer : nil
  }

  private static func hasPrefix(_ bytes: ArraySlice<UInt8>, _ marker: [UInt8]) -> Bool {
    bytes.count >= marker.count
      && zip(bytes, marker).allSatisfy { ASCII.lowercased($0) == $1 }
  }

  private static func hasTrailer(_ bytes: [UInt8]) -> Bool {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { $0.filter { !ASCII.isBlank($0) && $0 != UInt8(ascii: "\r") } }
    guard let last = lines.lastIndex(where: { !$0.isEmpty }),
      let gap = lines[..<last].lastIndex(where: \.isEmpty)
    else { return false }
    return lines[gap...last].contains { ASCII.equalsIgnoringCase($0, plainTrailer) }
  }

  /// Nobody marks a commit in the middle of a longer message, and each trigger looks for itself.
  private static let byteLimit = 64 << 10
  private static let markers: [(text: String, bytes: [UInt8])] = [
    "[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "[skip tkn]",
    "[tkn skip]", "***NO_CI***",
  ].map { ($0, $0.utf8.map(ASCII.lowercased)) }
  private static let trailer = "skip-checks: true"
  private static let plainTrailer = Array("skip-checks:true".utf8)
  private static let openBracket = UInt8(ascii: "[")
  private static let star = UInt8(ascii: "*")
}
