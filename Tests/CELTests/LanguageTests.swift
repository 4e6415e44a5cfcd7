// The language and its libraries, expression by expression: `Tests/Corpus/cel` has a file for each environment.

import CEL
import Foundation
import Hooks
import JSON
import TestSupport
import Testing

@Suite struct LanguageTests {
  /// An expression with what comes of it.
  struct Case: CustomTestStringConvertible {
    let text: String
    let outcome: String
    var testDescription: String { text }
  }

  private static let body = #"""
    {"s": "str", "n": 1, "d": 1.5, "b": true, "z": null, "l": [1, 2, 3], "m": {"a": 1, "b": {"c": "x"}},
    "e": "", "big": 12345678901, "ls": ["a", "b"], "neg": -2}
    """#

  private static let services = TektonServices(
    secret: { _, name throws(TektonServices.Refusal) in
      throw TektonServices.Refusal(
        name.isEmpty ? "resource name may not be empty" : "secrets \"\(name)\" not found")
    },
    parseYAML: { text throws(TektonServices.Refusal) in try TektonServices.yaml(text) })

  private static let environments: [(file: String, environment: CELEnvironment)] = [
    ("hookline", .hookline(zones: .ofThisMachine, services: services)),
    ("tekton", .tekton(zones: .ofThisMachine, services: services)),
    (
      "pac",
      .pipelinesAsCode(
        zones: .ofThisMachine, parameters: [], libraries: [.pipelinesAsCode(changedFiles: { [] })])
    ),
  ]

  @Test(arguments: ["hookline", "tekton", "pac"])
  func `every expression has its value or error`(file: String) throws {
    let environment = try #require(Self.environments.first { $0.file == file }?.environment)
    let document = try JSONDocument.parse(Self.body)
    var activation = CELActivation(["body": CELValue(json: document.root)])
    for (name, type) in environment.variables where name != "body" {
      activation[name] = type == .string ? .string("") : .map(CELMap([]))
    }
    let cases = try Self.cases(of: file)
    #expect(cases.count >= 20)
    for test in cases {
      #expect(
        Self.outcome(of: test.text, in: environment, activation) == test.outcome, "\(test.text)")
    }
  }

  private static func cases(of file: String) throws -> [Case] {
    let url = SharedData.packageRoot.appendingPathComponent("Tests/Corpus/cel/\(file).txt")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    return stride(from: 0, to: lines.count - 1, by: 2).map { index in
      Case(text: String(lines[index]), outcome: String(lines[index + 1].dropFirst(4)))
    }
  }

  private static func outcome(
    of text: String, in environment: CELEnvironment, _ activation: CELActivation
  ) -> String {
    do throws(CELError) {
      let value = try CELProgram(text, in: environment).evaluate(activation)
      var meter = CELCostMeter()
      guard let json = try? value.reportJSON(&meter) else { return "not printed" }
      return "\(json.serializedString()) \(value.type.name)"
    } catch {
      switch error.phase {
      case .parse, .check:
        let issues = error.issues.map {
          "\($0.location.line):\($0.location.column): \($0.message)"
        }
        return "error \(error.phase.rawValue) \(issues.joined(separator: " ; "))"
      case .program, .evaluate:
        return "error \(error.phase.rawValue) \(error.message)"
      }
    }
  }
}
