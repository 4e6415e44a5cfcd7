// Kubeconfig files, read and merged as kubectl does.
// Source: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/

import Reactor
import YAML

/// The contents of one or several kubeconfig files.
///
/// Unknown fields are ignored, as the format wants it. What a cluster or a user says is looked at only
/// when a context that names it is resolved, so that an entry for another tool harms nobody.
struct Kubeconfig: Sendable {
  /// The names in the file, each with its `cluster`, `user` or `context` object.
  typealias Entries = [String: KubeconfigNode]

  /// What to do about a file that is not there.
  enum Absence {
    case error, ignored
  }

  private(set) var files: [String] = []
  private(set) var currentContext: String?
  private(set) var clusters: Entries = [:]
  private(set) var users: Entries = [:]
  private(set) var contexts: Entries = [:]

  /// Reads files and merges them: the first that defines a name or the current context wins.
  ///
  /// - Throws: For a file that cannot be read or is malformed, and if there is not even one.
  static func read(
    _ files: [String], absence: Absence
  ) throws(KubeconfigError) -> Kubeconfig {
    var merged = Kubeconfig()
    for file in files where !file.isEmpty && !merged.files.contains(file) {
      let text: String
      do throws(FileError) {
        text = try LocalFile.readText(file)
      } catch {
        if error.isAbsence, absence == .ignored { continue }
        throw KubeconfigError(.unreadable, message: "kubeconfig file \(error)")
      }
      merged.merge(try Kubeconfig(parsing: text, file: file))
    }
    guard !merged.files.isEmpty else {
      throw KubeconfigError(
        .unreadable,
        message: "none of the files in KUBECONFIG exists: \(files.joined(separator: ", "))")
    }
    return merged
  }

  /// The ones of some files that exist, or exist but cannot be read.
  static func existing(_ files: [String]) -> [String] {
    files.filter { file in
      do throws(FileError) {
        _ = try LocalFile.read(file)
        return true
      } catch {
        return !error.isAbsence
      }
    }
  }

  /// Reads one file's text.
  init(parsing text: String, file: String) throws(KubeconfigError) {
    files = [file]
    let documents: [YAMLDocument]
    do {
      documents = try parseDocuments(text, file: file)
    } catch {
      throw KubeconfigError(
        .malformed, file: file, line: error.position?.line, column: error.position?.column,
        message: "\(error.reason)")
    }
    // An empty file says nothing, which is allowed; kubectl reads the first of several documents.
    guard let document = documents.first else { return }
    let root = KubeconfigNode(value: document.root, file: file, path: "")
    guard root.value.mapping != nil else {
      throw root.error(.malformed, "a kubeconfig is an object, not \(root.value.kind)")
    }
    if let kind = try root.text("kind"), kind != "Config" {
      throw root.error(.malformed, "kind is \(quoted(kind)), a kubeconfig has \"Config\"")
    }
    currentContext = try root.text("current-context")
    clusters = try Self.entries("clusters", holding: "cluster", in: root)
    users = try Self.entries("users", holding: "user", in: root)
    contexts = try Self.entries("contexts", holding: "context", in: root)
  }

  private init() {}

  /// Adds what another file defines and this does not.
  mutating func merge(_ other: Kubeconfig) {
    files += other.files
    currentContext = currentContext ?? other.currentContext
    clusters.merge(other.clusters) { mine, _ in mine }
    users.merge(other.users) { mine, _ in mine }
    contexts.merge(other.contexts) { mine, _ in mine }
  }

  private static func entries(
    _ list: String, holding member: String, in root: KubeconfigNode
  ) throws(KubeconfigError) -> Entries {
    var entries: Entries = [:]
    for element in try root.elements(list) {
      let name = try element.requiredText("name")
      guard entries[name] == nil else {
        throw element.error(.malformed, "the name \(quoted(name)) is there twice")
      }
      // A user may be empty, and is then written as null.
      entries[name] =
        element[member]
        ?? KubeconfigNode(
          value: element.value[member] ?? element.value, file: element.file,
          path: "\(element.path).\(member)")
    }
    return entries
  }
}
