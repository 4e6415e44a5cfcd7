// A configuration: all hooks of all files, compiled together.

import Bytes
package import CEL
package import Crypto
package import YAML

/// The hooks of a configuration.
package struct HookSet: Sendable {
  /// The hooks by name.
  package private(set) var hooks: [HookName: Hook] = [:]
  private var secretValues: [SecretReference: SecretBytes] = [:]

  package init() {}

  package func hook(namespace: String, name: String) -> Hook? {
    hooks[HookName(namespace: namespace, name: name)]
  }

  /// The secret that a Secret document among the files holds; nil when none does, and the cluster is
  /// to be asked.
  package func secret(_ reference: SecretReference) -> SecretBytes? {
    secretValues[reference]
  }

  /// Compiles documents.
  ///
  /// *Errors:* as diagnostics, all of them, in the order of the text. A document with an error is
  /// not in the set; a set with an error among its diagnostics is not to be used.
  ///
  /// - Parameters:
  ///   - environment: what `when` and `vars` may use.
  ///   - zones: where the time zones of schedules are found.
  ///   - now: the present in seconds since 1970; secrets whose time is over are warned about.
  package static func compile(
    _ documents: [YAMLDocument], expressions environment: CELEnvironment = .hooks,
    zones: TimeZoneDatabase = .none, now: Int64 = .min
  ) -> (set: HookSet, diagnostics: [Diagnostic]) {
    var set = HookSet()
    var diagnostics: [Diagnostic] = []
    var places: [String: String] = [:]
    for document in documents {
      var reader = DocumentReader(file: document.file)
      switch DocumentKind.read(document, reader: &reader) {
      case .hook:
        let decoded = HookDecoder.decode(document, environment, zones, now: now)
        diagnostics += decoded.diagnostics.sorted(by: isEarlier)
        guard let hook = decoded.hook else { continue }
        claim("Hook \(hook.name)", document, &places, &reader)
        if set.hooks[hook.name] == nil { set.hooks[hook.name] = hook }
      case .secret:
        guard let secret = SecretDocument.decode(document, reader: &reader) else { break }
        claim("Secret \(secret.name)", document, &places, &reader)
        set.secretValues.merge(secret.values) { first, _ in first }
      case nil: break
      }
      diagnostics += reader.diagnostics.sorted(by: isEarlier)
    }
    return (set, diagnostics)
  }

  private static func isEarlier(_ first: Diagnostic, _ second: Diagnostic) -> Bool {
    (first.line ?? 0, first.column ?? 0) < (second.line ?? 0, second.column ?? 0)
  }

  /// Compiles the texts of files. A text that is not YAML is one diagnostic.
  package static func compile(
    files: [(name: String, text: String)]
  ) -> (set: HookSet, diagnostics: [Diagnostic]) {
    var documents: [YAMLDocument] = []
    var unreadable: [Diagnostic] = []
    for file in files {
      do throws(YAMLError) {
        documents += try parseDocuments(file.text, file: file.name)
      } catch {
        unreadable.append(Diagnostic(error))
      }
    }
    let (set, diagnostics) = compile(documents)
    return (set, unreadable + diagnostics)
  }

  /// Refuses a second object of one name.
  private static func claim(
    _ object: String, _ document: YAMLDocument, _ places: inout [String: String],
    _ reader: inout DocumentReader
  ) {
    let position = document.root["metadata"]?["name"]?.position ?? document.root.position
    if let first = places[object] {
      reader.error(
        Place(path: "metadata.name", position: position), "\(object) is defined at \(first) already"
      )
    } else {
      places[object] = "\(document.file):\(position)"
    }
  }
}

/// What a document is.
private enum DocumentKind {
  case hook
  case secret

  static func read(_ document: YAMLDocument, reader: inout DocumentReader) -> DocumentKind? {
    let root = document.root
    let place = Place(path: "", position: root.position)
    guard let object = reader.anyObject(PlacedNode(node: root, place: place)) else { return nil }
    let versionValue = reader.required(object, "apiVersion")
    let kindValue = reader.required(object, "kind")
    let version = reader.text(versionValue)
    let kind = reader.text(kindValue)
    guard let version, let kind, let versionValue, let kindValue else { return nil }
    switch (version, kind) {
    case (HookAPI.version, HookAPI.kind): return .hook
    case ("v1", "Secret"): return .secret
    case (_, HookAPI.kind):
      reader.error(
        versionValue.place, "unknown version \"\(version)\" of a Hook",
        suggestion: HookAPI.version)
    case (_, _) where version.utf8.starts(with: "triggers.tekton.dev/".utf8):
      reader.error(kindValue.place, "resources of Tekton Triggers are not supported yet")
    default:
      let nearest = version == HookAPI.version || version == "v1"
      reader.error(
        kindValue.place,
        "\(version) \(kind) is no configuration: expected \(HookAPI.version) Hook or v1 Secret",
        suggestion: nearest ? Suggestion.nearest(to: kind, among: [HookAPI.kind, "Secret"]) : nil)
    }
    return nil
  }
}

/// The API group of our own documents.
package enum HookAPI {
  package static let version = "hookline.dev/v1alpha1"
  package static let kind = "Hook"
}
