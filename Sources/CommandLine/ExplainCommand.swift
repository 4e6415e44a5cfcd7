import ArgumentParser
import Bytes
import Hooks
import JSON
import Reactor

/// `hookline explain`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says what each trigger would do about a payload, and why, without a cluster.",
    discussion: """
      Every trigger is asked, those included that do not listen to such events. No secret is needed \
      and nothing is verified. With --event schedule it is about the next due time of a trigger, and \
      the ones after it are printed, too. Exit code 1 if a hook would refuse the payload or a trigger fails.
      """)

  @OptionGroup var configurationFiles: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "The payload; for a manual trigger its body, such as {\"inputs\": {…}}.",
      valueName: "file"))
  var payload: String?

  @Option(
    help: ArgumentHelp(
      "A header field of the delivery; may be repeated.", valueName: "Name: value"))
  var header: [String] = []

  @Option(
    help:
      "The event as the sender names it, such as push, instead of its header field; or manual or schedule."
  )
  var event: String?

  @Option(
    help: ArgumentHelp(
      "The hook; all that take deliveries, if it is not given.", valueName: "namespace/name"))
  var hook: String?

  @Option(help: "Only hooks with this type of source, such as github.")
  var provider: String?

  @Option(help: "The trigger that is started, with --event manual or schedule.")
  var trigger: String?

  @Option(help: "The delivery's id, from which the names of runs are derived.")
  var delivery = "example"

  @Option(help: "text, or json for one object.")
  var output: OutputFormat = .text

  func run() throws {
    let hooks = try wantedHooks(configurationFiles.load())
    let isScheduled = event == EventKind.schedule.rawValue
    guard payload != nil || isScheduled else { throw CommandFailure.usage("--payload is missing") }
    var body: [UInt8] = []
    if let payload {
      do { body = try LocalFile.read(payload) } catch { throw CommandFailure.failed("\(error)") }
    }
    let fields = try HeaderFields.parse(header)
    let explanations = try hooks.map { try explanation($0, fields, body) }
    switch output {
    case .json:
      let report: JSONValue = ["hooks": .array(explanations.map(\.json))]
      print(report.serializedString(.pretty(indent: 2)))
    case .text:
      print(
        explanations.map(ExplanationText.lines).map { $0.joined(separator: "\n") }
          .joined(separator: "\n\n"))
    }
    if isScheduled, output == .text {
      let named = hooks.flatMap { hook in
        hook.triggers.filter { $0.name == trigger }.compactMap { NextDueTimes($0, of: hook) }
      }
      print(named.map(\.text).joined(separator: "\n"))
    }
    if explanations.contains(where: \.isFailure) {
      throw ExitCode(CommandFailure.failureExitCode)
    }
  }

  private func explanation(
    _ hook: Hook, _ fields: [(name: String, value: String)], _ body: [UInt8]
  ) throws -> HookExplanation {
    if event == EventKind.manual.rawValue {
      guard let trigger else { throw CommandFailure.usage("--trigger is missing") }
      return hook.explanation(ofCall: trigger, body: body, id: delivery)
    }
    if event == EventKind.schedule.rawValue {
      guard let trigger else { throw CommandFailure.usage("--trigger is missing") }
      let times = hook.trigger(named: trigger).flatMap { NextDueTimes($0, of: hook) }?.times
      return hook.explanation(ofSchedule: trigger, at: times?.first ?? 0, id: delivery)
    }
    var header = fields
    if let event, let profile = hook.source?.profile {
      header = profile.completing(fields, event: event, delivery: delivery)
    }
    return hook.explanation(header: header, body: body, id: delivery)
  }

  private func wantedHooks(_ set: HookSet) throws -> [Hook] {
    if let hook { return [try set.find(hook)] }
    let isNamed = [EventKind.manual, .schedule].map(\.rawValue).contains(event)
    let hooks = set.hooks.values.sorted { $0.name.description < $1.name.description }
      .filter { hook in
        if isNamed { return trigger.map { hook.trigger(named: $0) != nil } ?? true }
        guard let source = hook.source else { return false }
        return provider.map { $0 == source.kind.rawValue } ?? true
      }
    guard !hooks.isEmpty else {
      let kinds = Set(set.hooks.values.compactMap { $0.source?.kind.rawValue }).sorted()
      throw CommandFailure.usage(
        "no hook takes this; there are sources of [\(kinds.joined(separator: ", "))]")
    }
    return hooks
  }
}

extension HookSet {
  /// The hook of a name from the command line.
  ///
  /// - Throws: ``CommandFailure`` with the names that there are.
  func find(_ text: String) throws -> Hook {
    guard let name = HookName(text) else {
      throw CommandFailure.usage("--hook \(text): expected namespace/name")
    }
    guard let hook = hooks[name] else {
      let names = hooks.keys.map(\.description).sorted().joined(separator: ", ")
      throw CommandFailure.usage("there is no hook \(text); the configuration has \(names)")
    }
    return hook
  }
}

extension HookExplanation {
  /// Whether the hook would refuse the delivery or a trigger fails.
  fileprivate var isFailure: Bool {
    switch outcome {
    case .nothing: false
    case .refused: true
    case .events(let parts):
      parts.flatMap(\.triggers).contains {
        if case .fail = $0.explanation.decision { true } else { false }
      }
    }
  }
}
