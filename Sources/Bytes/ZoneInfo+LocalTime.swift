// The way back through a time zone: from what clocks show to moments.
//
// Clocks that are set forward never show some times, and clocks that are set back show some twice.
// Local times here are seconds from 1970-01-01T00:00:00 on the local clock, without an offset.

extension ZoneInfo {
  /// When clocks change next after a moment, or what they show is called otherwise; nil when they
  /// never do again. In seconds since 1970.
  package func nextChange(after seconds: Int64) -> Int64? {
    guard let last = transitions.last, seconds < last else {
      return rule?.nextChange(after: seconds)
    }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return transitions[low]
  }

  /// The first moment at which clocks show a local time or a later one: of a time that comes twice
  /// the first, and for one that is left out the moment at which clocks are set forward.
  ///
  /// *Limits:* of the years 0 to 9999.
  package func firstMoment(showing local: Int64) -> Int64 {
    var start = local - Self.offsetLimit
    while true {
      let moment = max(start, local - Int64(localType(at: start).offset))
      guard let end = nextChange(after: start), moment >= end else { return moment }
      start = end
    }
  }

  /// The latest local time that clocks have shown until a moment, which is included.
  ///
  /// *Limits:* as ``firstMoment(showing:)``.
  package func latestLocalTime(through moment: Int64) -> Int64 {
    var start = moment - 2 * Self.offsetLimit
    var latest = Int64.min
    while true {
      let offset = Int64(localType(at: start).offset)
      guard let end = nextChange(after: start), end <= moment else {
        return max(latest, moment + offset)
      }
      latest = max(latest, end - 1 + offset)
      start = end
    }
  }

  /// No clock is further from UTC: 26 hours (RFC 9636 §3.2).
  private static let offsetLimit: Int64 = 93_600
}

extension ZoneRule {
  /// When clocks change next after a moment; nil when they never do.
  func nextChange(after seconds: Int64) -> Int64? {
    guard daylight != nil else { return nil }
    let year = CivilTime(secondsSince1970: seconds).date.year
    // A change can lie a week outside of its year.
    var next: Int64?
    for change in ((year - 1)...(year + 1)).flatMap({ changes(in: $0) }) where change > seconds {
      next = min(next ?? change, change)
    }
    return next
  }
}
