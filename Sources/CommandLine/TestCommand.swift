import ArgumentParser
import Hooks
import JSON
import Reactor
import YAML

/// `hookline test PATH…`
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the tests that Hook documents carry, without secrets and without a cluster.",
    discussion: """
      Prints what is otherwise than expected. Exit code 1 if a test fails or there is none, 2 if the \
      configuration is not valid.
      """)

  @Argument(help: "YAML files or folders with Hook documents.")
  var paths: [String]

  @Option(help: "text, or json for one object with all tests.")
  var output: OutputFormat = .text

  func run() throws {
    let hooks = try LoadedConfiguration(paths: paths).usable(from: paths)
    let results = hooks.hooks.values.sorted { $0.name.description < $1.name.description }
      .flatMap { hook in hook.tests.map { TestResult(of: $0, in: hook) } }
    guard !results.isEmpty else {
      throw CommandFailure.failed("there are no tests in \(paths.joined(separator: ", "))")
    }
    let failures = results.count { !$0.differences.isEmpty }
    switch output {
    case .json:
      let report: JSONValue = [
        "passed": .int(results.count - failures), "failed": .int(failures),
        "tests": .array(results.map(\.json)),
      ]
      print(report.serializedString(.pretty(indent: 2)))
    case .text:
      for result in results { print(result.lines.joined(separator: "\n")) }
      print(results.count == 1 ? "1 test, " : "\(results.count) tests, ", terminator: "")
      print(failures == 0 ? "all passed" : "\(failures) failed")
    }
    if failures > 0 { throw ExitCode(CommandFailure.failureExitCode) }
  }
}

/// What came of a test.
private struct TestResult {
  let test: HookTest
  let hook: HookName
  let differences: [TestDifference]

  init(of test: HookTest, in hook: Hook) {
    self.test = test
    self.hook = hook.name
    do throws(FileError) {
      differences = test.differences(in: hook, payload: try test.payloadBytes())
    } catch {
      differences = [
        TestDifference(trigger: nil, path: nil, expected: "a payload", found: "\(error)")
      ]
    }
  }

  var lines: [String] {
    guard !differences.isEmpty else { return ["ok    \(hook): \(test.name)"] }
    return ["FAIL  \(hook): \(test.name)  (\(test.file):\(test.position))"]
      + differences.flatMap { difference in
        let place = [difference.trigger, difference.path].compactMap(\.self)
          .joined(separator: " ")
        return (place.isEmpty ? [] : ["      \(place)"]) + [
          "      - \(excerpt(difference.expected, limit: 500))",
          "      + \(excerpt(difference.found, limit: 500))",
        ]
      }
  }

  var json: JSONValue {
    [
      "hook": .string(hook.description), "name": .string(test.name), "file": .string(test.file),
      "line": .int(test.position.line), "passed": .bool(differences.isEmpty),
      "differences": .array(
        differences.map { difference in
          var object: JSONObject = [
            "expected": .string(difference.expected), "found": .string(difference.found),
          ]
          object["trigger"] = difference.trigger.map { .string($0) }
          object["path"] = difference.path.map { .string($0) }
          return .object(object)
        }),
    ]
  }
}

extension HookTest {
  /// The bytes of the payload; nil for a manual call.
  func payloadBytes() throws(FileError) -> [UInt8]? {
    guard case .delivery(_, let payload) = stimulus else { return nil }
    switch payload {
    case .inline(let value): return value.serialized()
    case .file(let path): return try LocalFile.read(self.path(ofPayload: path))
    }
  }
}
