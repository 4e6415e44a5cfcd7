import Testing

@testable import Reactor

/// Real programs, from every Linux.
@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
  private func run(
    _ script: String, environment: [String] = [], timeLimit: Duration = .seconds(50),
    outputByteCountMax: Int = 100_000
  ) async throws -> ChildProcess.Outcome {
    try await ChildProcess(
      command: "/bin/sh", arguments: ["-c", script], environment: environment,
      timeLimit: timeLimit, outputByteCountMax: outputByteCountMax
    ).run()
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `what a program prints is kept, and what it complains of`() async throws {
    let outcome = try await run("echo out; echo err >&2; exit 3")
    #expect(outcome.ending == .exited(code: 3))
    #expect(text(outcome.output) == "out\n")
    #expect(text(outcome.errors) == "err\n")
  }

  @Test func `a program has our variables, no input and none of our descriptors`() async throws {
    let outcome = try await run(
      "echo \"$A-$B\"; cat; for fd in /proc/$$/fd/*; do echo ${fd##*/}; done",
      environment: ["A=1", "B=two words", "PATH=/usr/bin:/bin"])
    #expect(outcome.ending == .exited(code: 0))
    // The shell reads the folder of descriptors with one of its own.
    let lines = text(outcome.output).split(separator: "\n")
    #expect(lines.first == "1-two words")
    #expect(lines.dropFirst().prefix(3) == ["0", "1", "2"])
    #expect(lines.count <= 5)
  }

  @Test func `a program that is not there is an error`() async throws {
    let child = ChildProcess(
      command: "hookline-no-such-program", arguments: [], environment: [], timeLimit: .seconds(5),
      outputByteCountMax: 1)
    await #expect(throws: Errno.noSuchFile) { try await child.run() }
  }

  @Test func `a text with a NUL is refused instead of cut`() async throws {
    await #expect(throws: Errno.invalidArgument) { try await run("true\0; false") }
  }

  @Test func `long output arrives whole up to the limit, and one byte more is too long`()
    async throws
  {
    let whole = try await run("head -c 300000 /dev/zero", outputByteCountMax: 300_000)
    #expect(whole.ending == .exited(code: 0))
    #expect(whole.output.count == 300_000)
    let long = try await run("head -c 300001 /dev/zero", outputByteCountMax: 300_000)
    #expect(long.ending == .outputTooLong)
    let endless = try await run("cat /dev/zero", outputByteCountMax: 1000)
    #expect(endless.ending == .outputTooLong)
  }

  @Test func `complaints beyond a limit are thrown away and hold nothing up`() async throws {
    let outcome = try await run("head -c 1000000 /dev/zero >&2; echo done")
    #expect(text(outcome.output) == "done\n")
    #expect(outcome.errors.count == 1024)
  }

  @Test func `a program that takes too long is ended with what it started`() async throws {
    let outcome = try await run("echo $$; sleep 1000 & wait", timeLimit: .milliseconds(200))
    #expect(outcome.ending == .timedOut)
    // Ended or about to be: a process that was killed runs no more, buried or not.
    let group = text(outcome.output).dropLast()
    let alive = try await run(
      "for s in /proc/[0-9]*/stat; do read -r l < $s || continue; set -- ${l##*) }; "
        + "[ \"$3\" = \(group) ] && [ $1 != Z ] && [ $1 != X ] && echo $l; done 2>/dev/null; true")
    #expect(text(alive.output) == "")
  }

  @Test func `a program that closes its output and stays is ended all the same`() async throws {
    let outcome = try await run(
      "exec >/dev/null 2>&1; exec sleep 1000", timeLimit: .milliseconds(200))
    #expect(outcome.ending == .timedOut)
  }

  @Test func `what a program leaves behind is not waited for`() async throws {
    let outcome = try await run("sleep 1000 & echo $!")
    #expect(outcome.ending == .exited(code: 0))
    let left = try #require(Int32(text(outcome.output).dropLast()))
    #expect(try await run("kill \(left)").ending == .exited(code: 0))
  }

  @Test func `a program that a signal ended says so`() async throws {
    let outcome = try await run("kill -TERM $$")
    #expect(outcome.ending == .killed(signal: 15))
  }
}
