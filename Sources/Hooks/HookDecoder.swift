// From a `Hook` document to a hook; every error of the document in one reading.
//
//   apiVersion: hookline.dev/v1alpha1
//   kind: Hook
//   metadata: { name, namespace?, labels?, annotations? }     namespace: "default" where absent
//   spec:                                                     source, manual or a schedule is there
//     source?:                                                 who sends deliveries, see SourceDecoder.swift
//     manual?:                                                 who starts triggers by hand, see CallerDecoder.swift
//     triggers: [TRIGGER]                                      see TriggerDecoder.swift
//     replies?: full / brief                                   what senders are told; full where absent
//     tests?: [TEST]                                           see Explain/HookTestDecoder.swift
//
// What the design names and is not built yet is
// refused as such; every other field is unknown.

import Bytes
import CEL
import YAML

/// Decodes one `Hook` document.
struct HookDecoder {
  private var reader: DocumentReader
  private let document: YAMLDocument
  private let environment: CELEnvironment
  private let zones: TimeZoneDatabase
  private let now: Int64

  /// The hook, or why there is none. A hook comes with warnings at most.
  static func decode(
    _ document: YAMLDocument, _ environment: CELEnvironment, _ zones: TimeZoneDatabase, now: Int64
  ) -> (hook: Hook?, diagnostics: [Diagnostic]) {
    var decoder = HookDecoder(document, environment, zones, now: now)
    let hook = decoder.hook()
    let diagnostics = decoder.reader.diagnostics
    return (decoder.reader.hasErrors ? nil : hook, diagnostics)
  }

  private init(
    _ document: YAMLDocument, _ environment: CELEnvironment, _ zones: TimeZoneDatabase, now: Int64
  ) {
    self.document = document
    self.now = now
    self.environment = environment
    self.zones = zones
    reader = DocumentReader(file: document.file)
  }

  private mutating func hook() -> Hook? {
    let root = PlacedNode(
      node: document.root, place: Place(path: "", position: document.root.position))
    let hook = reader.object(root, fields: ["apiVersion", "kind", "metadata", "spec"])
    let name = ObjectName.read(reader.required(hook, "metadata"), reader: &reader)
    let spec = reader.object(
      reader.required(hook, "spec"), fields: ["source", "manual", "triggers", "replies", "tests"],
      later: ["retention", "concurrency"])
    let namespace = name?.namespace ?? ObjectName.defaultNamespace
    let secrets = SecretDecoder(namespace: namespace, now: now)
    let source = SourceDecoder.decode(spec?["source"], secrets: secrets, reader: &reader)
    let isScheduled =
      spec?["triggers"]?.node.sequence?.contains { $0["schedule"] != nil } ?? false
    if let spec, spec["source"] == nil, spec["manual"] == nil, !isScheduled {
      reader.error(
        spec.place.member("source", at: spec.place.position),
        "missing: give source, or manual for a hook that is only started by hand, or a trigger a "
          + "schedule")
    }
    let triggers = triggers(reader.required(spec, "triggers"), hook: name)
    let callers = CallerDecoder.decode(
      spec?["manual"], secrets: secrets, spec: spec, reader: &reader)
    checkReachability(triggers, of: source, spec: spec, hasCallers: !callers.isEmpty)
    let replies = reader.choice(spec?["replies"], of: ReplyDetail.self, what: "choice")
    let tests = HookTestDecoder.decode(
      spec?["tests"], source: source, hasSource: spec?["source"] != nil,
      triggers: spec?["triggers"]?.node.sequence?.compactMap { $0["name"]?.string } ?? [],
      reader: &reader)
    checkFetches(triggers, source, spec: spec)
    guard let name else { return nil }
    return Hook(
      name: name, source: source, callers: callers, triggers: triggers,
      replies: replies ?? .full, tests: tests)
  }

  // MARK: - Triggers

  private mutating func triggers(_ value: PlacedNode?, hook: HookName?) -> [Trigger] {
    var triggers: [Trigger] = []
    var names: Set<String> = []
    for item in reader.list(value) ?? [] {
      let name = item.node["name"]?.string
      if let name, !names.insert(name).inserted {
        reader.error(
          item.place.member("name", at: item.node["name"]?.position ?? item.place.position),
          "another trigger is named \"\(name)\", too")
      }
      // A name stands in for the hook's own while the document has errors anyway.
      let hook = hook ?? HookName(namespace: ObjectName.defaultNamespace, name: "hook")
      if let trigger = TriggerDecoder.decode(
        item, hook: hook, environment: environment, zones: zones, reader: &reader)
      {
        triggers.append(trigger)
      }
    }
    return triggers
  }

  /// Whether what triggers ask for can be asked. A source with errors of its own causes no more here.
  private mutating func checkFetches(_ triggers: [Trigger], _ source: Source?, spec: PlacedObject?)
  {
    guard let source, source.api == nil, let place = spec?["source"]?.place,
      spec?["source"]?.node["api"] == nil,
      let trigger = triggers.first(where: \.asksForFiles)
    else { return }
    reader.error(
      place.member("api", at: place.position),
      "missing: the trigger \"\(trigger.name)\" asks the host for changed files "
        + "(whenTruncated: fetch)")
  }

  /// Warns about triggers that nothing can start.
  private mutating func checkReachability(
    _ triggers: [Trigger], of source: Source?, spec: PlacedObject?, hasCallers: Bool
  ) {
    guard let list = spec?["triggers"] else { return }
    let hasSource = spec?["source"] != nil
    for trigger in triggers {
      let isManualOnly = trigger.subscriptions == [.kind(.manual)]
      if isManualOnly, !hasCallers {
        reader.warning(
          list.place, "nobody can start \"\(trigger.name)\": name a caller in spec.manual.callers")
      } else if !isManualOnly, !hasSource, !trigger.isManual,
        !trigger.subscriptions.contains(.kind(.schedule))
      {
        reader.warning(
          list.place, "nothing can start \"\(trigger.name)\": the hook has no source")
      }
      for case .provider(let sender, let event) in trigger.subscriptions
      where source.map({ $0.kind.rawValue != sender }) ?? false {
        reader.warning(
          list.place,
          "\(sender):\(event) never comes to \"\(trigger.name)\": the source's type is "
            + "\(source?.kind.rawValue ?? "")")
      }
    }
  }

  static let labelRule =
    "at most 63 lower-case letters, digits and \"-\", with a letter or digit at either end"
  static let nameRule =
    "lower-case letters, digits, \"-\" and \".\", with a letter or digit at either end"
}

/// Reads `metadata`.
enum ObjectName {
  static func read(_ value: PlacedNode?, reader: inout DocumentReader) -> HookName? {
    let metadata = reader.object(
      value, fields: ["name", "namespace", "labels", "annotations"])
    let nameValue = reader.required(metadata, "name")
    let name = reader.text(nameValue)
    if let name, let place = nameValue?.place, !KubernetesNames.isDNSSubdomain(name) {
      reader.error(place, "\"\(name)\" is not a valid name: \(HookDecoder.nameRule)")
    }
    let namespace =
      metadata?["namespace"] == nil ? defaultNamespace : reader.text(metadata?["namespace"])
    if let namespace, let place = metadata?["namespace"]?.place,
      !KubernetesNames.isDNSLabel(namespace)
    {
      reader.error(place, "\"\(namespace)\" is not a valid namespace: \(HookDecoder.labelRule)")
    }
    for field in ["labels", "annotations"] {
      guard let texts = reader.anyObject(metadata?[field]) else { continue }
      for entry in texts.mapping { _ = reader.string(texts[entry.key]) }
    }
    guard let name, let namespace else { return nil }
    return HookName(namespace: namespace, name: name)
  }

  static let defaultNamespace = "default"
}
