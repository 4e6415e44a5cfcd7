// From a YAML text to trees with positions.
//
// Yams (libyaml) scans and composes. What is decided here: several documents in one text, empty ones
// skipped; a key twice in a mapping is an error; a key is its text, never a list or an object;
// anchors and aliases are followed within a bound on the values that result; merge keys (`<<`) add
// what the mapping does not say itself; the core tags are honoured and all others refused; scalars
// stand for what ``YAMLResolution`` says.
//
// The text comes from the operator: Yams hashes the keys of a mapping before this code sees them, so
// a key made of nested aliases can cost time, though neither memory nor correctness. It also drops a
// byte order mark (U+FEFF) with which a scalar begins.

import JSON
import Yams

/// Reads all documents of a text.
///
/// *Limits:* ``YAMLLimits``.
///
/// *Errors:* ``YAMLError``, the first one met, with the position.
///
/// - Parameter file: the name that errors and documents carry.
package func parseDocuments(
  _ text: String, file: String
) throws(YAMLError) -> [YAMLDocument] {
  let byteCount = text.utf8.count
  guard byteCount <= YAMLLimits.byteCount else {
    throw YAMLError(file: file, position: nil, reason: .tooLong(byteCount: byteCount))
  }
  guard AnchorScan.count(text) <= YAMLLimits.anchorCount else {
    throw YAMLError(file: file, position: nil, reason: .tooManyAnchors)
  }
  var builder = TreeBuilder(file: file)
  var documents: [YAMLDocument] = []
  do {
    let parser = try Yams.Parser(yaml: text, resolver: unresolving(), encoding: .utf8)
    while let root = try parser.nextRoot() {
      let node = try builder.build(root, depth: 1)
      if !node.isNull { documents.append(YAMLDocument(file: file, root: node)) }
    }
    return documents
  } catch let error as YAMLError {
    throw error
  } catch let error as YamlError {
    throw YAMLError(error, file: file, text: text)
  } catch {
    throw YAMLError(file: file, position: nil, reason: .syntax("\(error)"))
  }
}

/// A resolver that leaves implicit tags implicit. Yams stores what it resolves in the node, which an
/// alias shares; the rules of ``YAMLResolution`` would then not be asked.
private func unresolving() throws -> Resolver {
  try Resolver.basic.appending(.implicit, #"[\s\S]*"#)
}

/// Converts Yams' nodes and counts them.
private struct TreeBuilder {
  let file: String
  private var nodeCount = 0

  init(file: String) {
    self.file = file
  }

  mutating func build(_ node: Node, depth: Int) throws(YAMLError) -> YAMLNode {
    let position = YAMLPosition(node.mark)
    nodeCount += 1
    guard nodeCount <= YAMLLimits.nodeCount else { throw error(.tooManyNodes, position) }
    guard depth <= YAMLLimits.depth else { throw error(.tooDeep, position) }
    switch node {
    case .scalar(let scalar):
      return YAMLNode(.scalar(try build(scalar, at: position)), at: position)
    case .sequence(let sequence):
      try checkTag(sequence.tag, is: .seq, at: position)
      var items: [YAMLNode] = []
      for item in sequence { items.append(try build(item, depth: depth + 1)) }
      return YAMLNode(.sequence(items), at: position)
    case .mapping(let mapping):
      try checkTag(mapping.tag, is: .map, at: position)
      return YAMLNode(.mapping(try build(mapping, depth: depth)), at: position)
    case .alias:
      throw error(.syntax("an alias without its anchor"), position)
    }
  }

  private mutating func build(
    _ mapping: Node.Mapping, depth: Int
  ) throws(YAMLError) -> YAMLMapping {
    var entries: [YAMLEntry] = []
    var merged: [YAMLEntry] = []
    var seen: Set<[UInt8]> = []
    for (key, value) in mapping {
      let keyPosition = YAMLPosition(key.mark)
      guard case .scalar(let scalar) = key else { throw error(.keyNotScalar, keyPosition) }
      let node = try build(value, depth: depth + 1)
      if scalar.style == .plain, scalar.string == "<<" {
        merged += try mergeEntries(of: node)
        continue
      }
      guard seen.insert(Array(scalar.string.utf8)).inserted else {
        throw error(.duplicateKey(scalar.string), keyPosition)
      }
      entries.append(YAMLEntry(key: scalar.string, keyPosition: keyPosition, value: node))
    }
    for entry in merged where seen.insert(Array(entry.key.utf8)).inserted {
      entries.append(entry)
    }
    return YAMLMapping(entries)
  }

  /// What a merge key adds; of several mappings the earlier wins.
  private func mergeEntries(of node: YAMLNode) throws(YAMLError) -> [YAMLEntry] {
    if let mapping = node.mapping { return Array(mapping) }
    guard let items = node.sequence else { throw error(.badMerge, node.position) }
    var entries: [YAMLEntry] = []
    for item in items {
      guard let mapping = item.mapping else { throw error(.badMerge, item.position) }
      entries += mapping
    }
    return entries
  }

  private func build(
    _ scalar: Node.Scalar, at position: YAMLPosition
  ) throws(YAMLError) -> YAMLScalar {
    let text = scalar.string
    let tag = Tag.Name(rawValue: scalar.tag.rawValue)
    if tag == .str || tag == .nonSpecific {
      return YAMLScalar(text: text, value: .string(text))
    }
    if tag == .implicit, scalar.style != .plain, scalar.style != .any {
      return YAMLScalar(text: text, value: .string(text))
    }
    guard tag == .implicit || Self.scalarTags.contains(tag) else {
      throw error(.unknownTag(tag.rawValue), position)
    }
    guard let value = YAMLResolution.resolve(text) else { throw error(.notFinite(text), position) }
    guard tag == .implicit || tag == Self.tag(of: value) || tag == .float && value.isNumber else {
      throw error(.tagMismatch(tag: tag.rawValue), position)
    }
    return YAMLScalar(text: text, value: value)
  }

  private func checkTag(
    _ tag: Tag, is expected: Tag.Name, at position: YAMLPosition
  ) throws(YAMLError) {
    let name = Tag.Name(rawValue: tag.rawValue)
    guard [.implicit, .nonSpecific, expected].contains(name) else {
      throw error(.unknownTag(name.rawValue), position)
    }
  }

  private func error(_ reason: YAMLError.Reason, _ position: YAMLPosition) -> YAMLError {
    YAMLError(file: file, position: position, reason: reason)
  }

  private static func tag(of value: JSONValue) -> Tag.Name {
    switch value {
    case .null: .null
    case .bool: .bool
    case .number(let number): number.text.allSatisfy { $0.isNumber || $0 == "-" } ? .int : .float
    default: .str
    }
  }

  private static let scalarTags: Set<Tag.Name> = [.null, .bool, .int, .float]
}

extension JSONValue {
  fileprivate var isNumber: Bool {
    if case .number = self { true } else { false }
  }
}

extension YAMLPosition {
  fileprivate init(_ mark: Mark?) {
    self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
  }
}

extension YAMLError {
  /// What Yams found, in our words, where Yams says.
  fileprivate init(_ error: YamlError, file: String, text: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let words = context.map { "\(problem) (\($0.text))" } ?? problem
      self.init(file: file, position: YAMLPosition(mark), reason: .syntax(words))
    case .reader(let problem, let offset, _, _):
      let position = offset.map { YAMLPosition(characterOffset: $0, in: text) }
      self.init(file: file, position: position, reason: .syntax(problem))
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        file: file, position: YAMLPosition(context.mark),
        reason: .duplicateKey(duplicates.first ?? ""))
    case .memory:
      self.init(file: file, position: nil, reason: .tooDeep)
    default:
      self.init(file: file, position: nil, reason: .syntax("\(error)"))
    }
  }
}

extension YAMLPosition {
  fileprivate init(characterOffset: Int, in text: String) {
    var line = 1
    var column = 1
    for character in text.prefix(characterOffset) {
      if character.isNewline {
        line += 1
        column = 1
      } else {
        column += character.unicodeScalars.count
      }
    }
    self.init(line: line, column: column)
  }
}
