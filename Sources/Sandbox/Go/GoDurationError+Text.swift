// Why a text is not a duration, in Go's words.

import Bytes

extension GoDurationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalid(let text): "time: invalid duration \(quoted(text))"
    case .missingUnit(let text): "time: missing unit in duration \(quoted(text))"
    case .unknownUnit(let unit, let text):
      "time: unknown unit \(quoted(unit)) in duration \(quoted(text))"
    }
  }
}
