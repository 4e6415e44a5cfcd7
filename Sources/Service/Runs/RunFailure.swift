// Why a run was not created.

import Journal
package import Kubernetes

/// Why a run was not created.
package struct RunFailure: Sendable, Equatable {
  /// A word for machines: the API's `reason` (`Forbidden`, `Invalid`, …) or, where no API answered,
  /// the kind of failure.
  package let reason: String
  /// A sentence for people, with the API's own message.
  package let message: String

  init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }

  package init(_ error: KubernetesError) {
    self.init(reason: error.reason ?? error.code.rawValue, message: "\(error)")
  }

  /// The failure of the last attempt, as the reason for making no further one.
  func expired(after age: Duration) -> RunFailure {
    RunFailure(
      reason: reason, message: "given up after \(age.components.seconds / 3600) h: \(message)")
  }

  var record: RunFailureRecord { RunFailureRecord(reason: reason, message: message) }
}
