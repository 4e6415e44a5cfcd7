// From a `Hook` document to a hook; every error of the document in one reading.
//
//   apiVersion: hookline.dev/v1alpha1
//   kind: Hook
//   metadata: { name, namespace?, labels?, annotations? }     namespace: "default" where absent
//   spec:
//     source?:                                                 who sends deliveries
//       type: github
//       secrets: 1 to 8 of SECRET
//       allow?: 1 to 256 ranges of addresses                   see AddressRange.swift
//       replayWindow?: a duration such as 24h, or none        bodies that repeat within it make nothing
//     manual?:                                                 who starts triggers by hand
//       callers: [{ name, secret: SECRET, triggers: [name] }]
//     triggers: [TRIGGER]                                      see TriggerDecoder.swift
//
//   SECRET = { secretRef: { name, key } } / { file: path } / { env: name }
//
// A secretRef is looked for in the hook's own namespace. What the design names and is not built yet is
// refused as such; every other field is unknown.

import Bytes
import CEL
import YAML

/// Decodes one `Hook` document.
struct HookDecoder {
  private var reader: DocumentReader
  private let document: YAMLDocument
  private let environment: CELEnvironment

  /// The hook, or why there is none. A hook comes with warnings at most.
  static func decode(
    _ document: YAMLDocument, _ environment: CELEnvironment
  ) -> (hook: Hook?, diagnostics: [Diagnostic]) {
    var decoder = HookDecoder(document, environment)
    let hook = decoder.hook()
    let diagnostics = decoder.reader.diagnostics
    return (decoder.reader.hasErrors ? nil : hook, diagnostics)
  }

  private init(_ document: YAMLDocument, _ environment: CELEnvironment) {
    self.document = document
    self.environment = environment
    reader = DocumentReader(file: document.file)
  }

  private mutating func hook() -> Hook? {
    let root = PlacedNode(
      node: document.root, place: Place(path: "", position: document.root.position))
    let hook = reader.object(root, fields: ["apiVersion", "kind", "metadata", "spec"])
    let name = ObjectName.read(reader.required(hook, "metadata"), reader: &reader)
    let spec = reader.object(
      reader.required(hook, "spec"), fields: ["source", "manual", "triggers"],
      later: ["tests", "retention", "concurrency", "replies"])
    let namespace = name?.namespace ?? ObjectName.defaultNamespace
    let source = source(spec?["source"], namespace: namespace)
    if let spec, spec["source"] == nil, spec["manual"] == nil {
      reader.error(
        spec.place.member("source", at: spec.place.position),
        "missing: give source, or manual for a hook that is only started by hand")
    }
    let triggers = triggers(reader.required(spec, "triggers"), hook: name)
    let callers = callers(spec?["manual"], namespace: namespace, spec: spec)
    checkReachability(triggers, spec: spec, hasCallers: !callers.isEmpty)
    guard let name else { return nil }
    return Hook(name: name, source: source, callers: callers, triggers: triggers)
  }

  // MARK: - Source

  private mutating func source(_ value: PlacedNode?, namespace: String) -> Source? {
    let object = reader.object(value, fields: ["type", "secrets", "allow", "replayWindow"])
    let kind = reader.choice(
      reader.required(object, "type"), of: SourceKind.self, what: "source type")
    let allow = ranges(object?["allow"])
    let window = replayWindow(object?["replayWindow"])
    guard let secrets = reader.list(reader.required(object, "secrets")) else { return nil }
    if secrets.count > Source.secretLimit, let place = object?["secrets"]?.place {
      reader.error(place, "has \(secrets.count) secrets, at most \(Source.secretLimit) are allowed")
    }
    let references = secrets.compactMap { secret($0, namespace: namespace) }
    return kind.map { Source(kind: $0, secrets: references, allow: allow, replayWindow: window) }
  }

  private mutating func replayWindow(_ value: PlacedNode?) -> Duration? {
    guard let value, let text = reader.text(value) else { return Source.replayWindowDefault }
    if text == "none" { return nil }
    do throws(GoDurationError) {
      let window = try GoDuration(text).duration
      if window >= .seconds(1), window <= Source.replayWindowMax { return window }
      reader.error(value.place, "\(text) is out of bounds: from 1s to 168h, or none")
    } catch {
      reader.error(
        value.place, "\"\(text)\" is not a duration: write 24h, 90m or 30s, or none")
    }
    return nil
  }

  private mutating func ranges(_ value: PlacedNode?) -> [AddressRange] {
    let texts = reader.texts(value) ?? []
    if texts.count > Source.allowLimit, let place = value?.place {
      reader.error(place, "has \(texts.count) ranges, at most \(Source.allowLimit) are allowed")
    }
    var ranges: [AddressRange] = []
    for text in texts {
      do throws(AddressRangeError) {
        ranges.append(try AddressRange(parsing: text.text))
      } catch {
        reader.error(text.place, "\(error)", suggestion: error.suggestion)
      }
    }
    return ranges
  }

  private mutating func secret(_ value: PlacedNode?, namespace: String) -> SecretReference? {
    let kinds = ["secretRef", "file", "env"]
    guard let object = reader.object(value, fields: kinds) else { return nil }
    let given = kinds.filter { object[$0] != nil }
    guard given.count == 1 else {
      reader.error(object.place, "give exactly one of secretRef, file and env")
      return nil
    }
    if let path = object["file"] {
      return reader.text(path).map { .file(path: $0) }
    }
    if let variable = object["env"] {
      guard let name = reader.text(variable) else { return nil }
      guard !name.utf8.contains(UInt8(ascii: "=")), !name.utf8.contains(0) else {
        reader.error(variable.place, "\"\(name)\" is not the name of an environment variable")
        return nil
      }
      return .environment(name: name)
    }
    let reference = reader.object(object["secretRef"], fields: ["name", "key"])
    let nameValue = reader.required(reference, "name")
    let name = reader.text(nameValue)
    let key = reader.text(reader.required(reference, "key"))
    if let name, let place = nameValue?.place, !KubernetesNames.isDNSSubdomain(name) {
      reader.error(place, "\"\(name)\" is not a valid name: \(Self.nameRule)")
    }
    guard let name, let key else { return nil }
    return .kubernetes(namespace: namespace, name: name, key: key)
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
        item, hook: hook, environment: environment, reader: &reader)
      {
        triggers.append(trigger)
      }
    }
    return triggers
  }

  // MARK: - Manual callers

  private mutating func callers(
    _ value: PlacedNode?, namespace: String, spec: PlacedObject?
  ) -> [ManualCaller] {
    guard let value else { return [] }
    let manual = reader.object(value, fields: ["callers"])
    var callers: [ManualCaller] = []
    var names: Set<String> = []
    for item in reader.list(reader.required(manual, "callers")) ?? [] {
      let object = reader.object(item, fields: ["name", "secret", "triggers"], later: ["rate"])
      let nameValue = reader.required(object, "name")
      let name = reader.text(nameValue)
      if let name, let place = nameValue?.place {
        if !KubernetesNames.isDNSLabel(name) {
          reader.error(place, "\"\(name)\" is not a valid name: \(Self.labelRule)")
        } else if !names.insert(name).inserted {
          reader.error(place, "another caller is named \"\(name)\", too")
        }
      }
      let secret = secret(reader.required(object, "secret"), namespace: namespace)
      let triggers = reader.texts(reader.required(object, "triggers")) ?? []
      for trigger in triggers { checkManual(trigger, spec: spec) }
      guard let name, let secret else { continue }
      callers.append(
        ManualCaller(name: name, secret: secret, triggers: triggers.map(\.text)))
    }
    return callers
  }

  /// Whether a trigger that a caller may start is there and may be started by hand. It looks at the
  /// document, so that a trigger with other errors does not cause more of them here.
  private mutating func checkManual(_ trigger: PlacedText, spec: PlacedObject?) {
    let triggers = spec?["triggers"]?.node.sequence ?? []
    let names = triggers.compactMap { $0["name"]?.string }
    guard let node = triggers.first(where: { $0["name"]?.string == trigger.text }) else {
      return reader.error(
        trigger.place, "there is no trigger \"\(trigger.text)\"",
        suggestion: Suggestion.nearest(to: trigger.text, among: names))
    }
    guard let entries = node["on"]?.sequence else { return }
    if !entries.contains(where: { $0.string == EventKind.manual.rawValue }) {
      reader.error(
        trigger.place,
        "the trigger \"\(trigger.text)\" is not started by hand: add manual to its on")
    }
  }

  /// Warns about triggers that nothing can start.
  private mutating func checkReachability(
    _ triggers: [Trigger], spec: PlacedObject?, hasCallers: Bool
  ) {
    guard let list = spec?["triggers"] else { return }
    let hasSource = spec?["source"] != nil
    for trigger in triggers {
      let isManualOnly = trigger.subscriptions == [.kind(.manual)]
      if isManualOnly, !hasCallers {
        reader.warning(
          list.place, "nobody can start \"\(trigger.name)\": name a caller in spec.manual.callers")
      } else if !isManualOnly, !hasSource, !trigger.isManual {
        reader.warning(
          list.place, "nothing can start \"\(trigger.name)\": the hook has no source")
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
