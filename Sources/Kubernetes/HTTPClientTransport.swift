// The real way to an API server: our own HTTP client over TLS.

import Crypto
import HTTPClient
package import Logging
package import Reactor
import TLS

/// Sends requests through an ``HTTPClient``.
struct HTTPClientTransport: KubernetesTransport {
  let client: HTTPClient

  func send(
    _ request: TransportRequest, within timeLimit: Duration
  ) async throws(TransportFailure) -> KubernetesAnswer {
    do throws(HTTPClientError) {
      let response = try await client.send(
        HTTPClientRequest(
          request.method, request.target, fields: request.fields, body: request.body,
          repeatability: request.repeatability == .repeatable ? .repeatable : .once),
        within: timeLimit)
      return KubernetesAnswer(
        status: response.status, fields: response.fields, body: response.body)
    } catch {
      throw TransportFailure(error)
    }
  }

  func close() async {
    await client.close()
  }
}

extension TransportFailure {
  /// An HTTP client's failure in our terms.
  init(_ error: HTTPClientError) {
    let kind: Kind =
      switch error.code {
      case .cannotConnect:
        error.underlying?.code == .resolveFailed ? .unresolvable : .unreachable
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
  /// - Throws: For certificates, keys or names that cannot be read or used.
  package convenience init(
    _ configuration: ClusterConfiguration, loops: EventLoopGroup, logger: Logger,
    userAgent: String = "hookline"
  ) throws(KubeconfigError) {
    let origin: HTTPOrigin
    let trust = try configuration.trust()
    let identity = try configuration.identity()
    do throws(TLSConfigurationError) {
      origin = try HTTPOrigin(
        tls: TLSClientContext(trust: trust, identity: identity), host: configuration.server.host,
        port: configuration.server.port, name: configuration.tlsServerName)
    } catch {
      throw KubeconfigError(.malformed, message: "\(configuration.origin): \(error)")
    }
    self.init(
      configuration,
      transport: HTTPClientTransport(client: HTTPClient(origin: origin, loops: loops)),
      logger: logger, userAgent: userAgent)
  }
}

extension ClusterConfiguration {
  fileprivate func trust() throws(KubeconfigError) -> TLSTrust {
    guard let certificateAuthority else { return .system }
    return .certificates(pem: try certificateAuthority.read(for: "certificate-authority").copy())
  }

  fileprivate func identity() throws(KubeconfigError) -> TLSIdentity? {
    guard let clientIdentity else { return nil }
    return TLSIdentity(
      certificateChainPEM: try clientIdentity.certificate.read(for: "client-certificate").copy(),
      privateKeyPEM: try clientIdentity.key.read(for: "client-key"))
  }
}

extension SecretBytes {
  /// The bytes of what is no secret: a certificate.
  fileprivate func copy() -> [UInt8] {
    withBytes { bytes in bytes.indices.map { bytes[$0] } }
  }
}
