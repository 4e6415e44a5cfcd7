import ArgumentParser
import Hooks
import JSON
import Reactor
import YAML

/// `hookline validate PATH…`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks configuration files and prints every error.",
    discussion: "Exit code 2 if there is one. Warnings are printed and do not count.")

  @Argument(help: "YAML files or folders with Hook documents.")
  var paths: [String]

  @Option(help: "text, or json for one object with all findings.")
  var output: OutputFormat = .text

  func run() throws {
    let loaded = LoadedConfiguration(paths: paths)
    let errors = loaded.errors + Self.payloadProblems(loaded.hooks)
    switch output {
    case .json: print(report(loaded, errors).serializedString(.pretty(indent: 2)))
    case .text:
      for line in errors + loaded.warnings { StandardError.print(line) }
      if errors.isEmpty {
        let hooks = loaded.hooks.hooks.values
        let triggers = hooks.reduce(0) { $0 + $1.triggers.count }
        print("valid: \(count(hooks.count, "hook")), \(count(triggers, "trigger"))")
        let lines = NextDueTimes.all(of: loaded.hooks).map(\.text)
        if !lines.isEmpty { print(lines.joined(separator: "\n")) }
      }
    }
    if !errors.isEmpty { throw ExitCode(CommandFailure.usageExitCode) }
  }

  /// Payloads of tests that cannot be read.
  private static func payloadProblems(_ hooks: HookSet) -> [String] {
    hooks.hooks.values.flatMap(\.tests).compactMap { test in
      do throws(FileError) {
        _ = try test.payloadBytes()
        return nil
      } catch {
        return "\(test.file):\(test.position): the test \"\(test.name)\": \(error)"
      }
    }.sorted()
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  private func report(_ loaded: LoadedConfiguration, _ errors: [String]) -> JSONValue {
    let placed = loaded.diagnostics.map { diagnostic -> JSONValue in
      var object: JSONObject = [
        "severity": .string(diagnostic.severity.rawValue), "file": .string(diagnostic.file),
        "path": .string(diagnostic.path), "message": .string(diagnostic.message),
      ]
      if let position = diagnostic.position {
        object["line"] = .int(position.line)
        object["column"] = .int(position.column)
      }
      if let suggestion = diagnostic.suggestion { object["suggestion"] = .string(suggestion) }
      return .object(object)
    }
    let texts = Set(loaded.diagnostics.map(\.description))
    let unplaced = errors.filter { !texts.contains($0) }.map { message -> JSONValue in
      ["severity": "error", "message": .string(message)]
    }
    var object: JSONObject = [
      "valid": .bool(errors.isEmpty), "findings": .array(unplaced + placed),
    ]
    let schedules = NextDueTimes.all(of: loaded.hooks).map(\.json)
    if !schedules.isEmpty { object["schedules"] = .array(schedules) }
    return .object(object)
  }
}
