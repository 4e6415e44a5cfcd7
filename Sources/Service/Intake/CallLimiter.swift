// How often callers may start runs by hand.

import Hooks
import Reactor
import Synchronization

/// Counts the calls of each caller who has a rate: only calls of a caller who was verified, so nobody
/// can use up another's.
///
/// *Limits*: one entry for each caller of the configuration.
///
/// *Concurrency*: any thread.
final class CallLimiter: Sendable {
  private struct Key: Hashable {
    let hook: HookName
    let caller: String
  }

  private let clock: any MonotonicClock
  /// When each caller will have recovered from all calls (the generic cell rate algorithm, ITU-T
  /// I.371).
  private let recoveries = Mutex<[Key: MonotonicInstant]>([:])

  init(clock: any MonotonicClock = SystemMonotonicClock()) {
    self.clock = clock
  }

  /// Counts a call, if there may be one.
  ///
  /// - Returns: nil when there may; otherwise how many seconds it takes until there may be.
  func take(_ rate: CallRate, of caller: String, at hook: HookName) -> Int? {
    let now = clock.now
    let share = rate.period / rate.count
    return recoveries.withLock { recoveries in
      let key = Key(hook: hook, caller: caller)
      let recovery = max(recoveries[key] ?? now, now)
      // As many at once as the rate has, and none while the last of them is not forgiven.
      let mayCallAt = recovery.advanced(by: .zero - share * (rate.count - 1))
      guard mayCallAt <= now else {
        return Int((mayCallAt.nanoseconds &- now.nanoseconds &+ 999_999_999) / 1_000_000_000)
      }
      recoveries[key] = recovery.advanced(by: share)
      return nil
    }
  }
}
