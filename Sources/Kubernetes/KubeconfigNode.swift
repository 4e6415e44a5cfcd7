// One value in a kubeconfig file, with the way to it, so that every mistake can be pointed at.

import JSON
import YAML

/// A value in a kubeconfig file.
struct KubeconfigNode: Sendable {
  let value: YAMLNode
  let file: String
  /// The way from the document's root, as in `users[0].user.token`; empty for the root.
  let path: String

  /// A member of an object; nil if it is absent, null, or this is no object.
  subscript(key: String) -> KubeconfigNode? {
    guard let member = value[key], !member.isNull else { return nil }
    return KubeconfigNode(value: member, file: file, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// A text; nil if it is absent, null or empty, which all mean the same in this format.
  func text(_ key: String) throws(KubeconfigError) -> String? {
    guard let text = try self[key]?.text() else { return nil }
    return text.isEmpty ? nil : text
  }

  /// The text that this has to be.
  func text() throws(KubeconfigError) -> String {
    guard let text = value.string else {
      throw error(.malformed, "must be a string, not \(value.kind); quote it")
    }
    return text
  }

  /// A text that has to be there.
  func requiredText(_ key: String) throws(KubeconfigError) -> String {
    guard let text = try text(key) else {
      throw error(.missing, "has no \(key)")
    }
    return text
  }

  /// Whether this is the empty text, which means the same as nothing.
  var isEmptyText: Bool { value.string == "" }

  /// The boolean that this has to be.
  func boolean() throws(KubeconfigError) -> Bool {
    guard let boolean = value.json.boolValue else {
      throw error(.malformed, "must be true or false, not \(value.kind)")
    }
    return boolean
  }

  /// The elements of a list; none if it is absent or null.
  func elements(_ key: String) throws(KubeconfigError) -> [KubeconfigNode] {
    try self[key]?.elements() ?? []
  }

  /// The elements of the list that this has to be.
  func elements() throws(KubeconfigError) -> [KubeconfigNode] {
    guard let items = value.sequence else {
      throw error(.malformed, "must be a list, not \(value.kind)")
    }
    return items.enumerated().map { index, item in
      KubeconfigNode(value: item, file: file, path: "\(path)[\(index)]")
    }
  }

  /// The members of an object, as they stand there; none if it is absent or null.
  func members(_ key: String) throws(KubeconfigError) -> [(name: String, node: KubeconfigNode)] {
    guard let member = self[key] else { return [] }
    guard let mapping = member.value.mapping else {
      throw member.error(.malformed, "must be an object, not \(member.value.kind)")
    }
    return mapping.map { entry in
      (
        entry.key,
        KubeconfigNode(value: entry.value, file: file, path: "\(member.path).\(entry.key)")
      )
    }
  }

  /// An error about this value. The value itself is never quoted: it may be a secret.
  func error(_ code: KubeconfigError.Code, _ message: String) -> KubeconfigError {
    KubeconfigError(
      code, file: file, line: value.position.line, column: value.position.column,
      message: path.isEmpty ? message : "\(path): \(message)")
  }
}
