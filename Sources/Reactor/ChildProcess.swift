// Running a program for its output.

/// A program that is run once, without input, for what it writes.
///
/// It runs in a process group of its own, which is killed when the time is over: what it started
/// ends with it. None of our descriptors but its own three are open in it, and no signal is ignored
/// or blocked.
package struct ChildProcess: Sendable {
  /// What to run: a path, or a name to be looked for along our `PATH`.
  package var command: String
  package var arguments: [String]
  /// `NAME=value`, all of them.
  package var environment: [String]
  /// Real time: a program does not look at our clock.
  package var timeLimit: Duration
  /// The most that is taken from its standard output, in bytes; more is a failure.
  package var outputByteCountMax: Int

  package init(
    command: String, arguments: [String], environment: [String], timeLimit: Duration,
    outputByteCountMax: Int
  ) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.timeLimit = timeLimit
    self.outputByteCountMax = outputByteCountMax
  }

  /// How a program ended.
  package enum Ending: Equatable, Sendable {
    case exited(code: Int32)
    case killed(signal: Int32)
    case timedOut
    case outputTooLong
  }

  /// What a program did.
  package struct Outcome: Sendable {
    package var ending: Ending
    package var output: [UInt8]
    /// The beginning of what it wrote to its standard error.
    package var errors: [UInt8]

    package init(ending: Ending, output: [UInt8], errors: [UInt8]) {
      self.ending = ending
      self.output = output
      self.errors = errors
    }
  }

  /// Runs it on a thread of its own and waits, without blocking the caller's.
  ///
  /// Errors: the kernel's, `ENOENT` among them when there is no such program; `EINVAL` for a text
  /// with a NUL.
  package func run() async throws(Errno) -> Outcome {
    let texts = [command] + arguments + environment
    guard !texts.contains(where: { $0.utf8.contains(0) }) else { throw .invalidArgument }
    let result = await withCheckedContinuation { continuation in
      do throws(Errno) {
        try NamedThread("child") { continuation.resume(returning: outcome()) }.detach()
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  /// Blocks until the program has ended.
  private func outcome() -> Result<Outcome, Errno> {
    do throws(Errno) {
      let output = try SystemCall.pipe()
      let errors = try SystemCall.pipe()
      let child = try SystemCall.spawn(
        command, [command] + arguments, environment, output: output.writing.rawValue,
        errors: errors.writing.rawValue)
      return .success(try collect(from: child, output.reading.rawValue, errors.reading.rawValue))
    } catch {
      return .failure(error)
    }
  }

  /// Reads until the program has ended, whoever else still holds its pipes.
  private func collect(
    from child: borrowing SystemCall.Child, _ output: Int32, _ errors: Int32
  ) throws(Errno) -> Outcome {
    var outcome = Outcome(ending: .timedOut, output: [], errors: [])
    let clock = SystemMonotonicClock()
    let deadline = clock.now.advanced(by: timeLimit)
    while true {
      let left = clock.now.duration(to: deadline)
      guard left > .zero else { break }
      let hasEnded = try SystemCall.wait(for: child, output, errors, atMost: left)
      try SystemCall.drain(output, into: &outcome.output, upTo: outputByteCountMax + 1)
      var said: [UInt8] = []
      try SystemCall.drain(errors, into: &said, upTo: Self.drainByteCount)
      outcome.errors += said.prefix(Self.errorByteCountMax - outcome.errors.count)
      guard outcome.output.count <= outputByteCountMax else {
        outcome.ending = .outputTooLong
        break
      }
      if hasEnded {
        outcome.ending = SystemCall.reap(child)
        return outcome
      }
    }
    SystemCall.killGroup(of: child)
    _ = SystemCall.reap(child)
    return outcome
  }

  /// What is kept of the standard error: a line or two for a message.
  private static let errorByteCountMax = 1024
  /// What is taken from it at once and, beyond that, thrown away.
  private static let drainByteCount = 64 * 1024
}
