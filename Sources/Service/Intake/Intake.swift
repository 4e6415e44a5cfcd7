// The way of a delivery, from the bytes of a request to the runs it makes (DESIGN §2). The order is
// fixed: nothing is parsed before the signature verifies.

import Bytes
import Crypto
import HTTPServer
import HTTPWire
import Hooks
import JSON
import Journal
import Logging
import Reactor

/// Takes deliveries and manual triggers.
///
/// The reply leaves once the delivery is on disk, or later for callers that want to wait.
struct Intake: Sendable {
  let deliveries: Deliveries
  let state: ServiceState
  let logger: Logger
  /// Where refusals go, which anyone on the network can cause.
  let refusals: ThrottledLogger
  let limiter: FailureLimiter
  let calls: CallLimiter
  let following: RunFollowing

  /// `POST /hooks/{namespace}/{hook}`
  ///
  /// - Parameter verification: what came of the check that was fed with the body.
  func deliver(
    _ request: HTTPRequest, to hook: ResolvedHook, _ verification: Verification
  ) -> HTTPAnswer {
    guard let source = hook.hook.source else { return .now(Refusal.noDeliveries) }
    let lookup: HeaderLookup = { request.head.fields.values(for: $0) }
    hook.metrics.count(verification)
    switch verification {
    case .refused(.missing) where source.profile.isUnsignedPing(lookup):
      logger.info(
        "ping, not signed", metadata: ["hook": "\(hook.hook.name)", "peer": "\(request.peer)"])
      hook.metrics.count(.ping)
      return .now(Reply.unsignedPing())
    case .refused(let reason):
      return refuse(
        hook.badSignature, request, hook, cause: reason.rawValue,
        looksLike: SourceKind.detected(in: lookup).flatMap { $0 == source.kind ? nil : $0 })
    case .verified, .certified: break
    }

    let body: JSONView
    do throws(MalformedPayload) {
      body = try source.payload(fields: lookup, body: request.body).root
    } catch {
      return refuse(
        Refusal.malformed(error.message), request, hook, cause: error.message)
    }
    switch source.delivery(fields: lookup, body: body) {
    case .malformed(let message):
      return refuse(Refusal.malformed(message), request, hook, cause: message)
    case .ping:
      hook.metrics.count(.ping)
      logger.info("ping", metadata: ["hook": "\(hook.hook.name)", "peer": "\(request.peer)"])
      return .now(Reply.ping())
    case .challenge(let text):
      hook.metrics.count(.challenge)
      logger.info("challenge", metadata: ["hook": "\(hook.hook.name)", "peer": "\(request.peer)"])
      return .now(Reply.json(.ok, ["challenge": .string(text)]))
    case .events(let events, let id):
      let inner = hook.hook
      let wanted: WaitPreference?
      switch Self.wait(request) {
      case .success(let preference): wanted = preference
      case .failure(let problem):
        return refuse(
          Refusal.malformed(problem.message), request, hook, cause: problem.message)
      }
      let journalID = DeliveryID()
      let view = Self.delivery(
        of: request, id: journalID, sourceID: id, body: body, inputs: nil)
      let incoming = IncomingDelivery(
        id: journalID, hook: inner.name, source: source.kind.rawValue, events: events,
        senderID: id, replayWindow: source.replayWindow, replayOf: nil,
        head: StoredHead(view, peer: "\(request.peer.host)", caller: nil), body: request.body,
        decide: { inner.decide(events, of: view.named(by: $0)) }
      ).asking(source.api).consideringApprovals(of: inner)
      let silence = events.first.map { inner.silence(about: $0) }
      return .later {
        await answer(
          incoming, of: hook, wanted, silence: silence, detail: inner.replies, request)
      }
    }
  }

  /// `POST /hooks/{namespace}/{hook}/{trigger}`
  func trigger(
    _ name: String, of hook: ResolvedHook, _ request: HTTPRequest
  ) -> HTTPAnswer {
    let lookup: HeaderLookup = { request.head.fields.values(for: $0) }
    let caller: String
    switch hook.callers.verify(
      fields: lookup, body: request.body, trigger: name, now: WallTime.now.secondsSince1970)
    {
    case .verified(let verified): caller = verified
    case .refused(let reason):
      return refuse(Refusal.badToken, request, hook, cause: reason.rawValue)
    case .forbidden(let known):
      return refuse(
        Refusal.forbiddenTrigger(caller: known, trigger: name), request, hook,
        cause: "caller \(known) may not start \(name)")
    }
    hook.metrics.count(caller: caller)
    if let rate = hook.hook.callers.first(where: { $0.name == caller })?.rate,
      let seconds = calls.take(rate, of: caller, at: hook.hook.name)
    {
      return refuse(
        Refusal.tooManyCalls(of: caller, rate, retryAfter: seconds), request, hook,
        cause: "caller \(caller) starts more than the rate allows")
    }
    // The configuration lists only triggers that exist; a caller allowed to start one finds it.
    guard let trigger = hook.hook.trigger(named: name), trigger.isManual else {
      return refuse(Refusal.notManual(name), request, hook, cause: "not manual: \(name)")
    }

    let body: JSONDocument?
    let inputs: JSONObject
    switch Self.inputs(request.body, of: trigger) {
    case .success(let accepted): (body, inputs) = accepted
    case .failure(.malformed(let message)):
      return refuse(Refusal.malformed(message), request, hook, cause: message)
    case .failure(.refused(let problems)):
      let paths = problems.prefix(Self.loggedProblems).map(\.path).joined(separator: ", ")
      return refuse(
        Refusal.inputs(problems), request, hook, cause: "wrong inputs: \(paths)")
    }
    let wanted: WaitPreference?
    switch Self.wait(request) {
    case .success(let preference): wanted = preference
    case .failure(let problem):
      return refuse(
        Refusal.malformed(problem.message), request, hook, cause: problem.message)
    }
    let key: String?
    do throws(IdempotencyKey.Problem) {
      // What is signed counts, and it names no trigger: under another key, or for another trigger, a
      // kept call could be sent again.
      let signed = hook.callers.signedID(lookup).map { "manual/\(caller)//\($0)" }
      let chosen = try IdempotencyKey.read(request.head.fields)
      key = signed ?? chosen?.senderID(caller: caller, trigger: name)
    } catch {
      return refuse(
        Refusal.malformed(error.message), request, hook, cause: error.message)
    }
    let id = DeliveryID()
    let view = Self.delivery(
      of: request, id: id, sourceID: key, body: (body ?? .emptyObject).root, inputs: inputs)
    let event = Event.manual(caller: caller)
    let incoming = IncomingDelivery(
      id: id, hook: hook.hook.name, source: Self.manualSource, events: [event], senderID: key,
      replayWindow: nil, onConflict: .refuse, replayOf: nil,
      head: StoredHead(view, peer: "\(request.peer.host)", caller: caller), body: request.body,
      decide: { [trigger.decision(event, at: 0, of: view.named(by: $0))] })
    return .later {
      await answer(
        incoming, of: hook, wanted, silence: nil, following: following, request)
    }
  }

  /// Journals, waits if somebody wants that, and answers.
  private func answer(
    _ delivery: IncomingDelivery, of hook: ResolvedHook, _ wanted: WaitPreference?,
    silence: String?, following: RunFollowing? = nil, detail: ReplyDetail = .full,
    _ request: HTTPRequest
  ) async -> HTTPResponse {
    do throws(JournalError) {
      guard let acceptance = try await deliveries.accept(delivery) else {
        return reported(
          Refusal.keyReused, request, hook, cause: "Idempotency-Key with another body")
      }
      hook.metrics.count(acceptance.outcome)
      log(acceptance, delivery, request)
      guard let wanted else {
        let isSilent = acceptance.delivery.decisions.isEmpty && acceptance.approvals.isEmpty
        return Reply.delivery(
          acceptance, message: isSilent ? silence : nil, following: following, detail: detail)
      }
      let wait = DeliveryWait(deliveries: deliveries, state: state, preference: wanted)
      let outcome = try await wait.outcome(of: acceptance.delivery)
      var response = Reply.delivery(
        acceptance, outcome: outcome, following: following, detail: detail)
      if wanted.isPreference {
        response.fields["Preference-Applied"] = "wait=\(wanted.limit.components.seconds)"
      }
      return response
    } catch {
      hook.metrics.count(.unjournaled)
      logger.error(
        "delivery not journaled",
        metadata: [
          "hook": "\(delivery.hook)", "peer": "\(request.peer)", "code": "\(error.code.rawValue)",
          "cause": "\(error)",
        ])
      return Reply.notJournaled(error)
    }
  }

  /// Wrong inputs that are named in the log; the reply has more.
  private static let loggedProblems = 8
  /// What the journal has as the source of manual calls.
  static let manualSource = "manual"
}

// MARK: - From requests to deliveries

extension Intake {
  /// The inputs of a manual call cannot be used.
  private enum InputFailure: Error {
    case malformed(String)
    case refused([InputProblem])
  }

  /// The body of a manual call, nil when there is none, and the inputs that it gives.
  private static func inputs(
    _ bytes: [UInt8], of trigger: Trigger
  ) -> Result<(body: JSONDocument?, inputs: JSONObject), InputFailure> {
    var body: JSONDocument?
    if !bytes.isEmpty {
      do throws(JSONError) {
        body = try JSONDocument.parse(bytes)
      } catch {
        return .failure(.malformed("the body is not JSON: \(error)"))
      }
    }
    switch ManualInputs.check(body?.root.materialised, against: trigger.inputs) {
    case .accepted(let inputs): return .success((body, inputs))
    case .refused(let problems): return .failure(.refused(problems))
    }
  }

  private static func delivery(
    of request: HTTPRequest, id: DeliveryID, sourceID: String?, body: JSONView,
    inputs: JSONObject?
  ) -> Delivery {
    Delivery(
      id: id.description, sourceID: sourceID, body: body,
      header: request.head.fields.map { (name: $0.name, value: $0.valueString) },
      query: QueryString.parameters(request.head.query ?? ""), inputs: inputs)
  }

  private static func wait(
    _ request: HTTPRequest
  ) -> Result<WaitPreference?, WaitPreference.Problem> {
    WaitPreference.read(
      query: QueryString.parameters(request.head.query ?? ""), fields: request.head.fields)
  }
}

// MARK: - What operators see

extension Intake {
  /// - Parameter sender: whose delivery it looks like; only asked when it is logged.
  private func refuse(
    _ refusal: HTTPResponse, _ request: HTTPRequest, _ hook: ResolvedHook, cause: String,
    looksLike sender: @autoclosure () -> SourceKind? = nil
  ) -> HTTPAnswer {
    .now(reported(refusal, request, hook, cause: cause, looksLike: sender()))
  }

  /// Counts and logs a refusal; gives what is answered instead of it, perhaps.
  private func reported(
    _ refusal: HTTPResponse, _ request: HTTPRequest, _ hook: ResolvedHook, cause: String,
    looksLike sender: @autoclosure () -> SourceKind? = nil
  ) -> HTTPResponse {
    // Every other refusal here is of somebody we know.
    let response =
      refusal.status == .unauthorized ? limiter.answer(refusal, to: request.peer.host) : refusal
    // Of somebody unknown the cause is one of our words; otherwise it may hold theirs.
    hook.metrics.countRefusal(
      refusal.status == .unauthorized ? cause : RefusalCause.word(refusal.status))
    refusals.warning(
      "refused",
      metadata: Self.metadata(
        hook, request, status: response.status, cause: cause, looksLike: sender()))
    return response
  }

  private static func metadata(
    _ hook: ResolvedHook, _ request: HTTPRequest, status: HTTPStatus, cause: String,
    looksLike sender: SourceKind?
  ) -> Logger.Metadata {
    var metadata: Logger.Metadata = [
      "hook": "\(hook.hook.name)", "peer": "\(request.peer)", "status": "\(status.rawValue)",
      "cause": "\(cause)",
    ]
    if let sender { metadata["looks-like"] = "\(sender.rawValue)" }
    return metadata
  }

  private func log(
    _ acceptance: Acceptance, _ delivery: IncomingDelivery, _ request: HTTPRequest
  ) {
    let stored = acceptance.delivery
    for decision in stored.decisions where acceptance.novelty == .new {
      guard case .fail(let message) = decision.verdict else { continue }
      logger.error(
        "run not rendered",
        metadata: [
          "hook": "\(delivery.hook)", "delivery": "\(stored.id)", "trigger": "\(decision.trigger)",
          "cause": "\(message)",
        ])
    }
    var metadata: Logger.Metadata = [
      "hook": "\(delivery.hook)", "delivery": "\(stored.id)", "event": "\(delivery.kind)",
      "peer": "\(request.peer)", "status": "\(Reply.status(of: acceptance, nil).rawValue)",
      "decisions": "\(stored.decisions.map(\.summary).joined(separator: " "))",
    ]
    if !acceptance.approvals.isEmpty {
      metadata["approval"] = "\(acceptance.approvals.map(\.summary).joined(separator: " "))"
    }
    if let id = delivery.senderID { metadata["source-delivery"] = "\(id)" }
    switch acceptance.novelty {
    case .new:
      if stored.isConflicting { metadata["conflict"] = "the sender's id was used before" }
    case .known: metadata["duplicate"] = "known"
    case .retried: metadata["duplicate"] = "retried"
    }
    logger.info("delivery", metadata: metadata)
  }
}

extension Acceptance {
  fileprivate var outcome: DeliveryOutcome {
    switch novelty {
    case .known: return .duplicate
    case .retried: return .retried
    case .new:
      if delivery.decisions.contains(where: \.isFailure) { return .failed }
      return delivery.decisions.contains { !$0.runs.isEmpty } ? .accepted : .ignored
    }
  }
}

extension StoredDecision {
  /// `build=ci/build-x7`, `docs=skip:branch`
  var summary: String {
    switch verdict {
    case .run: "\(trigger)=\(runs.map { "\($0.reference)" }.joined(separator: ","))"
    case .skip(let reason, _): "\(trigger)=skip:\(reason)"
    case .fail: "\(trigger)=fail"
    case .defer: "\(trigger)=deferred"
    case .held: "\(trigger)=held:\(runs.map { "\($0.reference)" }.joined(separator: ","))"
    }
  }
}
