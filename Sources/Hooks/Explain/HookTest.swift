// A case of a Hook's `tests`: a delivery and what its triggers must do about it.

import Bytes
package import JSON
package import YAML

/// One test of a hook.
package struct HookTest: Sendable {
  /// Where the payload is.
  package enum Payload: Sendable {
    case inline(JSONValue)
    /// A file, relative to the folder of the document.
    case file(String)
  }

  /// What happens.
  package enum Stimulus: Sendable {
    /// The source sends a delivery.
    case delivery(header: [(name: String, value: String)], Payload)
    /// Somebody starts a trigger by hand.
    case call(trigger: String, inputs: JSONValue?)
    /// A trigger's schedule is due, at a time in seconds since 1970.
    case due(trigger: String, time: Int64)
  }

  /// What a trigger must decide. A nil reason or text is any.
  package enum Decision: Sendable {
    case run([FieldExpectation])
    case skip(reason: String?)
    case fail(containing: String?)
    /// It is to be decided after the reply, with the complete list of files.
    case defers
    /// The run waits for an approval.
    case hold([FieldExpectation])
  }

  /// What must come of it.
  package enum Expectation: Sendable {
    /// By trigger, in the order of the document. A trigger that is not among them must make no run and
    /// must not fail.
    case decisions([(trigger: String, decision: Decision)])
    /// Nothing is accepted; nil for whatever reason.
    case refusal(containing: String?)
  }

  /// A value that a run must have.
  package struct FieldExpectation: Sendable {
    package let path: ObjectPath
    package let value: JSONValue
  }

  package let name: String
  /// The file of the document, as it was named to us.
  package let file: String
  package let position: YAMLPosition
  package let stimulus: Stimulus
  package let expectation: Expectation

  /// The path of a payload file.
  package func path(ofPayload path: String) -> String {
    guard path.utf8.first != UInt8(ascii: "/"),
      let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
    else { return path }
    return file[...slash] + path
  }
}

/// Something that a test found to be otherwise.
package struct TestDifference: Equatable, Sendable {
  /// Nil where it is not about one trigger.
  package let trigger: String?
  /// The path in the run, or nil for the decision itself.
  package let path: String?
  package let expected: String
  package let found: String

  package init(trigger: String?, path: String?, expected: String, found: String) {
    self.trigger = trigger
    self.path = path
    self.expected = expected
    self.found = found
  }
}

extension HookTest {
  /// What is otherwise than expected; empty when the test passes.
  ///
  /// - Parameter payload: the bytes of the payload; nil for a call.
  package func differences(in hook: Hook, payload: [UInt8]?) -> [TestDifference] {
    func difference(_ expected: String, _ found: String) -> TestDifference {
      TestDifference(trigger: nil, path: nil, expected: expected, found: found)
    }
    let explanation =
      switch stimulus {
      case .delivery(let header, _):
        hook.explanation(header: header, body: payload ?? [], id: Self.deliveryID)
      case .call(let trigger, let inputs):
        hook.explanation(
          ofCall: trigger, body: inputs.map { JSONValue.object(["inputs": $0]).serialized() },
          id: Self.deliveryID)
      case .due(let trigger, let time):
        hook.explanation(ofSchedule: trigger, at: time, id: Self.deliveryID)
      }
    switch (explanation.outcome, expectation) {
    case (.refused(let message), .refusal(let text)):
      return message.contains(text ?? "")
        ? [] : [difference("a refusal: …\(text ?? "")…", "a refusal: \(message)")]
    case (.refused(let message), .decisions):
      return [difference("a delivery", "a refusal: \(message)")]
    case (.nothing(let message), .decisions(let decisions)):
      return decisions.isEmpty ? [] : [difference("an event", message)]
    case (.nothing(let message), .refusal): return [difference("a refusal", message)]
    case (.events, .refusal): return [difference("a refusal", "it is accepted")]
    case (.events(let parts), .decisions(let expected)):
      return hook.triggers.flatMap { trigger -> [TestDifference] in
        let decisions = parts.flatMap(\.triggers).filter { $0.name == trigger.name }
          .map(\.explanation.decision)
        let expected = expected.first { $0.trigger == trigger.name }?.decision
        return Self.differences(of: trigger.name, expected, decisions)
      }
    }
  }

  /// - Parameter found: one decision for each event of the delivery; none for a call of another
  ///   trigger.
  private static func differences(
    of trigger: String, _ expected: Decision?, _ found: [Hooks.Decision]
  ) -> [TestDifference] {
    func difference(_ expected: String) -> [TestDifference] {
      let words = found.map(\.words)
      return [
        TestDifference(
          trigger: trigger, path: nil, expected: expected,
          found: words.isEmpty ? "nothing" : words.joined(separator: "; "))
      ]
    }
    guard let expected else {
      return found.allSatisfy(\.isSkip)
        ? [] : difference("nothing, since the test does not name it")
    }
    switch expected {
    case .run(let fields):
      let runs = found.flatMap(\.createdRuns)
      return runs.isEmpty ? difference("run") : differences(of: trigger, fields, in: runs)
    case .hold(let fields):
      let runs = found.flatMap(\.heldRuns)
      return runs.isEmpty ? difference("hold") : differences(of: trigger, fields, in: runs)
    case .skip(let reason):
      let isMet =
        !found.isEmpty
        && found.allSatisfy {
          if case .skip(let given, _) = $0 {
            reason ?? given.rawValue == given.rawValue
          } else {
            false
          }
        }
      return isMet ? [] : difference(reason.map { "skip: \($0)" } ?? "skip")
    case .fail(let text):
      let isMet = found.contains {
        if case .fail(let message) = $0 { message.contains(text ?? "") } else { false }
      }
      return isMet ? [] : difference(text.map { "fail: …\($0)…" } ?? "fail")
    case .defers:
      let isMet = found.contains { if case .deferred = $0 { true } else { false } }
      return isMet ? [] : difference("defer")
    }
  }

  private static func differences(
    of trigger: String, _ fields: [FieldExpectation], in runs: [RenderedRun]
  ) -> [TestDifference] {
    fields.flatMap { field in
      runs.compactMap { run -> TestDifference? in
        let value = field.path.value(in: run.object)
        guard value.map({ Self.isSame($0, field.value) }) != true else { return nil }
        return TestDifference(
          trigger: trigger, path: field.path.text, expected: field.value.serializedString(),
          found: value?.serializedString() ?? "nothing is there")
      }
    }
  }

  /// Texts by their bytes: `==` holds composed and decomposed letters for the same.
  private static func isSame(_ first: JSONValue, _ second: JSONValue) -> Bool {
    first == second
      && first.serialized(.compact(.sortedKeys)) == second.serialized(.compact(.sortedKeys))
  }

  /// From which names are derived where the headers give no id.
  private static let deliveryID = "example"
}

extension Hooks.Decision {
  fileprivate var createdRuns: [RenderedRun] {
    if case .run(let runs) = self { runs } else { [] }
  }

  fileprivate var heldRuns: [RenderedRun] {
    if case .held(let runs, _) = self { runs } else { [] }
  }

  fileprivate var isSkip: Bool { if case .skip = self { true } else { false } }

  /// `skip: branch: branch main matches none of [docs/*]`
  package var words: String {
    switch self {
    case .run(let runs):
      "run \(runs.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", "))"
    case .skip(let reason, let message): "skip: \(reason.rawValue): \(message)"
    case .fail(let message): "fail: \(message)"
    case .deferred(let deferral): "defer: \(deferral.message)"
    case .held(let runs, let hold):
      "hold \(runs.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")): \(hold.message)"
    }
  }
}
