// Keeps the certificate in use up with its files.

package import Logging
import ServiceLifecycle
import UnixSignals

/// Looks at the certificate's files every few seconds and on SIGHUP, and says what came of it.
///
/// It asks for versions instead of being notified: a mounted Secret is exchanged behind links, and
/// network file systems notify nobody. What it costs is a `stat` for each file.
package struct CertificateWatch: ServiceLifecycle.Service {
  /// How old a new certificate may get before it is used: short beside the hours or days before
  /// the old one expires at which it is written.
  package static let interval = Duration.seconds(3)

  private let files: CertificateFiles
  private let state: ServiceState
  private let logger: Logger

  /// - Parameter state: where readiness finds what is wrong with the files.
  package init(_ files: CertificateFiles, state: ServiceState, logger: Logger) {
    self.files = files
    self.state = state
    self.logger = logger
  }

  /// Watches until the shutdown.
  package func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    await untilShutdown(
      { for await _ in signals { look() } },
      {
        // A sleep ends early only by cancellation, which the condition sees.
        while !Task.isCancelled {
          try? await Task.sleep(for: Self.interval)
          look()
        }
      })
  }

  /// Looks at the files once.
  func look() {
    let refresh = files.refresh()
    state.set(certificateProblem: files.status.problem)
    switch refresh {
    case .unchanged: break
    case .replaced: logger.notice("certificate replaced")
    case .kept(let error):
      logger.error(
        "new certificate not usable, the old one stays in use", metadata: ["reason": "\(error)"])
    }
  }
}
