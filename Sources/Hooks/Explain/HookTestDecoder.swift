// From `tests` of a Hook to its tests.
//
//   tests?: [TEST]
//     name: text, once in the hook
//     event?: the sender's own name of it, such as push, which becomes the header field in which the
//             sender names events; or manual, or schedule
//     headers?: { name: value, … }
//     payload?: the payload                      of a delivery one of the two
//     payloadFile?: a path, relative to the document
//     trigger?: the trigger that is started      with event: manual or schedule
//     time?: the due time, as RFC 3339 has it    with event: schedule
//     inputs?: { name: value, … }                with event: manual
//     expect?: { TRIGGER: DECISION, … }          what a trigger does that is not named must be skip;
//     refused?: part of the message              one of the two
//
//   DECISION = run / skip / fail / defer / hold
//            / { run: { PATH: value, … } } / { hold: { PATH: value, … } }    see ObjectPath.swift
//            / { skip: reason } / { fail: part of the message }

import Bytes
import CEL
import JSON
import YAML

/// Decodes the tests of one hook. Findings go to the reader.
struct HookTestDecoder {
  private let source: Source?
  private let hasSource: Bool
  private let triggers: [String]
  private var reader: DocumentReader

  /// - Parameters:
  ///   - source: nil also where it has errors; then `hasSource` is true.
  ///   - triggers: the names of the hook's triggers, those with errors included.
  static func decode(
    _ value: PlacedNode?, source: Source?, hasSource: Bool, triggers: [String],
    reader: inout DocumentReader
  ) -> [HookTest] {
    guard let items = reader.list(value) else { return [] }
    var decoder = HookTestDecoder(
      source: source, hasSource: hasSource, triggers: triggers, reader: reader)
    var tests: [HookTest] = []
    for item in items {
      guard let test = decoder.test(item) else { continue }
      if tests.contains(where: { $0.name == test.name }) {
        decoder.reader.error(item.place, "another test is named \"\(test.name)\", too")
      }
      tests.append(test)
    }
    reader = decoder.reader
    return tests
  }

  private mutating func test(_ value: PlacedNode) -> HookTest? {
    guard let object = reader.object(value, fields: Self.fields) else { return nil }
    let name = reader.text(reader.required(object, "name"))
    let stimulus =
      switch object["event"]?.node.string {
      case EventKind.manual.rawValue: call(object)
      case EventKind.schedule.rawValue: due(object)
      default: delivery(object)
      }
    let expectation = expectation(object)
    guard let name, let stimulus, let expectation else { return nil }
    return HookTest(
      name: name, file: reader.file, position: value.place.position, stimulus: stimulus,
      expectation: expectation)
  }

  // MARK: - Stimulus

  private mutating func delivery(_ object: PlacedObject) -> HookTest.Stimulus? {
    refuse(["trigger", "inputs"], of: object, "only a manual call has it: write event: manual")
    refuse(["time"], of: object, Self.noTime)
    guard let source else {
      if !hasSource { reader.error(object.place, "the hook has no source: write event: manual") }
      return nil
    }
    var header: [(name: String, value: String)] = []
    if let given = reader.anyObject(object["headers"]) {
      for entry in given.mapping {
        if let value = reader.string(given[entry.key]) { header.append((entry.key, value)) }
      }
    }
    if let event = reader.text(object["event"]) {
      let profile = source.profile
      let named = profile.fields(event: event, delivery: Self.deliveryID)
      if named.isEmpty, let place = object["event"]?.place {
        reader.error(place, "\(profile.title) names events in the body")
      }
      header = profile.completing(header, event: event, delivery: Self.deliveryID)
    }
    return payload(object).map { .delivery(header: header, $0) }
  }

  private mutating func payload(_ object: PlacedObject) -> HookTest.Payload? {
    switch (object["payload"], object["payloadFile"]) {
    case (let value?, nil): return .inline(value.node.json)
    case (nil, let path?): return reader.text(path).map { .file($0) }
    case (nil, nil):
      reader.error(
        object.place.member("payload", at: object.place.position),
        "missing: give payload, or payloadFile")
    case (_?, let second?): reader.error(second.place, "give payload or payloadFile, not both")
    }
    return nil
  }

  private mutating func call(_ object: PlacedObject) -> HookTest.Stimulus? {
    refuse(["headers", "payload", "payloadFile"], of: object, "a manual call has inputs instead")
    refuse(["time"], of: object, Self.noTime)
    guard let value = reader.required(object, "trigger"), let trigger = reader.text(value) else {
      return nil
    }
    check(trigger, value.place)
    let inputs = reader.anyObject(object["inputs"]) == nil ? nil : object["inputs"]?.node.json
    return .call(trigger: trigger, inputs: inputs)
  }

  private mutating func due(_ object: PlacedObject) -> HookTest.Stimulus? {
    refuse(
      ["headers", "payload", "payloadFile", "inputs"], of: object,
      "a schedule has none: inputs have their defaults")
    let triggerValue = reader.required(object, "trigger")
    let timeValue = reader.required(object, "time")
    guard let triggerValue, let timeValue, let trigger = reader.text(triggerValue),
      let text = reader.text(timeValue)
    else { return nil }
    check(trigger, triggerValue.place)
    do throws(CELEvaluationError) {
      return .due(trigger: trigger, time: try CELTimestamp(parsing: text).seconds)
    } catch {
      reader.error(timeValue.place, "expected a time such as \"2026-11-24T03:00:00Z\"")
      return nil
    }
  }

  private mutating func refuse(_ fields: [String], of object: PlacedObject, _ message: String) {
    for field in fields {
      if let place = object[field]?.place { reader.error(place, message) }
    }
  }

  private static let noTime = "only a schedule has it: write event: schedule"

  // MARK: - Expectations

  private mutating func expectation(_ object: PlacedObject) -> HookTest.Expectation? {
    guard let refusal = object["refused"] else {
      return reader.required(object, "expect").map { .decisions(expectations($0)) }
    }
    if let second = object["expect"] {
      reader.error(second.place, "give expect or refused, not both")
    }
    return .refusal(containing: reader.text(refusal))
  }

  private mutating func expectations(
    _ value: PlacedNode?
  ) -> [(trigger: String, decision: HookTest.Decision)] {
    guard let object = reader.anyObject(value) else { return [] }
    var expectations: [(trigger: String, decision: HookTest.Decision)] = []
    for entry in object.mapping {
      check(entry.key, object.place.member(entry.key, at: entry.keyPosition))
      guard let item = object[entry.key], let decision = decision(item) else { continue }
      expectations.append((entry.key, decision))
    }
    return expectations
  }

  private mutating func check(_ trigger: String, _ place: Place) {
    guard !triggers.contains(trigger) else { return }
    reader.error(
      place, "there is no trigger \"\(trigger)\"",
      suggestion: Suggestion.nearest(to: trigger, among: triggers))
  }

  /// The words for decisions.
  private enum Word: String, CaseIterable {
    case run
    case skip
    case fail
    case `defer`
    case hold
  }

  private mutating func decision(_ value: PlacedNode) -> HookTest.Decision? {
    if value.node.string != nil {
      switch reader.choice(value, of: Word.self, what: "decision") {
      case .run?: return .run([])
      case .skip?: return .skip(reason: nil)
      case .fail?: return .fail(containing: nil)
      case .defer?: return .defers
      case .hold?: return .hold([])
      case nil: return nil
      }
    }
    guard let object = reader.object(value, fields: ["run", "skip", "fail", "hold"]) else {
      return nil
    }
    guard object.mapping.count == 1, let entry = object.mapping.first,
      let word = Word(rawValue: entry.key), let item = object[entry.key]
    else {
      reader.error(value.place, "give exactly one of run, skip, fail and hold")
      return nil
    }
    switch word {
    case .run: return .run(fields(item))
    case .hold: return .hold(fields(item))
    case .fail: return .fail(containing: reader.text(item))
    case .skip:
      let reason = reader.text(item)
      let known = SkipReason.all.map(\.rawValue)
      if let reason, !known.contains(reason) {
        reader.error(
          item.place, "\"\(reason)\" is no reason: expected \(known.joined(separator: ", "))",
          suggestion: Suggestion.nearest(to: reason, among: known))
      }
      return .skip(reason: reason)
    case .defer: return nil
    }
  }

  private mutating func fields(_ value: PlacedNode) -> [HookTest.FieldExpectation] {
    guard let object = reader.anyObject(value) else { return [] }
    return object.mapping.compactMap { entry in
      guard let path = ObjectPath(entry.key) else {
        reader.error(
          object.place.member(entry.key, at: entry.keyPosition),
          "is no path: write such as spec.params.IMAGE_TAG or "
            + "metadata.annotations[\"example.com/tag\"]")
        return nil
      }
      return HookTest.FieldExpectation(path: path, value: entry.value.json)
    }
  }

  private static let fields = [
    "name", "event", "headers", "payload", "payloadFile", "trigger", "time", "inputs", "expect",
    "refused",
  ]
  /// The delivery's id where no header gives one.
  private static let deliveryID = "example"
}
