// The real way to an API server: our own HTTP client over TLS.

import Bytes
import Crypto
import HTTPClient
import HTTPWire
package import Logging
package import Reactor
import Synchronization
import TLS

/// Sends requests through an ``HTTPClient``, with certificates as they are at the moment.
///
/// Streams have connections of their own: however many collections are watched, a request never
/// waits for one of theirs.
final class HTTPClientTransport: KubernetesTransport {
  private let requests: HTTPClient
  private let streams: HTTPClient
  private let material: TLSMaterial
  private let loops: EventLoopGroup
  /// Which settings the clients use.
  private let used = Mutex(0)

  init(_ origin: HTTPOrigin, proxy: HTTPProxy?, material: TLSMaterial, loops: EventLoopGroup) {
    var configuration = HTTPClientConfiguration()
    configuration.proxy = proxy
    requests = HTTPClient(origin: origin, configuration: configuration, loops: loops)
    configuration.connectionsPerLoop = Self.streamCountMax
    streams = HTTPClient(origin: origin, configuration: configuration, loops: loops)
    self.material = material
    self.loops = loops
  }

  var statistics: HTTPClientStatistics { requests.statistics }

  func send(
    _ request: TransportRequest, within timeLimit: Duration
  ) async throws(TransportFailure) -> KubernetesAnswer {
    try await withCurrentCertificates { () async throws(HTTPClientError) in
      let response = try await requests.send(request.asHTTP, within: timeLimit)
      return KubernetesAnswer(
        status: response.status, fields: response.fields, body: response.body)
    }
  }

  func open(
    _ request: TransportRequest, within timeLimit: Duration, silenceLimit: Duration
  ) async throws(TransportFailure) -> KubernetesStream {
    try await withCurrentCertificates { () async throws(HTTPClientError) in
      let response = try await streams.stream(
        request.asHTTP, within: timeLimit, silenceLimit: silenceLimit)
      return KubernetesStream(status: response.head.status, fields: response.head.fields) {
        () async throws(TransportFailure) in
        do throws(HTTPClientError) {
          return try await response.next()
        } catch {
          throw TransportFailure(error)
        }
      } cancel: {
        response.cancel()
      }
    }
  }

  func pause(for duration: Duration) async throws(CancellationError) {
    let loop = loops.next()
    let sleep = Task(executorPreference: loop) { try await loop.sleep(for: duration) }
    let result = await withTaskCancellationHandler {
      await sleep.result
    } onCancel: {
      sleep.cancel()
    }
    guard case .success = result else { throw CancellationError() }
  }

  func close() async {
    await requests.close()
    await streams.close()
  }

  /// Does something with the certificates renewed if that is due; and again if a handshake failed
  /// and they turn out to have been replaced.
  private func withCurrentCertificates<Success>(
    _ body: () async throws(HTTPClientError) -> Success
  ) async throws(TransportFailure) -> Success {
    await material.renewIfDue()
    let number = await adoptSettings()
    do throws(HTTPClientError) {
      return try await body()
    } catch {
      guard error.code == .tlsFailed, error.requestState == .notSent else {
        throw TransportFailure(error)
      }
      await material.renewNow()
      guard await adoptSettings() != number else { throw TransportFailure(error) }
    }
    do throws(HTTPClientError) {
      return try await body()
    } catch {
      throw TransportFailure(error)
    }
  }

  /// Hands new settings to the clients; their number.
  private func adoptSettings() async -> Int {
    let settings = material.settings
    let isNew = used.withLock { used in
      guard used < settings.number else { return false }
      used = settings.number
      return true
    }
    if isNew {
      await requests.replaceTLS(settings.context)
      await streams.replaceTLS(settings.context)
    }
    return settings.number
  }

  /// Streams at once on each loop. A service watches a few kinds in a few namespaces.
  private static let streamCountMax = 256
}

extension TransportRequest {
  fileprivate var asHTTP: HTTPClientRequest {
    HTTPClientRequest(
      method, target, fields: fields, body: body,
      repeatability: repeatability == .repeatable ? .repeatable : .once)
  }
}

extension TransportFailure {
  /// An HTTP client's failure in our terms.
  init(_ error: HTTPClientError) {
    let kind: Kind =
      switch error.code {
      case .cannotConnect:
        error.underlying?.code == .resolveFailed ? .unresolvable : .unreachable
      case .proxyFailed: .unreachable
      case .tlsFailed: .tlsFailed
      case .timedOut: .timedOut
      case .connectionLost: .connectionLost
      case .invalidResponse: .malformedAnswer
      case .invalidRequest: .unsendable
      case .cancelled, .closed: .cancelled
      }
    self.init(
      kind, error.requestState == .notSent ? .notSent : .perhapsSent, message: error.description)
  }
}

extension KubernetesClient {
  /// A client of the cluster that the configuration describes.
  ///
  /// It reads the certificates and the key, and so must not be made on a loop. It connects to
  /// nothing yet: whether the server is there shows with the first request.
  ///
  /// - Parameters:
  ///   - loops: Who drives the connections; they must be running as long as the client is used.
  ///   - userAgent: What we call ourselves, as in `hookline/1.0`.
  ///   - environment: What a credential program finds in its environment.
  ///   - clock: The clock that ages what was read from files and what discovery said.
  /// - Throws: For certificates, keys or names that cannot be read or used.
  package convenience init(
    _ configuration: ClusterConfiguration, loops: EventLoopGroup, logger: Logger,
    userAgent: String = "hookline", environment: [String: String] = [:],
    clock: any MonotonicClock = SystemMonotonicClock()
  ) throws(KubeconfigError) {
    let program = configuration.program.map {
      ProgramCredentials(
        $0, logger: logger, clock: clock,
        run: ProgramCredentials.process(environment: environment))
    }
    let material = try TLSMaterial(configuration, program: program, logger: logger, clock: clock)
    let origin: HTTPOrigin
    let proxy: HTTPProxy?
    do throws(TLSConfigurationError) {
      origin = try HTTPOrigin(
        tls: material.settings.context, host: configuration.server.host,
        port: configuration.server.port, name: configuration.tlsServerName)
      proxy = try configuration.proxy?.asHTTP(material.settings.context)
    } catch {
      throw KubeconfigError(.malformed, message: "\(configuration.origin): \(error)")
    }
    if configuration.verification == .skipped {
      logger.warning(
        """
        the API server's certificate is not verified: whoever can redirect our packets gets the \
        credentials. Remove insecure-skip-tls-verify and give the certificate authority
        """,
        metadata: ["server": "\(configuration.server)", "origin": "\(configuration.origin)"])
    }
    self.init(
      configuration,
      transport: HTTPClientTransport(origin, proxy: proxy, material: material, loops: loops),
      logger: logger, userAgent: userAgent, program: program, clock: clock)
  }
}

extension ProxyAddress {
  /// The proxy in the HTTP client's terms; a proxy with TLS is verified as the server is.
  fileprivate func asHTTP(
    _ context: TLSClientContext
  ) throws(TLSConfigurationError) -> HTTPProxy {
    let kind: HTTPProxy.Kind =
      switch scheme {
      case .http: .http
      case .https: .https(context, name: try TLSPeerName(host))
      case .socks5: .socks5
      }
    return HTTPProxy(
      kind, host: host, port: port,
      credentials: credentials.map {
        HTTPProxy.Credentials(user: Array($0.user.utf8), password: $0.password.copy())
      })
  }
}

extension SecretBytes {
  /// The bytes, of what is no secret or goes into a request.
  func copy() -> [UInt8] {
    withBytes { bytes in bytes.indices.map { bytes[$0] } }
  }
}
