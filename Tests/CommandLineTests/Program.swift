import Foundation
import Synchronization
import TestSupport
import Testing

/// The built `hookline`, as a process.
final class Program: Sendable {
  /// What a process that ended left behind.
  struct Outcome {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// Beside the test bundle, whatever the configuration.
  static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("hookline")

  /// Runs a command to its end.
  static func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Outcome {
    let program = try Program(arguments, environment: environment)
    return await program.end()
  }

  private let process: Process
  private let output: Lines
  private let errors: Lines

  /// Starts a command. Nothing of this process's environment reaches it but `PATH`.
  ///
  /// - Parameters:
  ///   - script: what a shell does before it becomes the program.
  ///   - input: the shell's standard input.
  ///   - terminal: what it has for standard input and output instead.
  init(
    _ arguments: [String], environment: [String: String] = [:], after script: String? = nil,
    input: FileHandle = .nullDevice, at terminal: PseudoTerminal? = nil
  ) throws {
    process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    if let script {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments =
        ["-c", "\(script); exec \"$0\" \"$@\"", Self.executable.path] + arguments
    }
    process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
    process.standardInput = terminal?.screen ?? input
    let errorPipe = Pipe()
    process.standardError = errorPipe
    errors = Lines(errorPipe.fileHandleForReading)
    if let terminal {
      process.standardOutput = terminal.screen
      output = Lines(terminal.keyboard)
    } else {
      let outputPipe = Pipe()
      process.standardOutput = outputPipe
      output = Lines(outputPipe.fileHandleForReading)
    }
    try process.run()
    // Reading ends when nobody has the other end any more.
    try terminal?.screen.close()
  }

  var identifier: pid_t { process.processIdentifier }

  /// Waits for a line on standard error that holds a text.
  ///
  /// - Returns: the line; `nil` when the process ended without it.
  func line(containing text: String) async -> String? {
    await errors.first { $0.contains(text) }
  }

  /// The value behind `key=` in a line of the log.
  static func value(_ key: String, in line: String) -> String? {
    line.split(separator: " ").first { $0.hasPrefix("\(key)=") }
      .map { String($0.dropFirst(key.count + 1)) }
  }

  /// Asks the process to end.
  func terminate() { process.terminate() }

  /// Waits for its end.
  func end() async -> Outcome {
    let output = await self.output.all()
    let errors = await self.errors.all()
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [process] in
        process.waitUntilExit()
        continuation.resume()
      }
    }
    return Outcome(exitCode: process.terminationStatus, output: output, errors: errors)
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
}

/// The lines of a pipe, read by a thread of their own as they come.
private final class Lines: Sendable {
  private struct State {
    var lines: [String] = []
    var hasEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  init(_ handle: FileHandle) {
    let descriptor = handle.fileDescriptor
    Thread.detachNewThread { [self] in
      // The handle stays open as long as this thread reads.
      defer { try? handle.close() }
      var rest: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        guard count > 0 else { break }
        rest += chunk[..<count]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          append(String(decoding: rest[..<end], as: UTF8.self))
          rest.removeSubrange(...end)
        }
      }
      if !rest.isEmpty { append(String(decoding: rest, as: UTF8.self)) }
      change { $0.hasEnded = true }
    }
  }

  private func append(_ line: String) { change { $0.lines.append(line) } }

  private func change(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func first(where matches: (String) -> Bool) async -> String? {
    var seen = 0
    while true {
      let (lines, hasEnded) = state.withLock { ($0.lines, $0.hasEnded) }
      if let line = lines.dropFirst(seen).first(where: matches) { return line }
      if hasEnded { return nil }
      seen = lines.count
      await change(after: seen)
    }
  }

  func all() async -> String {
    while true {
      let (lines, hasEnded) = state.withLock { ($0.lines, $0.hasEnded) }
      if hasEnded { return lines.map { $0 + "\n" }.joined() }
      await change(after: lines.count)
    }
  }

  /// Waits until there are more lines than so many, or no more will come.
  private func change(after count: Int) async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.lines.count > count || state.hasEnded { return true }
        state.waiting.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
  }
}

/// A folder that is gone when the test is over.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("hookline-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  /// Writes a file and returns its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
