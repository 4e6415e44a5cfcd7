import FoundationEssentials
import Logging
import Reactor
import Sandbox
import ServiceLifecycle

/// A sandbox from its start to the shutdown, with the kubeconfig that leads to it.
struct RunningSandbox: Service {
  /// The file that was written.
  let kubeconfigPath: String
  private let server: SandboxServer
  private let isTemporary: Bool

  /// Starts it and says where it is.
  ///
  /// - Parameters:
  ///   - kubeconfig: where to write the kubeconfig; `nil` for a file that goes away with the sandbox.
  ///   - state: the folder in which objects survive; `nil` for none.
  /// - Throws: ``CommandFailure``.
  init(
    listen: SocketAddress, kubeconfig: String?, state: String?, loops: EventLoopGroup,
    logger: Logger
  ) throws {
    isTemporary = kubeconfig == nil
    kubeconfigPath =
      kubeconfig
      ?? FileManager.default.temporaryDirectory
      .appendingPathComponent("hookline-sandbox-\(UUID().uuidString).kubeconfig").path
    do {
      server = try SandboxServer.start(
        listen: listen, kubeconfigPath: kubeconfigPath, stateDirectory: state, loops: loops,
        logger: logger)
    } catch {
      throw CommandFailure.failed("\(error)")
    }
    logger.info(
      "sandbox listening",
      metadata: ["address": "\(server.address)", "kubeconfig": "\(kubeconfigPath)"])
  }

  func run() async throws {
    // Cancelled instead of asked: the same way down.
    try? await gracefulShutdown()
    await end()
  }

  /// Stops it, for a process that does not get as far as running its services.
  func end() async {
    await server.stop()
    removeKubeconfig()
  }

  /// Removes the kubeconfig, if it goes away with the sandbox.
  func removeKubeconfig() {
    // A file that somebody else removed is as gone.
    if isTemporary { try? FileManager.default.removeItem(atPath: kubeconfigPath) }
  }
}
