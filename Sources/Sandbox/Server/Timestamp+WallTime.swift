// The present time.

import Reactor

extension Timestamp {
  /// A time of day, in whole microseconds.
  init(_ time: WallTime) {
    self.init(microseconds: time.secondsSince1970 &* 1_000_000 &+ time.nanoseconds / 1000)
  }
}
