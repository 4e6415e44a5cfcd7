// A server as a whole.

package import Logging
package import Reactor
import Synchronization

/// An HTTP/1.1 server: listens on every loop of a group and has requests answered by one handler.
///
/// A service with several kinds of listeners, public and for administration, has a server for each,
/// on the same loops.
///
/// Concurrency: its members may be called from any task.
package final class HTTPServer: Sendable {
  private let configuration: HTTPServerConfiguration
  /// The memory of all requests' bodies.
  let bodyBudget: BodyBudget
  private let parts: [LoopServer]
  private let isStarted = Mutex(false)

  /// Makes a server that does nothing before ``start()``.
  package init(
    configuration: HTTPServerConfiguration, loops: EventLoopGroup, handler: any HTTPHandler,
    logger: Logger
  ) {
    self.configuration = configuration
    let bodyBudget = BodyBudget(
      byteCount: configuration.bodyBudgetByteCount, largestBody: configuration.largestBodyByteCount)
    self.bodyBudget = bodyBudget
    parts = loops.loops.map { loop in
      LoopServer(
        configuration, on: loop, loopCount: loops.loops.count, handler: handler,
        bodyBudget: bodyBudget,
        logger: logger)
    }
  }

  /// Binds every listener and begins to serve.
  ///
  /// - Returns: the address of each listener, with the port the kernel chose where it was to choose.
  ///
  /// Errors: ``HTTPServerError``; nothing is listened on then.
  package func start() throws(HTTPServerError) -> [ListenerAddress] {
    let wasStarted = isStarted.withLock { isStarted in
      defer { isStarted = true }
      return isStarted
    }
    guard !wasStarted else { throw HTTPServerError(code: .alreadyStarted, underlying: nil) }
    var sockets: [[ListeningSocket]] = []
    do throws(ReactorError) {
      for address in configuration.listeners {
        sockets.append(try ListeningSocket.open(address, count: parts.count))
      }
    } catch {
      throw HTTPServerError(code: .cannotListen, underlying: error)
    }
    for (index, part) in parts.enumerated() {
      let share = sockets.map { $0[index] }
      Task(executorPreference: part.loop) { part.listen(on: share) }
    }
    return sockets.map { $0[0].listenerAddress }
  }

  /// Ends serving: no new connections; requests in flight are answered, idle connections close,
  /// streamed bodies are told to end. Returns when all are gone, or at the deadline, which cuts
  /// what is left.
  package func stop(deadline: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      for part in parts {
        group.addTask {
          // The operation does not throw.
          try? await part.loop.run {
            await part.drain(deadline: part.loop.now.advanced(by: deadline))
          }
        }
      }
    }
  }
}
