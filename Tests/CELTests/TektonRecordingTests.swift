// Requests to Tekton's own listener, whose CEL interceptor is to be taken over: the recordings of its
// filters and overlays, with the values that they had and the texts of their errors.

import Bytes
import CEL
import Crypto
import Hooks
import JSON
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct TektonRecordingTests {
  /// One trigger of a recording.
  struct Case: CustomTestStringConvertible {
    let file: String
    let trigger: String
    /// Filters, then overlays.
    let expressions: [(text: String, isFilter: Bool)]
    let activation: CELActivation
    let environment: CELEnvironment
    /// What the interceptor said when it stopped the trigger.
    let message: String?
    /// The value of the binding, as JSON without its quotation marks.
    let value: String?

    var testDescription: String { "\(file) \(trigger)" }
  }

  /// What is not followed: half a character at the end of a text, which there makes the answer of the
  /// interceptor fail, is cut off.
  static let deviations: Set<String> = ["cel-functions-tekton-2.json o05"]

  @Test(arguments: try cases())
  func `a recorded expression has its value or error`(test: Case) throws {
    let (message, value) = Self.outcome(of: test)
    if Self.deviations.contains(test.testDescription) {
      #expect(test.message != nil && message == nil)
    } else if let expected = test.message {
      #expect(message == expected)
    } else {
      #expect(message == nil)
      if let value, let expected = test.value { #expect(value == expected) }
    }
  }

  @Test func `the recordings are there`() throws {
    #expect(try Self.cases().count >= 120)
  }

  /// What the interceptor answers: the text of a refusal, or the value of the last overlay.
  private static func outcome(of test: Case) -> (message: String?, value: String?) {
    var value: String?
    for (text, isFilter) in test.expressions {
      do throws(CELError) {
        let result = try CELProgram(text, in: test.environment).evaluate(test.activation)
        if isFilter {
          guard result.boolValue == true else {
            return (
              "rpc error: code = FailedPrecondition desc = expression \(text) did not return true",
              nil
            )
          }
        } else {
          var meter = CELCostMeter()
          do throws(CELEvaluationError) {
            let json = try result.overlayJSON(&meter)
            value = json.serializedString(.compact([.sortedKeys, .escapeHTML]))
            if case .string = json { value = value.map { String($0.dropFirst().dropLast()) } }
          } catch {
            return (
              "rpc error: code = Internal desc = failed to convert overlay result to type: \(error)",
              nil
            )
          }
        }
      } catch {
        let quoted = GoQuote.quoted(text)
        let reason =
          switch error.phase {
          case .parse: "failed to parse expression \(quoted): \(error.message)"
          case .check: "expression \(quoted) check failed: \(error.message)"
          case .program: "expression \(quoted) failed to create a Program: \(error.message)"
          case .evaluate: "expression \(quoted) failed to evaluate: \(error.message)"
          }
        return (
          "rpc error: code = InvalidArgument desc = error evaluating cel expression: \(reason)", nil
        )
      }
    }
    return (nil, value)
  }

  // MARK: - Reading

  /// The triggers whose interceptors are the CEL one alone, with parameters as documented. What the
  /// listener does with bodies that are no objects, odd parameters and odd keys is not the language's.
  static func cases() throws -> [Case] {
    guard SharedData.isPresent else { return [] }
    let left: Set = [
      "cel-body-array.json", "cel-body-form.json", "cel-body-invalid.json",
      "cel-overlay-keys-2.json",
      "cel-params-1.json",
    ]
    return try SharedData.files(in: "tekton-recorded/cel", withSuffix: ".json")
      .filter { !left.contains($0) }
      .flatMap { file in
        try cases(
          of: try JSONValue.parse(try SharedData.bytes("tekton-recorded/cel/\(file)")), file)
      }
  }

  private static func cases(of recording: JSONValue, _ file: String) throws -> [Case] {
    let resources = recording["resources"]?.arrayValue ?? []
    let listener = resources.first { $0["kind"]?.stringValue == "EventListener" }
    return try (listener?["spec"]?["triggers"]?.arrayValue ?? []).compactMap { trigger in
      let name = trigger["name"]?.stringValue ?? ""
      guard let interceptors = trigger["interceptors"]?.arrayValue, interceptors.count == 1,
        interceptors[0]["ref"]?["name"]?.stringValue == "cel"
      else { return nil }
      var expressions: [(String, Bool)] = []
      for parameter in interceptors[0]["params"]?.arrayValue ?? [] {
        if let filter = parameter["value"]?.stringValue, !filter.isEmpty {
          expressions.append((filter, true))
        }
        for overlay in parameter["value"]?.arrayValue ?? [] {
          expressions.append((overlay["expression"]?.stringValue ?? "", false))
        }
      }
      let prefix = "interceptor stopped trigger processing: "
      let messages = (recording["log"]?.arrayValue ?? []).filter {
        $0["trigger"]?.stringValue == name
      }.compactMap { $0["message"]?.stringValue }.filter { $0.hasPrefix(prefix) }
      // Merging the answer into the extensions is not the language's business.
      if messages.contains(where: { $0.contains("failed to unmarshal extensions") }) { return nil }
      let resolved = (recording["resolvedParams"]?.arrayValue ?? []).first {
        $0["trigger"]?.stringValue == name
      }
      return Case(
        file: file, trigger: name, expressions: expressions,
        activation: try activation(recording), environment: environment(recording),
        message: messages.first.map { String($0.dropFirst(prefix.count)) },
        value: resolved?["params"]?["v"]?.stringValue)
    }
  }

  private static func activation(_ recording: JSONValue) throws -> CELActivation {
    let request = recording["request"]
    let text = request?["body"]?.stringValue ?? ""
    var body = try JSONValue.parse(text.isEmpty ? "{}" : text)
    if case .null = body { body = .object([:]) }
    var header: [(name: String, values: [CELValue])] = []
    for field in request?["headers"]?.arrayValue ?? [] {
      let name = CELLibrary.canonicalHeaderName(field[0]?.stringValue ?? "")
      let value = CELValue.string(field[1]?.stringValue ?? "")
      if name == "Host" { continue }
      if let index = header.firstIndex(where: { $0.name == name }) {
        header[index].values.append(value)
      } else {
        header.append((name, [value]))
      }
    }
    return CELActivation([
      "body": CELValue(json: body),
      "header": .map(CELMap(header.map { (.string($0.name), .list($0.values)) })),
      "extensions": .map(CELMap([])),
      "requestURL": .string(request?["path"]?.stringValue ?? ""),
    ])
  }

  private static func environment(_ recording: JSONValue) -> CELEnvironment {
    let secrets = recording["secrets"]?.arrayValue ?? []
    return .tekton(
      zones: .ofThisMachine,
      services: TektonServices(
        secret: { key, name throws(TektonServices.Refusal) in
          guard !name.isEmpty else {
            throw TektonServices.Refusal("resource name may not be empty")
          }
          guard let secret = secrets.first(where: { $0["metadata"]?["name"]?.stringValue == name })
          else { throw TektonServices.Refusal("secrets \(GoQuote.quoted(name)) not found") }
          guard let value = secret["stringData"]?[key]?.stringValue else {
            let namespace = secret["metadata"]?["namespace"]?.stringValue ?? ""
            throw TektonServices.Refusal("cannot find \(key) key in secret \(namespace)/\(name)")
          }
          return SecretBytes(value)
        },
        parseYAML: { text throws(TektonServices.Refusal) in try TektonServices.yaml(text) }))
  }
}
