// Signals that are of no use to a service.

import Glibc

/// What signals do to the process.
package enum ProcessSignals {
  /// Lets a write beyond the limit on the size of files (`RLIMIT_FSIZE`) fail with `EFBIG`, which is
  /// handled as a full disk, instead of ending the process.
  ///
  /// The corresponding C function is `signal`.
  package static func ignoreFileSizeLimit() {
    _ = signal(SIGXFSZ, SIG_IGN)
  }
}
