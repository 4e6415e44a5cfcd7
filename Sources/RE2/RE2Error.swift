// Why a regular expression was refused.

/// A pattern that does not compile.
package enum RE2Error: Error, Equatable {
  /// The pattern has more bytes than ``RE2Pattern/lengthLimit``.
  case tooLong(byteCount: Int)
  /// RE2 refuses it; the reason is RE2's own and names the offending part.
  case invalid(reason: String)
}

extension RE2Error: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let byteCount):
      "the pattern has \(byteCount) bytes, at most \(RE2Pattern.lengthLimit) are allowed"
    case .invalid(let reason):
      "not a valid regular expression (RE2 syntax): \(reason)"
    }
  }
}
