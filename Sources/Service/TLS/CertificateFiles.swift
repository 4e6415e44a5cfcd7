// The listener's certificate, as files that somebody renews.

package import Reactor
import Synchronization
package import TLS
import Crypto

/// Where the certificate and its key are, and whom clients' certificates are verified against.
package struct CertificatePaths: Sendable {
  /// The certificate, then its intermediates, in PEM form.
  package var certificate: String
  /// Its private key, in PEM form without a pass phrase.
  package var key: String
  /// The CA certificates for clients' ones; without it clients are not asked.
  package var clientCA: String?
  /// What a client has to show when there is a ``clientCA``.
  package var clients: ClientCertificates

  package enum ClientCertificates: String, CaseIterable, Sendable {
    /// Nobody is served without a certificate that verifies.
    case required
    /// A client without one is served; one that does not verify is refused.
    case optional
  }

  package init(
    certificate: String, key: String, clientCA: String? = nil,
    clients: ClientCertificates = .required
  ) {
    self.certificate = certificate
    self.key = key
    self.clientCA = clientCA
    self.clients = clients
  }

  fileprivate var all: [String] { [certificate, key] + (clientCA.map { [$0] } ?? []) }
}

/// Why certificate files are of no use; whoever wrote them is at fault.
package enum CertificateFilesError: Error, Equatable, Sendable {
  /// One of them cannot be read.
  case unreadable(FileError)
  /// They can, but are no certificate, key or CA, or do not belong together.
  case unusable(paths: [String], TLSConfigurationError)
}

extension CertificateFilesError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .unusable(let paths, let error): "\(paths.joined(separator: ", ")): \(error)"
    }
  }
}

/// The TLS context of files, kept up with them: each handshake takes what is current, and what
/// cannot be used changes nothing.
///
/// Concurrency: ``current`` and ``status`` from anywhere; ``refresh()`` reads files, so not on a
/// loop, and by one caller at a time waits for another.
package final class CertificateFiles: TLSServerContextSource {
  /// Whether clients are asked for a certificate.
  package var asksClients: Bool { paths.clientCA != nil }

  /// How it went with the files.
  package struct Status: Equatable, Sendable {
    /// Why the files as they are now are not in use; nil when they are.
    package fileprivate(set) var problem: CertificateFilesError?
    /// How often they were taken into use after the start.
    package fileprivate(set) var replacementCount = 0
    /// How often they could not be.
    package fileprivate(set) var failureCount = 0
  }

  /// What became of a look at the files.
  package enum Refresh: Equatable, Sendable {
    /// They are as at the last look.
    case unchanged
    /// They are in use from now on.
    case replaced
    /// They cannot be used; the ones before stay in use.
    case kept(CertificateFilesError)
  }

  /// What the files were when they were last read, each nil when it was not there.
  private typealias Versions = [FileVersion?]

  private struct State {
    var versions: Versions
    var status = Status()
  }

  private let paths: CertificatePaths
  private let slot: TLSServerContextSlot
  private let state: Mutex<State>

  /// Reads the files.
  ///
  /// - Throws: when they cannot be used: there is nothing before them to go on with.
  package init(_ paths: CertificatePaths) throws(CertificateFilesError) {
    self.paths = paths
    let versions = Self.versions(of: paths)
    slot = TLSServerContextSlot(try Self.load(paths))
    state = Mutex(State(versions: versions))
  }

  package var current: TLSServerContext { slot.current }

  /// How it went so far.
  package var status: Status { state.withLock { $0.status } }

  /// Looks whether the files have changed, and takes them into use if so.
  ///
  /// The versions are taken before reading: a file that changes meanwhile is seen as changed at the
  /// next look, which is also how a pair gets whole of which one file was written before the other.
  package func refresh() -> Refresh {
    state.withLock { state in
      let versions = Self.versions(of: paths)
      guard versions != state.versions else { return .unchanged }
      state.versions = versions
      do throws(CertificateFilesError) {
        slot.replace(with: try Self.load(paths))
        state.status.problem = nil
        state.status.replacementCount += 1
        return .replaced
      } catch {
        state.status.problem = error
        state.status.failureCount += 1
        return .kept(error)
      }
    }
  }

  private static func versions(of paths: CertificatePaths) -> Versions {
    // A file that is absent has no version; reading it says what is wrong.
    paths.all.map { try? LocalFile.version($0) }
  }

  private static func load(
    _ paths: CertificatePaths
  ) throws(CertificateFilesError) -> TLSServerContext {
    let certificate: [UInt8]
    let key: [UInt8]
    var authority: [UInt8]?
    do throws(FileError) {
      certificate = try LocalFile.read(paths.certificate)
      key = try LocalFile.read(paths.key)
      if let path = paths.clientCA { authority = try LocalFile.read(path) }
    } catch {
      throw .unreadable(error)
    }
    let identity = TLSIdentity(
      certificateChainPEM: certificate, privateKeyPEM: SecretBytes(copying: key.span))
    do throws(TLSConfigurationError) {
      return try TLSServerContext(
        identity: identity, clients: authentication(paths.clients, authority: authority))
    } catch {
      throw .unusable(paths: paths.all, error)
    }
  }

  private static func authentication(
    _ clients: CertificatePaths.ClientCertificates, authority: [UInt8]?
  ) -> TLSClientAuthentication {
    guard let authority else { return .none }
    return switch clients {
    case .required: .required(.certificates(pem: authority))
    case .optional: .optional(.certificates(pem: authority))
    }
  }
}
