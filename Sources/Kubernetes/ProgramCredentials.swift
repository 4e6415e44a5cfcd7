// Credentials from a program, kept until they end or are refused.

import Crypto
import Logging
import Reactor
import Synchronization
import TLS

/// Runs a credential program when its credentials are needed, and not more often.
///
/// Callers that need them at the same time wait for one run. It runs again when what it gave is about
/// to end and when the server refused it. After a failure it is left alone for ``failureLifetime``:
/// a broken program is not started for every request.
///
/// *Concurrency.* Any task on any thread; nothing blocks. A run does not belong to the task that
/// happened to start it, so cancelling that one fails nobody else.
final class ProgramCredentials: Sendable {
  typealias Run = @Sendable (CredentialProgram) async -> Result<ChildProcess.Outcome, Errno>

  /// How long a run may take: cloud providers' programs ask their own servers first.
  static let timeLimit = Duration.seconds(60)
  /// The most a program may print, in bytes: a token or a certificate chain with its key.
  static let outputByteCountMax = 1024 * 1024
  /// How long before their end credentials are renewed: a request has to arrive with them.
  static let leeway = Duration.seconds(10)
  /// How long a failure is believed.
  static let failureLifetime = Duration.seconds(5)

  /// What a run gave.
  struct Credentials: Sendable {
    let token: SecretBytes?
    let identity: TLSIdentity?
    /// Tells this run from the others.
    let serial: UInt64
    fileprivate let obtainedAt: MonotonicInstant
    fileprivate let renewedAt: MonotonicInstant
  }

  private struct Failure {
    let error: KubernetesError
    let until: MonotonicInstant
  }

  private struct State {
    var credentials: Credentials?
    var failure: Failure?
    var run: (serial: UInt64, task: Task<Result<Credentials, KubernetesError>, Never>)?
    var serial: UInt64 = 0
  }

  private let program: CredentialProgram
  private let run: Run
  private let clock: any MonotonicClock
  private let wallSeconds: @Sendable () -> Int64
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameters:
  ///   - environment: Our own, which the program gets besides its own.
  ///   - wallSeconds: The time of day, in which the program says when its credentials end.
  init(
    _ program: CredentialProgram, logger: Logger, clock: any MonotonicClock,
    wallSeconds: @escaping @Sendable () -> Int64 = { WallTime.now.secondsSince1970 },
    run: @escaping Run
  ) {
    self.program = program
    self.logger = logger
    self.clock = clock
    self.wallSeconds = wallSeconds
    self.run = run
  }

  /// The token that was given last, to be looked for in texts.
  var lastToken: SecretBytes? { state.withLock { $0.credentials?.token } }

  /// The credentials to use now.
  ///
  /// - Throws: `credentialsUnreadable` when the program fails and what it gave before has ended.
  func current() async throws(KubernetesError) -> Credentials {
    let now = clock.now
    let known = state.withLock { state -> Result<Credentials, KubernetesError>? in
      if let credentials = state.credentials, now < credentials.renewedAt {
        return .success(credentials)
      }
      if let failure = state.failure, now < failure.until { return .failure(failure.error) }
      return nil
    }
    if let known { return try known.get() }
    return try await renewed().get()
  }

  /// The server refused a request that began at `instant`. Unless the credentials were given after
  /// that, the next ``current()`` asks the program.
  func refused(requestBegunAt instant: MonotonicInstant) {
    state.withLock { state in
      guard let credentials = state.credentials, credentials.obtainedAt <= instant else { return }
      state.credentials = nil
    }
  }

  /// Joins the run that goes on, or starts one.
  private func renewed() async -> Result<Credentials, KubernetesError> {
    let run = state.withLock { state in
      if let run = state.run { return run }
      state.serial &+= 1
      let serial = state.serial
      let run = (serial, Task { await self.obtain(serial) })
      state.run = run
      return run
    }
    return await run.1.value
  }

  private func obtain(_ serial: UInt64) async -> Result<Credentials, KubernetesError> {
    let result = await attempt(serial)
    let now = clock.now
    return state.withLock { state in
      state.run = nil
      switch result {
      case .success(let credentials):
        state.credentials = credentials
        state.failure = nil
        return result
      case .failure(let error):
        state.failure = Failure(error: error, until: now.advanced(by: Self.failureLifetime))
        return result
      }
    }
  }

  private func attempt(_ serial: UInt64) async -> Result<Credentials, KubernetesError> {
    let begunAt = clock.now
    let outcome: ChildProcess.Outcome
    switch await run(program) {
    case .failure(let error): return .failure(unusable(explain(error)))
    case .success(let success): outcome = success
    }
    guard outcome.ending == .exited(code: 0) else {
      return .failure(unusable(Self.explain(outcome)))
    }
    do throws(ProgramAnswer.Mistake) {
      let answer = try ProgramAnswer(parsing: outcome.output, as: program.version)
      let lifetime = answer.expiresAt.map {
        Duration.seconds($0.subtractingWithoutWrap(wallSeconds()))
      }
      if let lifetime, lifetime <= .zero {
        return .failure(unusable("its credentials have ended already; is the clock right?"))
      }
      logger.debug(
        "a program gave credentials",
        metadata: [
          "program": "\(program.command)", "lifetime": "\(lifetime.map(\.description) ?? "-")",
        ])
      return .success(
        Credentials(
          token: answer.token, identity: answer.identity, serial: serial, obtainedAt: clock.now,
          renewedAt: lifetime.map { begunAt.advanced(by: $0 - min(Self.leeway, $0 / 2)) }
            ?? .distantFuture))
    } catch {
      return .failure(unusable(error.description))
    }
  }

  private func explain(_ error: Errno) -> String {
    let hint = program.installHint.map { ". \(cut($0.utf8, to: Self.hintByteCountMax))" } ?? ""
    return error == .noSuchFile ? "there is no such program\(hint)" : "it cannot be run: \(error)"
  }

  private static func explain(_ outcome: ChildProcess.Outcome) -> String {
    let errors = trimmed(outcome.errors)
    let said = errors.isEmpty ? "" : ", it said: \(cut(errors, to: hintByteCountMax))"
    return switch outcome.ending {
    case .exited(let code): "it ended with \(code)\(said)"
    case .killed(let signal): "signal \(signal) ended it\(said)"
    case .timedOut: "it took more than \(timeLimit)\(said)"
    case .outputTooLong: "it printed more than \(outputByteCountMax) bytes"
    }
  }

  private func unusable(_ problem: String) -> KubernetesError {
    KubernetesError(
      .credentialsUnreadable,
      message: "the program \(quoted(program.command)) gives no credentials: \(problem)",
      retry: .backoff)
  }

  private static let hintByteCountMax = 1024
}

extension ProgramCredentials {
  /// Runs programs as processes, with our environment and what they ask for.
  static func process(environment: [String: String]) -> Run {
    { program in
      var variables = environment
      for variable in program.environment { variables[variable.name] = variable.value }
      variables["KUBERNETES_EXEC_INFO"] = program.information
      let child = ChildProcess(
        command: program.command, arguments: program.arguments,
        environment: variables.map { "\($0)=\($1)" }.sorted(), timeLimit: timeLimit,
        outputByteCountMax: outputByteCountMax)
      do throws(Errno) {
        return .success(try await child.run())
      } catch {
        return .failure(error)
      }
    }
  }
}

extension Int64 {
  /// The difference, or the nearest number there is.
  fileprivate func subtractingWithoutWrap(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (self > other ? .max : .min) : difference
  }
}
