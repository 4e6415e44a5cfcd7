// Which API server to talk to and as whom, whatever said so.

package import Bytes
package import Crypto
import Reactor

/// Everything needed to reach one API server.
///
/// Made by ``load(kubeconfig:context:environment:)``. Files that rotate (tokens, certificates) are
/// named here, not read.
package struct ClusterConfiguration: Sendable {
  /// A certificate or a key in PEM: given in the kubeconfig, or in a file of its own.
  package enum Material: Sendable {
    case data(SecretBytes)
    case file(String)
  }

  /// A certificate with its private key.
  package struct Identity: Sendable {
    package var certificate: Material
    package var key: Material

    package init(certificate: Material, key: Material) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Where the bearer token comes from.
  package enum Token: Sendable {
    case fixed(SecretBytes)
    /// A file that may be replaced at any time; `fallback` serves until it was read once.
    case file(String, fallback: SecretBytes?)
  }

  /// A name and a password, as a proxy or an old server asks for them (RFC 7617).
  package struct Password: Sendable {
    package var user: String
    package var password: SecretBytes
  }

  /// Whether the server has to prove who it is.
  package enum Verification: Hashable, Sendable {
    case required
    /// `insecure-skip-tls-verify`: anybody who can redirect our packets gets the credentials.
    case skipped
  }

  /// Whether a kubeconfig may name a program that gives credentials. To allow it is to run whatever
  /// the file says.
  package enum ProgramPolicy: Hashable, Sendable {
    case allowed, refused
  }

  package var server: ServerAddress
  /// The name the server's certificate must have, where that is not the host.
  package var tlsServerName: String?
  /// Who signs the server's certificate; nil for the certificate authorities of the system.
  package var certificateAuthority: Material?
  package var verification = Verification.required
  /// The way to the server, where it cannot be reached directly.
  package var proxy: ProxyAddress?
  package var clientIdentity: Identity?
  package var token: Token?
  package var password: Password?
  /// What gives credentials where the user has none of the above.
  package var program: CredentialProgram?
  /// As whom to act.
  package var impersonation: Impersonation?
  /// Where objects go that name no namespace.
  package var defaultNamespace: String
  /// Where all this comes from, for logs: `context "kind" of /home/a/.kube/config`.
  package var origin: String

  package init(
    server: ServerAddress, tlsServerName: String? = nil, certificateAuthority: Material? = nil,
    clientIdentity: Identity? = nil, token: Token? = nil, defaultNamespace: String = "default",
    origin: String
  ) {
    self.server = server
    self.tlsServerName = tlsServerName
    self.certificateAuthority = certificateAuthority
    self.clientIdentity = clientIdentity
    self.token = token
    self.defaultNamespace = defaultNamespace
    self.origin = origin
  }
}

extension ClusterConfiguration {
  /// Finds the cluster, in this order: the file given; the files of `KUBECONFIG`, separated by
  /// colons and merged; `~/.kube/config`; the pod's service account.
  ///
  /// It reads files and so must not run on a loop.
  ///
  /// - Parameters:
  ///   - kubeconfig: The file of `--kubeconfig`.
  ///   - context: The context of `--context`; nil for the file's current one.
  ///   - environment: The process's environment.
  ///   - programs: Whether a user may be one whose credentials a program gives.
  /// - Throws: `notConfigured` when there is none of them; otherwise what is wrong with the first
  ///   that there is. It never falls through to the next because of a mistake.
  package static func load(
    kubeconfig: String?, context: String?, environment: [String: String],
    programs: ProgramPolicy = .refused
  ) throws(KubeconfigError) -> ClusterConfiguration {
    try load(
      kubeconfig: kubeconfig, context: context, environment: environment, programs: programs,
      serviceAccountFolder: InCluster.folder)
  }

  /// The same, with the service account's files elsewhere.
  static func load(
    kubeconfig: String?, context: String?, environment: [String: String],
    programs: ProgramPolicy = .refused, serviceAccountFolder: String
  ) throws(KubeconfigError) -> ClusterConfiguration {
    if let kubeconfig {
      return try Kubeconfig.read([kubeconfig], absence: .error)
        .resolved(context: context, programs: programs)
    }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      let files = list.split(separator: ":").map(String.init)
      return try Kubeconfig.read(files, absence: .ignored)
        .resolved(context: context, programs: programs)
    }
    if let home = environment["HOME"], !home.isEmpty {
      let files = Kubeconfig.existing(["\(home)/.kube/config"])
      if !files.isEmpty {
        return try Kubeconfig.read(files, absence: .error)
          .resolved(context: context, programs: programs)
      }
    }
    if let context {
      throw KubeconfigError(
        .notConfigured,
        message: "context \(quoted(context)) was asked for, but there is no kubeconfig file; name "
          + "one with --kubeconfig or KUBECONFIG")
    }
    guard
      let own = try InCluster.configuration(environment: environment, folder: serviceAccountFolder)
    else {
      throw KubeconfigError(
        .notConfigured,
        message: "no cluster is configured: name a file with --kubeconfig or KUBECONFIG, have one "
          + "at ~/.kube/config, or run inside a cluster")
    }
    return own
  }
}

extension ClusterConfiguration.Material {
  /// The PEM text. It may block, and so must not be called on a loop.
  ///
  /// - Parameter field: The field it stands for, for the message.
  func read(for field: String) throws(KubeconfigError) -> SecretBytes {
    switch self {
    case .data(let bytes): return bytes
    case .file(let path):
      do {
        return SecretBytes(try LocalFile.read(path))
      } catch {
        throw KubeconfigError(.unreadable, message: "\(field): \(error)")
      }
    }
  }
}
