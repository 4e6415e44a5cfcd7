// Durations as text.

import Bytes

extension CELDuration {
  /// The duration of a text such as `1h2m3.5s`.
  ///
  /// *Errors:* ``CELEvaluationError/invalidArgument(_:)``.
  ///
  /// *Source:* Go's `time.ParseDuration`.
  package init(parsing text: String) throws(CELEvaluationError) {
    guard text.utf8.count <= Self.textLimit else {
      throw .invalidArgument("time: invalid duration of \(text.utf8.count) bytes")
    }
    do {
      self.init(nanoseconds: try GoDuration(text).nanoseconds)
    } catch {
      let quoted = GoQuote.quoted(text)
      switch error {
      case .invalid: throw .invalidArgument("time: invalid duration \(quoted)")
      case .missingUnit: throw .invalidArgument("time: missing unit in duration \(quoted)")
      case .unknownUnit(let unit, _):
        throw .invalidArgument("time: unknown unit \(GoQuote.quoted(unit)) in duration \(quoted)")
      }
    }
  }

  /// The text in seconds, `6347.5s`, as `string(duration)` gives it.
  package var text: String {
    let sign = nanoseconds < 0 ? "-" : ""
    let (whole, part) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    return sign + String(whole) + DecimalFraction.text(ofNanoseconds: UInt32(part)) + "s"
  }

  /// The longest text that is read, in bytes; none that means something is longer.
  private static let textLimit = 1024
}
