import ArgumentParser
import Hooks
import JSON
import Reactor
import YAML

/// `hookline render`
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Prints the runs that a payload would create, without a cluster.",
    discussion: """
      The runs go to standard output as YAML documents, the triggers that make none, with the \
      reason, to standard error. Exit code 1 if a trigger fails.
      """)

  @OptionGroup var configurationFiles: ConfigurationOptions

  @Option(help: ArgumentHelp("The hook.", valueName: "namespace/name"))
  var hook: String

  @Option(
    help: "The event as the sender names it, such as push or pull_request; or manual or schedule.")
  var event: String

  @Option(
    help: ArgumentHelp(
      "The payload; for a manual trigger its body, such as {\"inputs\": {…}}.",
      valueName: "file"))
  var payload: String?

  @Option(help: "The trigger that is started, with --event manual or schedule.")
  var trigger: String?

  @Option(help: "The delivery's id, from which the names of runs are derived.")
  var delivery = "example"

  func run() throws {
    let hook = try configurationFiles.load().find(self.hook)
    let decisions =
      switch event {
      case EventKind.manual.rawValue: try manual(hook)
      case EventKind.schedule.rawValue: try scheduled(hook)
      default: try delivered(hook)
      }
    var failed = false
    for decision in decisions {
      switch decision.decision {
      case .run(let runs):
        for run in runs { print("---\n\(run.object.yaml())", terminator: "") }
      case .skip(let reason, let message):
        StandardError.print("\(decision.trigger): skip: \(reason.rawValue): \(message)")
      case .fail(let message):
        StandardError.print("\(decision.trigger): fail: \(message)")
        failed = true
      case .deferred(let deferral):
        StandardError.print("\(decision.trigger): deferred: \(deferral.message)")
      case .held(let runs, let hold):
        StandardError.print("\(decision.trigger): held: \(hold.message)")
        for run in runs { print("---\n\(run.object.yaml())", terminator: "") }
      }
    }
    if failed { throw ExitCode(CommandFailure.failureExitCode) }
  }

  private func delivered(_ hook: Hook) throws -> [TriggerDecision] {
    guard let source = hook.source else {
      throw CommandFailure.usage("hook \(hook.name) takes no deliveries, only manual triggers")
    }
    guard let payload else { throw CommandFailure.usage("--payload is missing") }
    let body = try read(payload).root
    let headers = source.profile.fields(event: event, delivery: delivery)
    switch source.delivery(fields: headerLookup(headers), body: body) {
    case .ping, .challenge: throw CommandFailure.failed("a ping makes no runs")
    case .malformed(let message): throw CommandFailure.failed("\(payload): \(message)")
    case .events(let events, let id):
      let delivery = Delivery(
        id: self.delivery, sourceID: id, body: body, header: headers)
      return events.enumerated().flatMap { index, event in
        hook.explain(event, at: index, of: delivery)
      }
    }
  }

  private func manual(_ hook: Hook) throws -> [TriggerDecision] {
    guard let name = trigger else { throw CommandFailure.usage("--trigger is missing") }
    guard let trigger = hook.trigger(named: name), trigger.isManual else {
      let names = hook.triggers.filter(\.isManual).map(\.name).joined(separator: ", ")
      throw CommandFailure.usage("no trigger \(name) can be started by hand; there are [\(names)]")
    }
    let body = try payload.map(read)
    switch ManualInputs.check(body?.root.materialised, against: trigger.inputs) {
    case .refused(let problems):
      throw CommandFailure.failed(problems.map(\.description).joined(separator: "\n"))
    case .accepted(let inputs):
      let delivery = Delivery(
        id: delivery, sourceID: delivery, body: (body ?? .emptyObject).root, inputs: inputs)
      let decision = trigger.decide(.manual(caller: "render"), at: 0, of: delivery)
      return [TriggerDecision(trigger: name, decision: decision)]
    }
  }

  /// What becomes of the next due time.
  private func scheduled(_ hook: Hook) throws -> [TriggerDecision] {
    guard let name = trigger else { throw CommandFailure.usage("--trigger is missing") }
    guard let trigger = hook.trigger(named: name),
      let time = NextDueTimes(trigger, of: hook)?.times.first
    else {
      let names = hook.triggers.filter { $0.schedule != nil }.map(\.name).joined(separator: ", ")
      throw CommandFailure.usage(
        "no trigger \(name) has a schedule; those that have are [\(names)]")
    }
    let due = DueDelivery(trigger, at: time, id: delivery)
    return [trigger.decision(due.event, at: 0, of: due.delivery)]
  }

  private func read(_ path: String) throws -> JSONDocument {
    do {
      return try JSONDocument.parse(LocalFile.read(path))
    } catch let error as JSONError {
      throw CommandFailure.failed("\(path): not JSON: \(error)")
    } catch {
      throw CommandFailure.failed("\(error)")
    }
  }
}
