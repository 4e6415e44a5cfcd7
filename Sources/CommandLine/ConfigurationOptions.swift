import ArgumentParser
import CEL
import Hooks
import Reactor
import Service
import YAML

/// `--config`, for the commands that read hooks.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: .customLong("config"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "YAML files or folders with Hook documents.", valueName: "path"))
  var paths: [String]

  /// The hooks of all paths. Warnings are printed.
  ///
  /// - Throws: ``CommandFailure`` with every error, if there is one.
  func load() throws -> HookSet {
    try LoadedConfiguration(paths: paths).usable(from: paths)
  }
}

/// What files and folders hold, with all that is wrong with it.
struct LoadedConfiguration {
  let hooks: HookSet
  let diagnostics: [Diagnostic]
  private let problems: [ConfigurationFiles.Problem]

  init(paths: [String]) {
    let files = ConfigurationFiles(paths: paths)
    problems = files.problems
    let (hooks, diagnostics) = HookSet.compile(
      files.documents, expressions: .hooks(zones: .system), zones: .system,
      now: WallTime.now.secondsSince1970)
    self.hooks = hooks
    self.diagnostics =
      files.problems.compactMap {
        if case .malformed(let error) = $0 { Diagnostic(error) } else { nil }
      } + diagnostics
  }

  /// The hooks, if nothing is wrong. Warnings are printed.
  ///
  /// - Throws: ``CommandFailure`` with every error, if there is one.
  func usable(from paths: [String]) throws -> HookSet {
    for line in warnings { StandardError.print(line) }
    guard errors.isEmpty else {
      throw CommandFailure.usage(
        "the configuration is not valid\n" + errors.joined(separator: "\n"))
    }
    guard !hooks.hooks.isEmpty else {
      throw CommandFailure.usage(
        "there is no Hook document in \(paths.joined(separator: ", "))")
    }
    return hooks
  }

  var errors: [String] {
    problems.compactMap { problem -> String? in
      if case .malformed = problem { nil } else { problem.description }
    } + diagnostics.filter { $0.severity == .error }.map(\.description)
  }

  var warnings: [String] {
    diagnostics.filter { $0.severity == .warning }.map(\.description)
  }
}
