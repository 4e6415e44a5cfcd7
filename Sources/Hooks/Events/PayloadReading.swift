// What the readers of all hosts share: values that may be anything, refs, and lists of commits.

import Bytes
import JSON

extension JSONView {
  /// The text, nil when it is empty or the value is none.
  var filledText: String? {
    stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The name of a Git object, nil when the value is none and for the zeros that stand for no object.
  var commit: String? {
    text.flatMap { GitObject($0) == .name ? $0.string : nil }
  }

  /// A positive number, such as that of a pull request.
  var positiveNumber: Int? {
    intValue.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The texts under a key of each element.
  func texts(_ key: String) -> [String] {
    elements?.compactMap { $0[key]?.filledText } ?? []
  }
}

/// What a text is in the place of a Git object's name.
enum GitObject {
  /// The name of an object, SHA-1 or SHA-256, in full.
  case name
  /// Zeros: there is no object.
  case none
  case malformed

  init(_ text: JSONText) {
    self = text.withUTF8 { bytes in
      guard bytes.count == 40 || bytes.count == 64 else { return .malformed }
      var isZero = true
      for index in bytes.indices {
        guard ASCII.isHexDigit(bytes[index]) else { return .malformed }
        if bytes[index] != UInt8(ascii: "0") { isZero = false }
      }
      return isZero ? .none : .name
    }
  }

  init(_ value: JSONView?) {
    self = value?.text.map { GitObject($0) } ?? .malformed
  }
}

extension MalformedPayload {
  /// A value without which the event makes no sense is not there or of another type.
  ///
  /// - Parameter expected: such as "text" or "commit".
  static func missing(_ path: String, _ expected: String) -> MalformedPayload {
    MalformedPayload(message: "\(path) is missing or no \(expected)")
  }
}

// MARK: - Events

extension NativeDelivery {
  /// An event of the kind; of one without a word of its own by the host's name.
  func event(_ kind: EventKind? = nil) -> Event {
    guard let kind else { return namedEvent }
    return Event(kind: kind, provider: self.kind.rawValue, providerEvent: name)
  }

  /// The refs that one push moves.
  ///
  /// *Limits:* at most ``refLimit``, each of which is an event and may start runs.
  func refs(_ list: JSONView?, at path: String) throws(MalformedPayload) -> JSONElements {
    guard let list, let refs = list.elements else { throw .missing(path, "list") }
    guard list.count <= Self.refLimit else {
      throw MalformedPayload(message: "\(path) has more than \(Self.refLimit) refs")
    }
    return refs
  }

  /// GitHub says nothing of a push of more than 5000 branches or three tags. A push of more refs than
  /// this copies a repository, and nobody wants a build of each.
  static let refLimit = 1000

  /// A ref that moved from one object to another; nil stands for none.
  ///
  /// What is neither branch nor tag, such as `refs/notes/x`, has the host's name, and its deletion a
  /// name that nobody can listen to.
  func refEvent(_ ref: String, before: String?, revision: String?) -> Event {
    let isDeletion = revision == nil
    var event: Event
    if Event.suffix(of: ref, after: Event.branchPrefix) != nil {
      event = self.event(isDeletion ? .branchDelete : .push)
    } else if Event.suffix(of: ref, after: Event.tagPrefix) != nil {
      event = self.event(isDeletion ? .tagDelete : .tag)
    } else if isDeletion {
      event = Event(
        kind: EventKind(rawValue: "\(kind.rawValue):ref_delete"), provider: kind.rawValue,
        providerEvent: nil)
    } else {
      event = namedEvent
    }
    event.setRef(ref)
    (event.before, event.revision) = (before, revision)
    return event
  }
}

extension Event {
  static let branchPrefix = "refs/heads/"
  static let tagPrefix = "refs/tags/"

  /// Sets the ref and the branch or tag that it is.
  mutating func setRef(_ ref: String) {
    self.ref = ref
    branch = Self.suffix(of: ref, after: Self.branchPrefix)
    tag = Self.suffix(of: ref, after: Self.tagPrefix)
  }

  /// Sets what a host names by type and short name; some versions send the full one.
  mutating func setRef(type: JSONView?, name: JSONView?) {
    guard let name = name?.filledText else { return }
    let prefix: String
    switch type?.stringValue {
    case "branch": prefix = Self.branchPrefix
    case "tag": prefix = Self.tagPrefix
    default: return
    }
    setRef(name.utf8.starts(with: prefix.utf8) ? name : prefix + name)
  }

  /// Sets the tag of a release.
  mutating func setTag(_ tag: JSONView?) {
    guard let tag = tag?.filledText else { return }
    setRef(Self.tagPrefix + tag)
  }

  /// Sets the message of the newest commit and what it is called.
  mutating func setMessage(_ message: JSONView?) {
    self.message = message?.filledText
    title = self.message.map(Self.firstLine)
  }

  /// Sets the pull request, with the branch that it wants to go to.
  mutating func setPullRequest(_ request: PullRequest, ref: String?, revision: String?) {
    pullRequest = request
    branch = request.target
    self.ref = ref
    self.revision = revision
  }

  /// What follows a prefix, compared as bytes: a combining character after the prefix is part of the
  /// name and not of the prefix.
  static func suffix(of text: String, after prefix: String) -> String? {
    guard text.utf8.starts(with: prefix.utf8), text.utf8.count > prefix.utf8.count else {
      return nil
    }
    return String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// What is before the last slash: the owner of `owner/name`, the groups of `group/part/name`.
  static func owner(ofRepository name: String?) -> String? {
    guard let name, let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")),
      slash > name.utf8.startIndex
    else { return nil }
    return String(decoding: name.utf8[..<slash], as: UTF8.self)
  }

  private static func firstLine(_ text: String) -> String {
    let line = text.utf8.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return String(decoding: line, as: UTF8.self)
  }
}
