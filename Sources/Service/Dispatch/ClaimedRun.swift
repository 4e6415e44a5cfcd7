// A run that the dispatcher has, and one attempt at creating it.

import Hooks
import JSON
import Journal
import Kubernetes
import Logging
import Reactor

/// A run that was claimed from the journal.
struct ClaimedRun: Sendable {
  /// The object to create.
  enum Object: Sendable {
    /// As it was rendered, for a run that was journaled just now.
    case value(JSONValue)
    /// As the journal keeps it.
    case text([UInt8])
  }

  let id: RunID
  let delivery: String
  let hook: String
  let trigger: String
  let lane: String
  let namespace: String
  let name: String
  let object: Object
  /// Attempts that failed before.
  let attemptCount: Int
  /// Attempts right before this that ended with the process.
  let interruptionCount: Int
  /// When trying began.
  let since: MonotonicInstant
  /// Nobody has tried it before, in this process or another one.
  let isFresh: Bool
  let task: RunTask
  private let byteCount: Int

  /// A run that was journaled just now.
  init(
    _ run: RenderedRun, _ id: RunID, of delivery: DeliveryID, byteCount: Int,
    now: MonotonicInstant
  ) {
    self.id = id
    self.delivery = delivery.description
    hook = run.hook.description
    trigger = run.trigger
    lane = Self.lane(of: run)
    namespace = run.namespace
    name = run.name
    object = .value(run.object)
    attemptCount = 0
    interruptionCount = 0
    since = now
    isFresh = true
    self.byteCount = byteCount
    task = .create
  }

  /// A run that the journal gave out. It may have been tried before, and nobody noted what became of
  /// that.
  init(_ run: DueRun, now: MonotonicInstant) {
    id = run.id
    delivery = run.delivery.description
    hook = run.hook
    trigger = run.trigger
    lane = run.lane
    namespace = run.namespace
    name = run.name
    object = .text(run.object)
    attemptCount = run.attemptCount
    interruptionCount = run.interruptionCount
    since = now.advanced(by: .zero - run.age)
    isFresh = false
    byteCount = run.object.count
    task = run.task
  }

  /// A run that was created once, to be created again if it is not there any more.
  init(_ run: StoredRun, object: [UInt8]) {
    id = run.id
    delivery = ""
    hook = ""
    trigger = run.trigger
    lane = run.namespace
    namespace = run.namespace
    name = run.name
    self.object = .text(object)
    attemptCount = 0
    interruptionCount = 0
    since = .distantPast
    isFresh = false
    byteCount = object.count
    task = run.task
  }

  var ticket: Dispatcher.Schedule.Ticket {
    Dispatcher.Schedule.Ticket(lane: lane, run: self, byteCount: byteCount)
  }

  /// Which runs are held up together: those of a namespace, since there is one target.
  static func lane(of run: RenderedRun) -> String { run.namespace }

  /// For how long it has been tried.
  func age(at now: MonotonicInstant) -> Duration { since.duration(to: now) }

  var metadata: Logger.Metadata {
    [
      "hook": "\(hook)", "delivery": "\(delivery)", "trigger": "\(trigger)",
      "run": task == .decide ? "deferred" : "\(namespace)/\(name)",
    ]
  }

  /// Makes one attempt.
  func create(at target: any RunTarget) async -> RunAttempt.Ending {
    let object: JSONValue
    do throws(JSONError) {
      switch self.object {
      case .value(let value): object = value
      case .text(let bytes): object = try JSONValue.parse(bytes)
      }
    } catch {
      return .refused(
        RunFailure(reason: "Unreadable", message: "the journaled object is not JSON: \(error)"))
    }
    let identity = RunIdentity(object: object, namespace: namespace, name: name)
    var attempt = RunAttempt(identity, isUncertain: !isFresh)
    var step = attempt.begin
    while true {
      switch step {
      case .create:
        do throws(KubernetesError) {
          step = attempt.created(try await target.create(object, namespace: namespace))
        } catch {
          step = attempt.failed(error)
        }
      case .look:
        do throws(KubernetesError) {
          step = attempt.found(
            try await target.get(
              apiVersion: identity.apiVersion, kind: identity.kind, namespace: namespace,
              name: name))
        } catch {
          step = attempt.notFound(error)
        }
      case .end(let ending): return ending
      }
    }
  }
}
