// The token that authenticates us, kept fresh.

import Bytes
import Crypto
import Logging
import Reactor
import Synchronization

/// A bearer token: one that stays, or one in a file that may be replaced while we run.
///
/// The kubelet writes a new token at four fifths of the old one's life, by exchanging a symbolic
/// link. The file is read again when what we have is older than ``lifetime``, and at once when the
/// server refuses it. A file that cannot be read or is blank for a moment changes nothing: the last
/// good token stays.
///
/// *Concurrency.* Any task on any thread. Reading the file is moved off the caller's executor.
final class BearerToken: Sendable {
  /// How long a token is used before its file is read again. The shortest life of a token is ten
  /// minutes; client-go uses the same minute.
  static let lifetime = Duration.seconds(60)

  private struct State {
    var token: SecretBytes?
    var readAt: MonotonicInstant?
  }

  /// The file; nil for a token that stays.
  private let path: String?
  private let state: Mutex<State>
  private let clock: any MonotonicClock
  private let logger: Logger

  init(
    _ source: ClusterConfiguration.Token, logger: Logger,
    clock: any MonotonicClock
  ) {
    self.clock = clock
    self.logger = logger
    switch source {
    case .fixed(let token):
      path = nil
      state = Mutex(State(token: token, readAt: nil))
    case .file(let path, let fallback):
      self.path = path
      state = Mutex(State(token: fallback, readAt: nil))
    }
  }

  /// Whether asking again may give another token.
  var isRenewable: Bool { path != nil }

  /// The token that was sent last, to be looked for in texts; nil if there was none yet.
  var last: SecretBytes? { state.withLock { $0.token } }

  /// The token to send now.
  ///
  /// - Throws: `credentialsUnreadable` when the file never could be read.
  func current() async throws(KubernetesError) -> SecretBytes {
    let state = state.withLock { $0 }
    guard let path else {
      guard let token = state.token else { throw Self.unusable("there is none") }
      return token
    }
    if let token = state.token, let readAt = state.readAt,
      readAt.duration(to: clock.now) < Self.lifetime
    {
      return token
    }
    return try await read(path)
  }

  /// The server refused a request that began at `instant`. Unless the token was read after that,
  /// the next ``current()`` reads the file.
  func refused(requestBegunAt instant: MonotonicInstant) {
    state.withLock { state in
      guard let readAt = state.readAt, readAt <= instant else { return }
      state.readAt = nil
    }
  }

  @concurrent private func read(_ path: String) async throws(KubernetesError) -> SecretBytes {
    let contents: [UInt8]
    do throws(FileError) {
      contents = try LocalFile.read(path)
    } catch {
      return try keepOld(because: "\(error)")
    }
    let text = trimmed(contents)
    guard !text.isEmpty else { return try keepOld(because: "\(path): is empty") }
    guard text.allSatisfy(ASCII.isVisible) else {
      return try keepOld(because: "\(path): has bytes that no token has")
    }
    let token = SecretBytes(text)
    let readAt = clock.now
    state.withLock { $0 = State(token: token, readAt: readAt) }
    return token
  }

  /// The last good token, for another ``lifetime`` or until it is refused.
  private func keepOld(because problem: String) throws(KubernetesError) -> SecretBytes {
    let now = clock.now
    let old = state.withLock { state -> SecretBytes? in
      if state.token != nil { state.readAt = now }
      return state.token
    }
    guard let old else { throw Self.unusable(problem) }
    logger.warning(
      "the token file cannot be used, the last token stays", metadata: ["problem": "\(problem)"])
    return old
  }

  private static func unusable(_ problem: String) -> KubernetesError {
    KubernetesError(
      .credentialsUnreadable, message: "the token cannot be used: \(problem)", retry: .backoff)
  }
}
