// What a hook would do about a delivery, and why: for `explain`, the tests of a Hook and operators.

import Bytes
package import JSON

/// Every trigger's decision about every event of a delivery, with the values that led to it.
package struct HookExplanation: Equatable, Sendable {
  /// One event.
  package struct Part: Equatable, Sendable {
    package let event: Event
    /// In the order of the document, those included that do not listen to such events.
    package let triggers: [NamedTrigger]
  }

  /// A trigger's decision.
  package struct NamedTrigger: Equatable, Sendable {
    package let name: String
    package let explanation: TriggerExplanation
  }

  /// What the delivery comes to.
  package enum Outcome: Equatable, Sendable {
    case events([Part])
    /// It is answered and starts nothing, for this reason.
    case nothing(String)
    /// It is refused, for this reason.
    case refused(String)
  }

  package let hook: HookName
  package let outcome: Outcome
}

extension Hook {
  /// What the triggers would do about a delivery of the source, with the bytes of its body.
  ///
  /// Nobody needs to have signed it. The answer depends on the arguments alone.
  ///
  /// - Parameters:
  ///   - header: as it would come, with the fields in which the sender names the event.
  ///   - id: our id of it, from which names are derived where the sender has none.
  package func explanation(
    header: [(name: String, value: String)], query: [(name: String, value: String)] = [],
    body: [UInt8], id: String
  ) -> HookExplanation {
    guard let source else {
      return HookExplanation(
        hook: name, outcome: .refused("the hook takes no deliveries, only manual calls"))
    }
    let lookup = headerLookup(header)
    do throws(MalformedPayload) {
      let document = try source.payload(fields: lookup, body: body)
      switch source.delivery(fields: lookup, body: document.root) {
      case .ping:
        return HookExplanation(
          hook: name, outcome: .nothing("a ping is answered and starts nothing"))
      case .challenge:
        return HookExplanation(
          hook: name, outcome: .nothing("a challenge is answered and starts nothing"))
      case .malformed(let message): throw MalformedPayload(message: message)
      case .events(let events, let sourceID):
        let delivery = Delivery(
          id: id, sourceID: sourceID, body: document.root, header: header, query: query)
        return HookExplanation(hook: name, outcome: .events(parts(events, of: delivery)))
      }
    } catch {
      return HookExplanation(hook: name, outcome: .refused(error.message))
    }
  }

  /// What a trigger would do about a manual call.
  ///
  /// - Parameter body: what would be sent, such as `{"inputs": {…}}`; nil for nothing.
  package func explanation(
    ofCall triggerName: String, body: [UInt8]?, id: String
  ) -> HookExplanation {
    func refusal(_ message: String) -> HookExplanation {
      HookExplanation(hook: name, outcome: .refused(message))
    }
    guard let trigger = trigger(named: triggerName), trigger.isManual else {
      let names = triggers.filter(\.isManual).map(\.name).joined(separator: ", ")
      return refusal(
        "no trigger \(excerpt(triggerName)) can be started by hand; there are [\(names)]")
    }
    let document: JSONDocument?
    do throws(JSONError) {
      document = try body.map { bytes throws(JSONError) in try JSONDocument.parse(bytes) }
    } catch {
      return refusal("the body is not JSON: \(error)")
    }
    switch ManualInputs.check(document?.root.materialised, against: trigger.inputs) {
    case .refused(let problems):
      return refusal(
        problems.map { excerpt($0.description, limit: 2 * excerptLimit) }
          .joined(separator: "; "))
    case .accepted(let inputs):
      let event = Event.manual(caller: Self.explainingCaller)
      let delivery = Delivery(
        id: id, sourceID: id, body: (document ?? .emptyObject).root, inputs: inputs)
      let named = HookExplanation.NamedTrigger(
        name: trigger.name, explanation: trigger.explain(event, at: 0, of: delivery))
      return HookExplanation(
        hook: name, outcome: .events([HookExplanation.Part(event: event, triggers: [named])]))
    }
  }

  private func parts(_ events: [Event], of delivery: Delivery) -> [HookExplanation.Part] {
    events.enumerated().map { index, event in
      HookExplanation.Part(
        event: event,
        triggers: triggers.map { trigger in
          HookExplanation.NamedTrigger(
            name: trigger.name, explanation: trigger.explain(event, at: index, of: delivery))
        })
    }
  }

  /// Who a manual call that nobody made is from.
  private static let explainingCaller = "example"
}

// MARK: - JSON

extension HookExplanation {
  /// The explanation as the command and the admin API give it, decisions in the form of replies.
  package var json: JSONValue {
    var object: JSONObject = ["hook": .string(hook.description)]
    switch outcome {
    case .nothing(let message): object["message"] = .string(message)
    case .refused(let message): object["refused"] = .string(message)
    case .events(let parts):
      object["events"] = .array(
        parts.map { part in
          [
            "event": part.event.json,
            "decisions": .array(part.triggers.map { .object($0.json) }),
          ]
        })
    }
    return .object(object)
  }
}

extension HookExplanation.NamedTrigger {
  fileprivate var json: JSONObject {
    var object: JSONObject = ["trigger": .string(name)]
    switch explanation.decision {
    case .run(let runs): object["runs"] = Self.json(runs)
    case .skip(let reason, let message):
      object["skip"] = ["reason": .string(reason.rawValue), "message": .string(message)]
    case .fail(let message):
      object["fail"] = ["reason": "Unrenderable", "message": .string(message)]
    case .deferred(let deferral): object["defer"] = ["message": .string(deferral.message)]
    case .held(let runs, let hold):
      object["hold"] = ["message": .string(hold.message)]
      object["runs"] = Self.json(runs)
    }
    if let note = explanation.note { object["note"] = .string(note) }
    if !explanation.inputs.isEmpty { object["inputs"] = .object(explanation.inputs) }
    if !explanation.variables.isEmpty { object["vars"] = .object(explanation.variables) }
    return object
  }

  private static func json(_ runs: [RenderedRun]) -> JSONValue {
    .array(
      runs.map { run in
        [
          "apiVersion": .string(run.apiVersion), "kind": .string(run.kind),
          "namespace": .string(run.namespace), "name": .string(run.name),
        ]
      })
  }
}
