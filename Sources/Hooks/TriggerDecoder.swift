// From an item of `spec.triggers` to a trigger.
//
//   name: a DNS label, once in the hook
//   on: [push / tag / branch_delete / tag_delete / pull_request / manual / github:EVENT]
//   schedule?, timeZone?, missed?: see Schedule/ScheduleDecoder.swift; on may be absent then
//   actions?, branches?, paths?, comments? and the other filters: see Filters/FilterDecoder.swift
//   unsafeValues?: escape / refuse / replace    what becomes of `$(` in values; escape where absent
//   order?: parallel / serial   in which order its runs are created; parallel where absent
//   when?, vars?: expressions, see ExpressionDecoder.swift
//   inputs?: [{ name, type?: string / number / boolean, required?, default?, enum?, pattern?,
//              description? }]  of manual calls
//   run: the object to create, with placeholders (Placeholder.swift)
//
// `SENDER:EVENT`, with a type of sources as the sender, is every event that it names so.
// `github:EVENT` is every event that GitHub names EVENT, whatever its action. `github:push` includes
// tags and no deletions: those are matched by their own words and by `github:delete` alone.
//
// A filter that no event of `on` can meet is an error, as is a placeholder that can have no value for
// one of them: an event of the source has no inputs but those with a default, a manual call has no
// branch, revision and so on.

import Bytes
import CEL
import YAML

/// Decodes one trigger. Findings go to the reader.
struct TriggerDecoder {
  private let hook: HookName
  private let environment: CELEnvironment
  private let zones: TimeZoneDatabase
  private var reader: DocumentReader

  static func decode(
    _ value: PlacedNode, hook: HookName, environment: CELEnvironment, zones: TimeZoneDatabase,
    reader: inout DocumentReader
  ) -> Trigger? {
    var decoder = TriggerDecoder(
      hook: hook, environment: environment, zones: zones, reader: reader)
    let trigger = decoder.trigger(value)
    reader = decoder.reader
    return trigger
  }

  private init(
    hook: HookName, environment: CELEnvironment, zones: TimeZoneDatabase, reader: DocumentReader
  ) {
    self.hook = hook
    self.environment = environment
    self.zones = zones
    self.reader = reader
  }

  private mutating func trigger(_ value: PlacedNode) -> Trigger? {
    let object = reader.object(value, fields: Self.fields, later: Self.laterFields)
    guard let object else { return nil }
    let nameValue = reader.required(object, "name")
    let name = reader.text(nameValue)
    if let name, let place = nameValue?.place, !KubernetesNames.isDNSLabel(name) {
      reader.error(place, "\"\(name)\" is not a valid name: \(HookDecoder.labelRule)")
    }
    let schedule = ScheduleDecoder.decode(object, zones: zones, reader: &reader)
    let subscriptions = subscriptions(object)
    let unsafeValues = reader.choice(
      object["unsafeValues"], of: UnsafeValues.self, what: "choice")
    let order = reader.choice(object["order"], of: TriggerOrder.self, what: "order")
    let inputs = InputDecoder.decode(object["inputs"], reader: &reader)
    let filters = FilterDecoder.decode(
      object, subscriptions: subscriptions, inputs: inputs, reader: &reader)
    let isManual = subscriptions.contains(.kind(.manual))
    if !subscriptions.isEmpty, !isManual, filters.commands.isEmpty, schedule == nil,
      let place = object["inputs"]?.place
    {
      reader.error(
        place, "only a manual call or a command has inputs: add manual to on, or comments")
    }
    let expressions = ExpressionDecoder.decode(
      when: object["when"], vars: object["vars"], inputs: inputs, environment: environment,
      reader: &reader)
    let scope = TemplateScope(
      inputs: inputs, variables: object["vars"]?.node.mapping?.map(\.key) ?? [],
      isManual: isManual, isScheduled: schedule != nil,
      hasEvents: subscriptions.contains { !filters.givesInputs(to: $0) })
    let template = reader.required(object, "run").flatMap {
      TemplateCompiler.compile($0, scope: scope, reader: &reader)
    }
    guard let name, let template else { return nil }
    return Trigger(
      hook: hook, name: name, subscriptions: subscriptions, filters: filters,
      unsafeValues: unsafeValues ?? .escape, order: order ?? .parallel,
      approvers: filters.approvers,
      inputs: inputs, schedule: schedule,
      expressions: expressions, template: template)
  }

  // MARK: - On

  /// The entries of `on`; with a schedule its word is among them, written or not.
  private mutating func subscriptions(_ object: PlacedObject) -> [Subscription] {
    let word = Subscription.kind(.schedule)
    guard object["schedule"] == nil else {
      let entries = (reader.texts(object["on"]) ?? []).compactMap { subscription($0) }
      return entries.contains(word) ? entries : entries + [word]
    }
    let entries = reader.texts(reader.required(object, "on")) ?? []
    if let entry = entries.first(where: { $0.text == word.text }) {
      reader.error(entry.place, "say when: give the trigger a schedule such as \"0 3 * * *\"")
    }
    return entries.compactMap { subscription($0) }
  }

  private mutating func subscription(_ entry: PlacedText) -> Subscription? {
    let kinds = EventKind.all.map(\.rawValue)
    if kinds.contains(entry.text) { return .kind(EventKind(rawValue: entry.text)) }
    let parts = entry.text.split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false
    ).map(String.init)
    guard parts.count == 2 else {
      reader.error(
        entry.place,
        "unknown event \"\(entry.text)\": expected \(kinds.joined(separator: ", ")) or github:…",
        suggestion: Suggestion.nearest(to: entry.text, among: kinds))
      return nil
    }
    guard let sender = SourceKind(rawValue: parts[0]) else {
      let hint =
        kinds.contains(parts[0]) ? ": write on: [\(parts[0])] and actions: [\(parts[1])]" : ""
      reader.error(entry.place, "unknown event \"\(entry.text)\"\(hint)")
      return nil
    }
    return providerEvent(parts[1], of: sender, entry)
  }

  private mutating func providerEvent(
    _ event: String, of sender: SourceKind, _ entry: PlacedText
  ) -> Subscription? {
    let profile = sender.profile
    if let greeting = profile.greeting?.eventName, greeting == event {
      reader.error(entry.place, "a \(greeting) is answered and starts nothing")
      return nil
    }
    guard profile.isEventName(event) else {
      reader.error(entry.place, "\"\(event)\" is not the name of a \(profile.title) event")
      return nil
    }
    if let known = sender.eventNames, !known.contains(event) {
      reader.warning(
        entry.place, "\"\(event)\" is no event of \(profile.title) that we know",
        suggestion: Suggestion.nearest(to: event, among: known))
    }
    return .provider(sender.rawValue, event: event)
  }

  private static let fields =
    ["name", "on"] + ScheduleDecoder.fields + FilterDecoder.fields + [
      "unsafeValues", "order", "inputs", "when", "vars", "run",
    ]
  private static let laterFields: Set<String> = [
    "concurrency", "retention", "whenFailed",
  ]
}
