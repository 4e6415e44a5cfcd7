// Decisions that need the complete list of changed files, taken after the reply.

package import Hooks
import JSON
package import Journal
import Kubernetes
import Reactor

/// Takes deferred decisions: reads the delivery again as it came, asks the host for the changed files,
/// and lets the trigger decide about the same event with that list.
///
/// The hook is today's: one that is not configured any more decides nothing.
package struct DeferredDecisions: Sendable {
  /// What came of it.
  enum Ending: Sendable {
    case decision(NewDecision)
    /// Not now.
    case again(KubernetesError.RetryAdvice, RunFailure)
    /// Never.
    case refused(RunFailure)
  }

  let journal: Journal
  let hooks: HookSet
  let provider: ProviderClient

  package init(journal: Journal, hooks: HookSet, provider: ProviderClient) {
    self.journal = journal
    self.hooks = hooks
    self.provider = provider
  }

  /// Tries once.
  ///
  /// - Parameters:
  ///   - delivery: as the journal has it.
  ///   - trigger: whose decision it is.
  ///   - payload: what ``Deferral/encoded`` made.
  func decide(
    _ delivery: DeliveryID, trigger name: String, payload: [UInt8]
  ) async -> Ending {
    let whole: WholeDelivery
    do throws(JournalError) {
      guard let found = try await journal.delivery(delivery) else {
        return .refused(Self.failure("the delivery is not in the journal any more"))
      }
      whole = found
    } catch {
      return .again(.backoff, Self.failure("the journal cannot be read: \(error)"))
    }
    let subject: Subject
    do throws(Obstacle) {
      subject = try read(whole, trigger: name, payload: payload)
    } catch {
      return .refused(Self.failure(error.message))
    }
    return await decide(subject)
  }

  /// Everything that a deferred decision is about.
  private struct Subject {
    let source: Source
    let api: ProviderAPI
    let trigger: Trigger
    let event: Event
    let index: Int
    let delivery: Delivery
  }

  /// Why it cannot be decided at all.
  private struct Obstacle: Error {
    let message: String
  }

  private func read(
    _ whole: WholeDelivery, trigger name: String, payload: [UInt8]
  ) throws(Obstacle) -> Subject {
    let stored = whole.summary
    guard let hook = HookName(stored.hook).flatMap({ hooks.hooks[$0] }) else {
      throw Obstacle(message: "the hook \(stored.hook) is not configured any more")
    }
    guard let trigger = hook.trigger(named: name) else {
      throw Obstacle(message: "the hook has no trigger \(name) any more")
    }
    guard let source = hook.source, let api = source.api else {
      throw Obstacle(message: "the hook has no spec.source.api any more")
    }
    guard let deferral = StoredDeferral(payload), let head = StoredHead(whole.head) else {
      throw Obstacle(message: "it was written by another version")
    }
    let body: JSONView
    do throws(MalformedPayload) {
      body = try source.payload(fields: head.lookup, body: whole.body).root
    } catch {
      throw Obstacle(message: error.message)
    }
    guard case .events(let events, _) = source.delivery(fields: head.lookup, body: body),
      events.indices.contains(deferral.index)
    else { throw Obstacle(message: "the hook's source does not understand the delivery any more") }
    let delivery = head.delivery(
      id: stored.id.description, sourceID: stored.senderID, key: deferral.key, body: body,
      inputs: nil)
    return Subject(
      source: source, api: api, trigger: trigger, event: events[deferral.index],
      index: deferral.index, delivery: delivery)
  }

  private func decide(_ subject: Subject) async -> Ending {
    var event = subject.event
    var note: String?
    do throws(FilesQuestion.Obstacle) {
      let question = try FilesQuestion(event)
      switch await provider.files(question, of: subject.source.kind, at: subject.api) {
      case .again(let advice, let failure): return .again(advice, failure)
      case .refused(let failure): return .refused(failure)
      case .files(let files):
        event.files = files
        if files.isTruncated {
          note =
            "\(subject.api.address) does not list all changed files: decided with those it lists"
        }
      }
    } catch {
      note = "\(error): decided without the list of changed files"
    }
    let decision = subject.trigger.decision(
      event, at: subject.index, of: subject.delivery, phase: .afterReply)
    return .decision(NewDecision(decision, fetchLane: "", note: note))
  }

  private static func failure(_ message: String) -> RunFailure {
    RunFailure(reason: "Undecidable", message: message)
  }
}

/// What the journal keeps of a deferral beside the delivery.
struct StoredDeferral: Equatable {
  let index: Int
  let key: String

  init(_ deferral: Deferral) {
    index = deferral.index
    key = deferral.deliveryKey
  }

  /// Reads what ``encoded`` wrote; nil for anything else.
  init?(_ bytes: [UInt8]) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.parse(bytes) } catch { return nil }
    guard let index = value["index"]?.intValue, let key = value["key"]?.stringValue else {
      return nil
    }
    self.index = index
    self.key = key
  }

  var encoded: [UInt8] {
    let value: JSONValue = ["index": .int(index), "key": .string(key)]
    return value.serialized()
  }
}
