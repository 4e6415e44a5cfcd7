// Running the probe, with system calls that fail.

import Foundation
import TestSupport

/// `JournalProbe` as a process.
enum Probe {
  struct Outcome {
    let lines: [String]
    let exitCode: Int32
    let wasKilled: Bool

    /// The first word after a verb, for all lines that begin with the verb.
    func ids(_ verb: String) -> [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        return words.count > 1 && words[0] == verb ? String(words[1]) : nil
      }
    }
  }

  static func write(
    _ directory: String, from first: Int = 0, count: Int, environment: [String: String] = [:],
    after script: String? = nil
  ) throws -> Outcome {
    try run(["write", directory, "\(first)", "\(count)"], environment, after: script)
  }

  /// Commits and takes deferred decisions.
  static func decide(
    _ directory: String, count: Int, environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(["decide", directory, "\(count)"], environment, after: nil)
  }

  static func read(_ directory: String) throws -> Outcome {
    try run(["read", directory], [:], after: nil)
  }

  /// The environment in which an operation fails.
  static func fault(
    _ kind: String, at number: Int, in directory: String, count: Int = 1
  ) -> [String: String] {
    [
      "LD_PRELOAD": library.path, "FAULT_PATH": directory, "FAULT_KIND": kind,
      "FAULT_AT": "\(number)", "FAULT_COUNT": "\(count)",
    ]
  }

  private static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("JournalProbe")

  /// Beside the test bundle; made anew by each run of the tests.
  private static let library: URL = {
    let library = executable.deletingLastPathComponent()
      .appendingPathComponent("fault_injection-\(getpid()).so")
    let source = SharedData.packageRoot
      .appendingPathComponent("Tests/FaultInjection/fault_injection.c")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library.path, source.path, "-ldl",
    ]
    do { try compiler.run() } catch { return library }
    compiler.waitUntilExit()
    return library
  }()

  private static func run(
    _ arguments: [String], _ environment: [String: String], after script: String?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    if let script {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(script); exec \"$0\" \"$@\"", executable.path] + arguments
    }
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      lines: String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init),
      exitCode: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal)
  }
}
