import CLinux
import Glibc

/// The time of day, for people and for protocols. Nothing that decides about waiting looks here: it
/// may be set forward and back at any time.
package struct WallTime: Sendable {
  /// Whole seconds since 1970-01-01T00:00:00Z.
  package let secondsSince1970: Int64
  /// The rest of a second, 0 to 999,999,999.
  package let nanoseconds: Int64

  package init(secondsSince1970: Int64, nanoseconds: Int64) {
    self.secondsSince1970 = secondsSince1970
    self.nanoseconds = nanoseconds
  }

  /// Now. The corresponding C function is `clock_gettime` with `CLOCK_REALTIME`.
  package static var now: WallTime {
    var time = timespec()
    // SAFETY: the kernel fills the local structure; with this clock the call cannot fail.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(secondsSince1970: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }
}
