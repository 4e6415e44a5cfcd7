// Configurations: YAML, hooks and the templates in them.

import Hooks
import JSON
import YAML

extension FuzzTarget {
  static let hook = FuzzTarget(
    name: "hook",
    property: "a text compiles or is refused at a place in it, and its values survive being printed"
  ) { input in
    let text = String(decoding: input, as: UTF8.self)
    let (_, diagnostics) = HookSet.compile(files: [("hook.yaml", text)])
    // Line ends of all kinds that YAML knows, and the place behind the last one.
    let lineCount =
      2 + text.unicodeScalars.count { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }
    for diagnostic in diagnostics {
      if let line = diagnostic.line, !(1...lineCount).contains(line) {
        violated("\(diagnostic) is not in the text, which has \(lineCount) lines")
      }
    }
    guard let documents = try? parseDocuments(text, file: "hook.yaml") else { return }
    for document in documents {
      let value = document.root.json
      let printed = value.yaml()
      do throws(YAMLError) {
        let again = try parseDocuments(printed, file: "printed.yaml")
        // A document that is null counts as empty and is skipped.
        guard (again.first?.root.json ?? .null) == value else {
          violated("\(value.serializedString()) was printed as \(printed.debugDescription)")
        }
      } catch {
        violated("what was printed is refused: \(error): \(printed.debugDescription)")
      }
    }
  }

  static let template = FuzzTarget(
    name: "template",
    property:
      "a template compiles or is refused, then renders or says what is absent, and no value "
      + "adds a reference"
  ) { input in
    // The template's text, a line end, the payload.
    let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
    guard let first = parts.first else { return }
    let text = String(decoding: first, as: UTF8.self)
    guard let hook = SampleHook.make(parameter: .string(text)) else { return }
    let payload = parts.count == 2 ? try? JSONDocument.parse(Array(parts[1])) : nil
    let usual = #"{"text": "$(x) $$(y)", "list": ["a", 1, null], "object": {"k": [[]]}}"#
    guard let body = (payload ?? (try? JSONDocument.parse(usual)))?.root else {
      violated("the usual payload does not parse")
    }
    var event = Event(kind: .push, provider: "github", providerEvent: "push")
    event.branch = body["branch"]?.stringValue ?? "main"
    event.message = body["message"]?.stringValue
    event.sender = body["sender"]?.stringValue
    SampleHook.checkRuns(
      of: hook, event, body: body,
      referencesAtMost: max(
        0, text.split(separator: "$(", omittingEmptySubsequences: false).count - 1))
  }
}
