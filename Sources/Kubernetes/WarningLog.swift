// What the server warns of, once.

import Crypto
import HTTPWire
import Logging
import Reactor
import Synchronization

/// Logs the `Warning` fields of answers (RFC 7234 §5.5, which the API keeps using).
///
/// A warning is about an object's form, and a service sends the same form all day: each text is
/// logged once in ``silence``.
final class WarningLog: Sendable {
  /// How long a text is not repeated.
  static let silence = Duration.seconds(3600)
  /// How many texts are remembered; beyond that all are forgotten.
  static let textCountMax = 128

  private let loggedAt = Mutex<[String: MonotonicInstant]>([:])
  private let logger: Logger
  private let clock: any MonotonicClock

  init(_ logger: Logger, clock: any MonotonicClock) {
    self.logger = logger
    self.clock = clock
  }

  /// Logs what an answer warns of.
  ///
  /// - Parameter secret: What must not be seen.
  func note(_ fields: HTTPFields, request: KubernetesRequest, hiding secret: SecretBytes?) {
    guard fields.firstIndex(named: "warning") != nil else { return }
    for warning in AnswerDecoder.warnings(in: fields) {
      let text = secret.map { RequestSender.hiding($0, in: warning) } ?? warning
      guard isNew(text) else { continue }
      logger.warning(
        "the API server warns", metadata: ["warning": "\(text)", "request": "\(request)"])
    }
  }

  private func isNew(_ text: String) -> Bool {
    let now = clock.now
    return loggedAt.withLock { loggedAt in
      if let last = loggedAt[text], last.duration(to: now) < Self.silence { return false }
      if loggedAt.count >= Self.textCountMax { loggedAt.removeAll() }
      loggedAt[text] = now
      return true
    }
  }
}
