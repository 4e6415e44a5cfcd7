// The sandbox as it runs: the API server behind HTTPS, with a kubeconfig to reach it by.

import Crypto
import HTTPServer
import HTTPWire
package import Logging
package import Reactor
import Synchronization
import TLS

/// An embedded Kubernetes API server that listens.
///
/// Made by ``start(listen:kubeconfigPath:stateDirectory:loops:logger:)`` and ended by ``stop()``.
package final class SandboxServer: Sendable {
  /// The address that is listened on, with the port that was free.
  package let address: SocketAddress
  /// The file that was written; `nil` when none was asked for.
  package let kubeconfigPath: String?
  /// The text of the kubeconfig, for a client in the same process. It holds a token.
  package let kubeconfig: String
  /// The server itself, for a process that looks at it without HTTP.
  package let api: APIServer

  private let server: HTTPServer
  private let controllers: Task<Void, Never>

  private init(
    address: SocketAddress, kubeconfigPath: String?, kubeconfig: String, api: APIServer,
    server: HTTPServer
  ) {
    self.address = address
    self.kubeconfigPath = kubeconfigPath
    self.kubeconfig = kubeconfig
    self.api = api
    self.server = server
    controllers = Task {
      while !Task.isCancelled {
        api.tick()
        do {
          try await Task.sleep(for: .milliseconds(500))
        } catch {
          return
        }
      }
    }
  }

  /// Starts a sandbox.
  ///
  /// - Parameters:
  ///   - listen: port 0 is any free one.
  ///   - kubeconfigPath: where to write a kubeconfig, readable by its owner only.
  ///   - stateDirectory: where objects and keys are kept; without it they end with the process.
  package static func start(
    listen: SocketAddress, kubeconfigPath: String? = nil, stateDirectory: String? = nil,
    loops: EventLoopGroup, logger: Logger
  ) throws(SandboxError) -> SandboxServer {
    do {
      let state = try stateDirectory.map { path throws(ObjectJournalError) in
        try StateDirectory(path)
      }
      let credentials = try SandboxCredentials(keptIn: state, host: listen.host)
      let announced = AnnouncedAddress()
      let api = try APIServer(
        definitions: TektonResources.all, administratorToken: credentials.administratorToken,
        signingKey: credentials.signingKey, serverAddress: { announced.text },
        clock: { Timestamp(.now) }, journal: state)
      let tls = try TLSServerContext(
        identity: credentials.identity,
        clients: .optional(.certificates(pem: credentials.authority.certificatePEM)))
      var configuration = HTTPServerConfiguration(listeners: [listen], tls: tls)
      // A real server waits 90 s for the next request, and ends watches after an hour at most.
      configuration.timeLimits.idle = .seconds(90)
      configuration.timeLimits.age = .seconds(2 * 3600)
      let server = HTTPServer(
        configuration: configuration, loops: loops, handler: SandboxHandler(server: api),
        logger: logger)
      let addresses = try server.start()
      let address = addresses.first?.socketAddress ?? listen
      announced.set(reachable(address).description)
      let kubeconfig = Kubeconfig(
        server: "https://\(reachable(address))", authorityPEM: credentials.authority.certificatePEM,
        token: credentials.administratorToken
      ).text
      if let kubeconfigPath {
        try LocalFile.replace(kubeconfigPath, with: Array(kubeconfig.utf8), readers: .owner)
      }
      return SandboxServer(
        address: address, kubeconfigPath: kubeconfigPath, kubeconfig: kubeconfig, api: api,
        server: server)
    } catch let error as SandboxError {
      throw error
    } catch {
      throw SandboxError("the sandbox cannot start: \(error)")
    }
  }

  /// An address that a client on this machine can dial.
  private static func reachable(_ address: SocketAddress) -> SocketAddress {
    guard address.host.isEveryAddress else { return address }
    return SocketAddress(host: .loopbackV4, port: address.port)
  }

  /// Ends open watches, lets requests finish, and stops listening.
  package func stop(deadline: Duration = .seconds(5)) async {
    controllers.cancel()
    await server.stop(deadline: deadline)
    _ = await controllers.value
  }
}

/// The address that discovery tells, known once the server listens.
private final class AnnouncedAddress: Sendable {
  private let value = Mutex("")

  var text: String { value.withLock { $0 } }

  func set(_ text: String) {
    value.withLock { $0 = text }
  }
}
