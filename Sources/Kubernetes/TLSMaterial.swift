// Certificates that are replaced while we run.

import Crypto
import Logging
import Reactor
import Synchronization
import TLS

/// What TLS with the API server needs, kept as current as the files and the program that it comes
/// from.
///
/// Files are read again after ``lifetime``, and at once when a handshake fails. What cannot be read
/// or used changes nothing: the last good settings stay, and there is never a way around
/// verification.
///
/// *Concurrency.* Any task on any thread. Files are read off the caller's executor, by one task at a
/// time.
final class TLSMaterial: Sendable {
  /// How long files are believed: client-go's five minutes. A certificate lives for days and is
  /// renewed well before its end.
  static let lifetime = Duration.seconds(300)

  /// Settings, and a number that tells them from earlier ones.
  struct Settings: Sendable {
    let context: TLSClientContext
    let number: Int
  }

  private struct Contents {
    var authority: SecretBytes?
    var certificate: SecretBytes?
    var key: SecretBytes?
    /// Which run of the program the certificate came from.
    var programSerial: UInt64?

    func isSame(as other: Contents) -> Bool {
      func same(_ left: SecretBytes?, _ right: SecretBytes?) -> Bool {
        guard let left, let right else { return (left == nil) == (right == nil) }
        return left.withBytes { right.matches($0) }
      }
      return programSerial == other.programSerial && same(authority, other.authority)
        && same(certificate, other.certificate) && same(key, other.key)
    }
  }

  private struct State {
    var settings: Settings
    var contents: Contents
    var checkedAt: MonotonicInstant
  }

  private let configuration: ClusterConfiguration
  private let program: ProgramCredentials?
  private let logger: Logger
  private let clock: any MonotonicClock
  private let state: Mutex<State>

  /// Reads everything, and so must not run on a loop.
  ///
  /// - Throws: For certificates and keys that cannot be read or used.
  init(
    _ configuration: ClusterConfiguration, program: ProgramCredentials?, logger: Logger,
    clock: any MonotonicClock
  ) throws(KubeconfigError) {
    self.configuration = configuration
    self.program = program
    self.logger = logger
    self.clock = clock
    let contents = try Self.read(configuration)
    let context = try Self.context(contents, configuration)
    state = Mutex(
      State(
        settings: Settings(context: context, number: 0), contents: contents, checkedAt: clock.now))
  }

  var settings: Settings { state.withLock { $0.settings } }

  /// Looks whether anything was replaced, if it is time.
  func renewIfDue() async {
    if let program { await renew(from: program) }
    guard hasFiles else { return }
    let now = clock.now
    let isDue = state.withLock { state in
      guard state.checkedAt.duration(to: now) >= Self.lifetime else { return false }
      state.checkedAt = now
      return true
    }
    if isDue { await renewFromFiles() }
  }

  /// Looks now: a handshake failed, perhaps because we are behind.
  func renewNow() async {
    guard hasFiles else { return }
    let now = clock.now
    state.withLock { $0.checkedAt = now }
    await renewFromFiles()
  }

  private var hasFiles: Bool {
    [
      configuration.certificateAuthority, configuration.clientIdentity?.certificate,
      configuration.clientIdentity?.key,
    ].contains { if case .file = $0 { true } else { false } }
  }

  private func renew(from program: ProgramCredentials) async {
    let credentials: ProgramCredentials.Credentials
    do throws(KubernetesError) {
      credentials = try await program.current()
    } catch {
      // Whoever asks for the Authorization field is told.
      return
    }
    var contents = state.withLock { $0.contents }
    guard credentials.serial != contents.programSerial else { return }
    contents.programSerial = credentials.serial
    contents.certificate = credentials.identity.map { SecretBytes($0.certificateChainPEM) }
    contents.key = credentials.identity?.privateKeyPEM
    use(contents)
  }

  @concurrent private func renewFromFiles() async {
    do throws(KubeconfigError) {
      var contents = try Self.read(configuration)
      let present = state.withLock { $0.contents }
      if program != nil {
        contents.programSerial = present.programSerial
        contents.certificate = present.certificate
        contents.key = present.key
      }
      if !contents.isSame(as: present) { use(contents) }
    } catch {
      warn(error)
    }
  }

  private func use(_ contents: Contents) {
    do throws(KubeconfigError) {
      let context = try Self.context(contents, configuration)
      state.withLock { state in
        state.contents = contents
        state.settings = Settings(context: context, number: state.settings.number + 1)
      }
      logger.info("certificates for the API server were replaced")
    } catch {
      warn(error)
    }
  }

  private func warn(_ error: KubeconfigError) {
    logger.warning(
      "replaced certificates cannot be used, the last ones stay", metadata: ["problem": "\(error)"])
  }
}

extension TLSMaterial {
  private static func read(
    _ configuration: ClusterConfiguration
  ) throws(KubeconfigError) -> Contents {
    Contents(
      authority: try configuration.certificateAuthority?.read(for: "certificate-authority"),
      certificate: try configuration.clientIdentity?.certificate.read(for: "client-certificate"),
      key: try configuration.clientIdentity?.key.read(for: "client-key"))
  }

  private static func context(
    _ contents: Contents, _ configuration: ClusterConfiguration
  ) throws(KubeconfigError) -> TLSClientContext {
    var identity: TLSIdentity?
    if let certificate = contents.certificate, let key = contents.key {
      identity = TLSIdentity(certificateChainPEM: certificate.copy(), privateKeyPEM: key)
    }
    do throws(TLSConfigurationError) {
      return try TLSClientContext(
        trust: contents.authority.map { .certificates(pem: $0.copy()) } ?? .system,
        identity: identity,
        verification: configuration.verification == .skipped ? .skipped : .required)
    } catch {
      throw KubeconfigError(.malformed, message: "\(configuration.origin): \(error)")
    }
  }
}
