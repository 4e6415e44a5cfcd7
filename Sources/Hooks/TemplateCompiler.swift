// From a document's `run` to a run template, with everything checked that can be known before any
// event comes.

import JSON
import YAML

/// What a trigger's placeholders may rely on.
struct TemplateScope {
  let inputs: [InputDeclaration]
  /// The names of the trigger's variables.
  let variables: [String]
  /// Whether the trigger may be started by hand.
  let isManual: Bool
  /// Whether the trigger has a schedule.
  let isScheduled: Bool
  /// Whether events of the source, or a schedule, start the trigger.
  let hasEvents: Bool
}

/// Compiles one template. Findings go to the reader.
struct TemplateCompiler {
  private let scope: TemplateScope
  private var reader: DocumentReader

  /// Compiles the template, or reports why there is none.
  static func compile(
    _ value: PlacedNode, scope: TemplateScope, reader: inout DocumentReader
  ) -> RunTemplate? {
    var compiler = TemplateCompiler(scope: scope, reader: reader)
    let template = compiler.compile(value)
    reader = compiler.reader
    return template
  }

  private init(scope: TemplateScope, reader: DocumentReader) {
    self.scope = scope
    self.reader = reader
  }

  private mutating func compile(_ value: PlacedNode) -> RunTemplate? {
    guard let run = reader.anyObject(value) else { return nil }
    let apiVersion = fixedText(reader.required(run, "apiVersion"))
    let kind = fixedText(reader.required(run, "kind"))
    if let apiVersion, let place = run["apiVersion"]?.place, !Self.isAPIVersion(apiVersion) {
      reader.error(place, "\"\(apiVersion)\" is no API version: expected group/version or version")
    }
    if let kind, let place = run["kind"]?.place, !isTemplateName(Array(kind.utf8)) {
      reader.error(place, "\"\(kind)\" is no kind")
    }
    let metadata = reader.required(run, "metadata")
    var members: [TemplateMember] = []
    for entry in run.mapping {
      checkKey(entry, of: run)
      guard let member = run[entry.key] else { continue }
      let node = entry.key == "metadata" ? self.metadata(member) : node(member)
      members.append(TemplateMember(key: entry.key, node: node))
    }
    guard let apiVersion, let kind, metadata != nil else { return nil }
    return RunTemplate(apiVersion: apiVersion, kind: kind, root: Self.folded(members))
  }

  // MARK: - Metadata

  private mutating func metadata(_ value: PlacedNode) -> TemplateNode {
    guard let metadata = reader.anyObject(value) else { return .literal(nil) }
    checkNames(metadata)
    var members: [TemplateMember] = []
    for entry in metadata.mapping {
      checkKey(entry, of: metadata)
      guard let member = metadata[entry.key] else { continue }
      let node =
        switch entry.key {
        case "name", "generateName", "namespace": text(member)
        case "labels": texts(member, areLabels: true)
        case "annotations": texts(member, areLabels: false)
        default: node(member)
        }
      members.append(TemplateMember(key: entry.key, node: node))
    }
    return Self.folded(members)
  }

  private mutating func checkNames(_ metadata: PlacedObject) {
    let name = metadata["name"]
    switch (name, metadata["generateName"]) {
    case (nil, nil):
      reader.error(
        metadata.place.member("generateName", at: metadata.place.position),
        "missing: give generateName, or name for a run that can exist only once")
    case (.some, let generateName?):
      reader.error(generateName.place, "give either name or generateName")
    default: break
    }
    if let name, let text = name.node.string, isFixed(text), !KubernetesNames.isDNSSubdomain(text) {
      reader.error(name.place, "\"\(text)\" is not a valid name: \(HookDecoder.nameRule)")
    }
    if let namespace = metadata["namespace"], let text = namespace.node.string, isFixed(text),
      !KubernetesNames.isDNSLabel(text)
    {
      reader.error(
        namespace.place, "\"\(text)\" is not a valid namespace: \(HookDecoder.labelRule)")
    }
  }

  /// Labels or annotations: an object of texts.
  private mutating func texts(_ value: PlacedNode, areLabels: Bool) -> TemplateNode {
    guard let object = reader.anyObject(value) else { return .literal([:]) }
    var members: [TemplateMember] = []
    for entry in object.mapping {
      checkKey(entry, of: object)
      guard let member = object[entry.key] else { continue }
      let isOurs =
        entry.key.utf8.starts(with: RunMark.prefix.utf8) || entry.key == RunMark.managedBy
      if isOurs {
        reader.error(member.place, "\(entry.key) is set by Hookline")
      }
      members.append(TemplateMember(key: entry.key, node: text(member, mayBeEmpty: true)))
      if areLabels, let text = member.node.string, isFixed(text),
        !KubernetesNames.isLabelValue(text)
      {
        reader.error(
          member.place,
          "\"\(text)\" is not a valid label value: at most 63 letters, digits, \"-\", \"_\" and "
            + "\".\", with a letter or digit at either end")
      }
    }
    return Self.folded(members)
  }

  // MARK: - Nodes

  private mutating func node(_ value: PlacedNode) -> TemplateNode {
    switch value.node.content {
    case .scalar(let scalar):
      guard case .string(let string) = scalar.value else { return .literal(scalar.value) }
      let segments = segments(string, value.place)
      if case .placeholder(let placeholder) = segments.first, segments.count == 1 {
        return .whole(placeholder, path: value.place.path)
      }
      return Self.leaf(string, segments, value.place)
    case .sequence(let items):
      let nodes = items.enumerated().map { index, item in
        node(PlacedNode(node: item, place: value.place.item(index, at: item.position)))
      }
      let literals = nodes.compactMap(\.literal)
      return literals.count == nodes.count ? .literal(.array(literals)) : .list(nodes)
    case .mapping(let mapping):
      let object = PlacedObject(mapping: mapping, place: value.place)
      var members: [TemplateMember] = []
      for entry in mapping {
        checkKey(entry, of: object)
        guard let member = object[entry.key] else { continue }
        members.append(TemplateMember(key: entry.key, node: node(member)))
      }
      return Self.folded(members)
    }
  }

  /// A leaf that is a string whatever its placeholders give.
  private mutating func text(_ value: PlacedNode, mayBeEmpty: Bool = false) -> TemplateNode {
    let string = mayBeEmpty ? reader.string(value) : reader.text(value)
    guard let string else { return .literal("") }
    return Self.leaf(string, segments(string, value.place), value.place)
  }

  private static func leaf(
    _ string: String, _ segments: [TemplateSegment], _ place: Place
  ) -> TemplateNode {
    let isLiteral = segments.allSatisfy { if case .literal = $0 { true } else { false } }
    return isLiteral ? .literal(.string(string)) : .text(segments, path: place.path)
  }

  /// An object, as one literal where no placeholder is in it.
  private static func folded(_ members: [TemplateMember]) -> TemplateNode {
    var object = JSONObject()
    for member in members {
      guard let value = member.node.literal else { return .object(members) }
      object[member.key] = value
    }
    return .literal(.object(object))
  }

  private mutating func segments(_ text: String, _ place: Place) -> [TemplateSegment] {
    do throws(TemplateTextError) {
      let segments = try PlaceholderParser.segments(of: text)
      for segment in segments {
        switch segment {
        case .placeholder(let placeholder):
          PlaceholderCheck.check(placeholder, in: scope, at: place, reader: &reader)
        case .literal(let bytes):
          PlaceholderCheck.checkForeign(bytes, at: place, reader: &reader)
        }
      }
      return segments
    } catch {
      reader.error(place, error.description)
      return []
    }
  }

  /// Keys are the author's: a payload never names a field.
  private mutating func checkKey(_ entry: YAMLEntry, of object: PlacedObject) {
    guard !isFixed(entry.key) else { return }
    reader.error(
      object.place.member(entry.key, at: entry.keyPosition),
      "placeholders are not replaced in keys")
  }

  private mutating func fixedText(_ value: PlacedNode?) -> String? {
    guard let value, let text = reader.text(value) else { return nil }
    guard isFixed(text) else {
      reader.error(value.place, "must not hold a placeholder")
      return nil
    }
    return text
  }

  /// Whether a text holds no placeholder of ours. Errors in one are reported where it is compiled.
  private func isFixed(_ text: String) -> Bool {
    guard let segments = try? PlaceholderParser.segments(of: text) else { return false }
    return segments.allSatisfy { if case .literal = $0 { true } else { false } }
  }

  private static func isAPIVersion(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return KubernetesNames.isDNSLabel(parts[0])
    case 2:
      return KubernetesNames.isDNSSubdomain(String(parts[0]))
        && KubernetesNames.isDNSLabel(parts[1])
    default: return false
    }
  }
}

extension TemplateNode {
  fileprivate var literal: JSONValue? {
    if case .literal(let value) = self { value } else { nil }
  }
}
