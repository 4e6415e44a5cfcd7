// The listeners' life: they open together, and drain when the process is asked to end.

package import HTTPServer
package import Logging
import Reactor
import ServiceLifecycle

/// The public and the admin listener as one service.
///
/// It is ready once both are open. A graceful shutdown makes `/ready` fail first, then the public
/// listener takes no more connections and finishes what is in flight, then the dispatcher ends its
/// attempts and leaves the rest to the journal, then the admin listener ends, so that its probes
/// answer to the last.
package struct Listeners: ServiceLifecycle.Service {
  /// How long requests in flight may take at the end: more than one creation may
  /// (``Kubernetes/KubernetesClient/timeLimitDefault``), less than the 60 s that the manifests give
  /// a pod to end.
  package static let drainLimit = Duration.seconds(35)

  private let publicServer: HTTPServer
  private let adminServer: HTTPServer?
  private let dispatcher: Dispatcher
  private let scheduler: Scheduler?
  private let state: ServiceState
  private let logger: Logger

  package init(
    publicServer: HTTPServer, adminServer: HTTPServer?, dispatcher: Dispatcher,
    scheduler: Scheduler? = nil, state: ServiceState, logger: Logger
  ) {
    self.publicServer = publicServer
    self.adminServer = adminServer
    self.dispatcher = dispatcher
    self.scheduler = scheduler
    self.state = state
    self.logger = logger
  }

  /// Opens, serves until the shutdown, drains.
  ///
  /// - Throws: ``HTTPServer/HTTPServerError`` when an address cannot be listened on.
  package func run() async throws {
    if let adminServer { announce("admin listening", try adminServer.start()) }
    announce("listening", try publicServer.start())
    dispatcher.start()
    scheduler?.start()
    state.enter(.ready)
    // Cancelled instead of asked: the same way down.
    try? await gracefulShutdown()
    state.enter(.draining)
    logger.info("draining")
    await scheduler?.stop()
    await publicServer.stop(deadline: Self.drainLimit)
    await dispatcher.stop()
    await adminServer?.stop(deadline: .zero)
    logger.info("stopped")
  }

  private func announce(_ message: Logger.Message, _ addresses: [ListenerAddress]) {
    for address in addresses { logger.info(message, metadata: ["address": "\(address)"]) }
  }
}
