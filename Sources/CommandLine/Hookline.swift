// The `hookline` executable: its commands and their exit codes.

import ArgumentParser
import Glibc
import Reactor

/// `hookline`: from a Git host's webhook to a Tekton PipelineRun.
///
/// Exit codes: 0 done, 1 it failed, 2 wrong usage or configuration.
@main
struct Hookline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hookline",
    abstract: "Turns Git webhooks into Tekton PipelineRuns.",
    subcommands: [
      ServeCommand.self, SandboxCommand.self, SendCommand.self, RunCommand.self,
      ValidateCommand.self, RenderCommand.self, ExplainCommand.self, TestCommand.self,
      EventCommand.self,
      DeliveriesCommand.self, CelCommand.self, VersionCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      StandardError.print("error: \(failure.message)")
      Glibc.exit(failure.exitCode)
    } catch {
      let code = exitCode(for: error)
      guard code != .success else {
        print(fullMessage(for: error))
        Glibc.exit(0)
      }
      let message = fullMessage(for: error)
      if !message.isEmpty { StandardError.print(message) }
      Glibc.exit(code == .validationFailure ? CommandFailure.usageExitCode : code.rawValue)
    }
  }
}

/// Why a command ends other than well: what to print, and the exit code.
struct CommandFailure: Error {
  static let failureExitCode: Int32 = 1
  static let usageExitCode: Int32 = 2

  let message: String
  let exitCode: Int32

  /// It was asked for properly, and failed.
  static func failed(_ message: String) -> CommandFailure {
    CommandFailure(message: message, exitCode: failureExitCode)
  }

  /// Wrong usage or wrong configuration.
  static func usage(_ message: String) -> CommandFailure {
    CommandFailure(message: message, exitCode: usageExitCode)
  }
}
