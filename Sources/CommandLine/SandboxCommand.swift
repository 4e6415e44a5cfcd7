import ArgumentParser
import Hooks
import JSON
import Kubernetes
import Logging
import Reactor
import Sandbox
import ServiceLifecycle
import UnixSignals

/// `hookline sandbox`
struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "Runs an embedded Kubernetes API server for trying things out.",
    discussion: """
      It knows Tekton's kinds, checks what a real server and Tekton's admission webhook check, and \
      runs nothing. kubectl works with the kubeconfig that it writes. Without --state all objects \
      are gone when it ends.
      """)

  @Option(help: "Where it listens; port 0 is any free one.")
  var listen = ListenAddress(SocketAddress(host: .loopbackV4, port: 0))

  @Option(
    help: ArgumentHelp(
      "Where to write the kubeconfig; a temporary file if not given.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("A folder in which objects survive a restart.", valueName: "dir"))
  var state: String?

  @OptionGroup var logging: LoggingOptions

  func run() async throws {
    let logger = logging.bootstrap()
    let loops = try EventLoopGroup(loopCount: 1)
    defer { loops.stop() }
    let sandbox = try RunningSandbox(
      listen: listen.address, kubeconfig: kubeconfig, state: state, loops: loops, logger: logger)
    try await StopSignals.run(
      [sandbox], logger: logger, cleanUp: { sandbox.removeKubeconfig() })
  }
}
