// Explanations for people.

import Hooks
import JSON

/// The lines of an explanation.
enum ExplanationText {
  static func lines(_ explanation: HookExplanation) -> [String] {
    let heading = "hook \(explanation.hook)"
    switch explanation.outcome {
    case .nothing(let message): return [heading, "  \(message)"]
    case .refused(let message): return [heading, "  refused: \(excerpt(message, limit: 500))"]
    case .events(let parts): return [heading] + parts.flatMap(lines)
    }
  }

  private static func lines(_ part: HookExplanation.Part) -> [String] {
    let width = part.triggers.map(\.name.count).max() ?? 0
    return ["  \(summary(part.event))"]
      + part.triggers.flatMap { trigger -> [String] in
        let name = trigger.name + String(repeating: " ", count: width - trigger.name.count)
        let margin = String(repeating: " ", count: width + 2)
        let (first, others) = lines(trigger.explanation)
        return ["    \(name)  \(first)"] + others.map { "    \(margin)      \($0)" }
      }
  }

  private static func lines(
    _ explanation: TriggerExplanation
  ) -> (first: String, others: [String]) {
    var others: [String] = []
    let first: String
    switch explanation.decision {
    case .run(let runs): first = "run   \(names(runs))"
    case .skip(let reason, let message): first = "skip  \(reason.rawValue): \(message)"
    case .fail(let message): first = "fail  \(excerpt(message, limit: 500))"
    case .deferred(let deferral): first = "defer \(deferral.message)"
    case .held(let runs, let hold):
      first = "hold  \(hold.message)"
      others.append(names(runs))
    }
    if let note = explanation.note { others.append("note: \(note)") }
    others += values("inputs", explanation.inputs) + values("vars", explanation.variables)
    return (first, others)
  }

  /// `PipelineRun ci/build-x7k2`
  private static func names(_ runs: [RenderedRun]) -> String {
    runs.map { "\($0.kind) \($0.namespace)/\($0.name)" }.joined(separator: ", ")
  }

  /// `vars.image_tag: "1234567"`
  private static func values(_ root: String, _ object: JSONObject) -> [String] {
    object.map { "\(root).\($0.key): \(excerpt($0.value.serializedString()))" }
  }

  /// `push of acme/app, branch main, revision 1234567890ab, by octocat, 3 files`
  private static func summary(_ event: Event) -> String {
    var words = [event.kind.rawValue]
    if let action = event.action { words.append(excerpt(action)) }
    if let request = event.pullRequest { words.append("\(request.number)") }
    if let repository = event.repository { words.append("of \(excerpt(repository))") }
    var facts = [words.joined(separator: " ")]
    if let branch = event.branch { facts.append("branch \(excerpt(branch))") }
    if let tag = event.tag { facts.append("tag \(excerpt(tag))") }
    if let revision = event.revision { facts.append("revision \(revision.prefix(12))") }
    if let sender = event.sender { facts.append("by \(excerpt(sender))") }
    if let files = event.files {
      let count = files.all.count == 1 ? "1 file" : "\(files.all.count) files"
      facts.append(files.isTruncated ? "at least \(count)" : count)
    }
    return facts.joined(separator: ", ")
  }
}
