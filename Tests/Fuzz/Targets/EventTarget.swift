// Deliveries of a sender who is verified, and hostile all the same.

import CFuzzer
import Hooks
import JSON

extension FuzzTarget {
  static let event = FuzzTarget(
    name: "event",
    property: "a payload is read or refused, and its runs have legal names and no live reference"
  ) { input in
    // The event's name, a line end, the payload.
    let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
    guard parts.count == 2, let body = try? JSONDocument.parse(Array(parts[1])).root,
      let hook = SampleHook.whole, let source = hook.source
    else { return }
    let name = String(decoding: parts[0], as: UTF8.self)
    let header = ["x-github-event": [name], "x-github-delivery": ["1"]]
    switch source.delivery(fields: { header[$0.lowercased()] ?? [] }, body: body) {
    case .ping, .challenge, .malformed: return
    case .events(let events, let id):
      guard id == "1", !events.isEmpty else { violated("a delivery without events") }
      for event in events {
        SampleHook.checkRuns(of: hook, event, body: body, referencesAtMost: 0)
      }
    }
  }
}

/// A hook whose template shows every kind of value, and what must hold for its runs.
enum SampleHook {
  /// Shows what a payload and its event hold.
  ///
  /// It lives as long as the process, which the leak sanitizer cannot see: Swift keeps an enum's
  /// case in the unused bits of a pointer, and such a pointer is none to the sanitizer.
  static let whole = {
    __lsan_disable()
    defer { __lsan_enable() }
    return make(parameter: "$(event.title ?? \"\")-$(body.ref ?? \"\")")
  }()

  /// The hook with a text in the template.
  static func make(parameter: JSONValue) -> Hook? {
    let text = """
      apiVersion: hookline.dev/v1alpha1
      kind: Hook
      metadata: { name: app, namespace: ci }
      spec:
        source: { type: github, secrets: [{ env: SECRET }] }
        triggers:
        - name: all
          "on": [push, tag, pull_request]
          run:
            apiVersion: tekton.dev/v1
            kind: PipelineRun
            metadata:
              generateName: "a-$(event.branch ?? \\"b\\")-"
              labels: { l: "$(event.branch ?? \\"\\")" }
            spec:
              params:
              - { name: text, value: \(parameter.serializedString()) }
              - { name: ref, value: "$(event.ref ?? \\"\\")" }
              - { name: body, value: "$(body)" }
              - { name: message, value: "m $(event.message ?? \\"\\")$(event.sender ?? \\"\\")" }
      """
    let (set, _) = HookSet.compile(files: [("hook.yaml", text)])
    return set.hook(namespace: "ci", name: "app")
  }

  /// Decides, and looks at the runs that come of it. They may hold so many references that Tekton
  /// would resolve: those that the template's author wrote.
  static func checkRuns(
    of hook: Hook, _ event: Event, body: JSONView, referencesAtMost limit: Int
  ) {
    let delivery = Delivery(id: "d", sourceID: "1", body: body)
    for decision in hook.explain(event, at: 0, of: delivery) {
      guard case .run(let runs) = decision.decision else { continue }
      for run in runs {
        guard isDNSLabel(run.name) else { violated("the name \(run.name)") }
        guard let again = try? JSONValue.parse(run.object.serialized()), again == run.object else {
          violated("a run that no API server could read")
        }
        guard let spec = run.object["spec"], referenceCount(in: spec) <= limit else {
          violated("more than \(limit) references in \(run.object.serializedString())")
        }
      }
    }
  }

  /// RFC 1123, and at most 63 characters.
  private static func isDNSLabel(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    let isLowerOrDigit: (UInt8) -> Bool = { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 }
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
    return isLowerOrDigit(first) && isLowerOrDigit(last)
      && bytes.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
  }

  /// How many `$(` there are that Tekton does not take for text, as it does `$$(`.
  private static func referenceCount(in value: JSONValue) -> Int {
    switch value {
    case .string(let text):
      let bytes = Array(text.utf8)
      return bytes.indices.dropFirst().count { index in
        bytes[index] == UInt8(ascii: "(") && bytes[index - 1] == UInt8(ascii: "$")
          && (index < 2 || bytes[index - 2] != UInt8(ascii: "$"))
      }
    case .array(let items): return items.reduce(0) { $0 + referenceCount(in: $1) }
    case .object(let members):
      return members.reduce(0) { sum, member in
        sum + referenceCount(in: .string(member.key)) + referenceCount(in: member.value)
      }
    case .null, .bool, .number: return 0
    }
  }
}
