// Why a YAML text was refused.

/// A YAML text that cannot be read, always the fault of whoever wrote it.
package struct YAMLError: Error, Equatable {
  /// What is wrong.
  package enum Reason: Equatable, Sendable {
    /// Not YAML; the text is the scanner's.
    case syntax(String)
    /// A key of a mapping is there twice.
    case duplicateKey(String)
    /// A key is a list or a mapping.
    case keyNotScalar
    /// A tag beyond the core ones.
    case unknownTag(String)
    /// A text that its own tag does not admit. It is not kept: it may be a secret.
    case tagMismatch(tag: String)
    /// A number that JSON cannot hold: `.inf` or `.nan`.
    case notFinite(String)
    /// `<<` with something else than a mapping or a list of mappings.
    case badMerge
    /// More bytes than ``YAMLLimits/byteCount``.
    case tooLong(byteCount: Int)
    /// More values than ``YAMLLimits/nodeCount``, aliases counted as often as they are used.
    case tooManyNodes
    /// Deeper than ``YAMLLimits/depth``.
    case tooDeep
    /// More anchors than ``YAMLLimits/anchorCount``.
    case tooManyAnchors
  }

  package let file: String
  /// Where, if the reason has a place.
  package let position: YAMLPosition?
  package let reason: Reason

  package init(file: String, position: YAMLPosition?, reason: Reason) {
    self.file = file
    self.position = position
    self.reason = reason
  }
}

extension YAMLError: CustomStringConvertible {
  package var description: String {
    let place = position.map { "\(file):\($0)" } ?? file
    return "\(place): \(reason)"
  }
}

extension YAMLError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .syntax(let problem): "not valid YAML: \(problem)"
    case .duplicateKey(let key): "the key \"\(key)\" is given more than once"
    case .keyNotScalar: "a key is a list or an object: a key is a text"
    case .unknownTag(let tag): "the tag \(tag) is not supported: use plain values"
    case .tagMismatch(let tag): "the text cannot be read as \(tag)"
    case .notFinite(let text):
      "\(text) is not a number that JSON can hold: quote it to mean the text"
    case .badMerge: "the merge key << takes an object or a list of objects"
    case .tooLong(let byteCount):
      "the text has \(byteCount) bytes, at most \(YAMLLimits.byteCount) are allowed"
    case .tooManyNodes:
      "more than \(YAMLLimits.nodeCount) values, aliases counted as often as they are used"
    case .tooDeep: "nested deeper than \(YAMLLimits.depth) levels"
    case .tooManyAnchors:
      "more than \(YAMLLimits.anchorCount) anchors, or words that begin like one (&name): split the "
        + "file, or write the values out"
    }
  }
}

/// The limits of one YAML text.
package enum YAMLLimits {
  /// Bytes of one text: a hundred times the largest Tekton catalogue entry.
  package static let byteCount = 8 << 20
  /// Values in one text, so that nested aliases cannot fill the memory.
  package static let nodeCount = 500_000
  /// Levels of nesting, as for JSON.
  package static let depth = 128
  /// Anchors in one text. Yams builds and releases its tree recursively before this code sees it:
  /// libyaml lets a node nest 1,000 levels deep, a chain of anchors multiplies that, and a stack of
  /// 8 MiB is used up at about 50,000.
  package static let anchorCount = 16
}
