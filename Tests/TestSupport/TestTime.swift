// How long a test may take.

import Foundation

/// The limits of tests that would hang, or take for ever, if what they test were broken.
package enum TestTime {
  /// For `.timeLimit(.minutes(_:))`: one, or what `TEST_MINUTES` says. Sanitizers make code up to
  /// twenty times slower, and then a minute says nothing.
  package static let minutes =
    ProcessInfo.processInfo.environment["TEST_MINUTES"].flatMap { Int($0) } ?? 1
}
