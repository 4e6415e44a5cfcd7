// The way of a delivery, from the bytes of a request to the runs it makes (DESIGN §2). The order is
// fixed: nothing is parsed before the signature verifies.

import Bytes
import Crypto
import HTTPServer
import HTTPWire
import Hooks
import JSON
import Logging
import Reactor

/// Takes deliveries and manual triggers.
///
/// In this version the reply waits until every run was created or refused.
struct Intake: Sendable {
  let creation: RunCreation
  let logger: Logger
  /// Where refusals go, which anyone on the network can cause.
  let refusals: Logger
  let limiter: FailureLimiter

  /// `POST /hooks/{namespace}/{hook}`
  func deliver(_ request: HTTPRequest, to hook: ResolvedHook) async -> HTTPResponse {
    guard let source = hook.hook.source, let authentication = hook.authentication else {
      return Refusal.noDeliveries
    }
    let lookup: HeaderLookup = { request.head.fields.values(for: $0) }
    let now = WallTime.now.secondsSince1970
    switch authentication.verify(fields: lookup, body: request.body, now: now) {
    case .refused(let reason):
      return refuse(Refusal.badSignature, request, hook.hook.name, cause: reason.rawValue)
    case .verified: break
    }

    let body: JSONValue
    do throws(JSONError) {
      body = try JSONValue.parse(request.body)
    } catch {
      let response = Refusal.malformed("the payload is not JSON: \(error)")
      return refuse(response, request, hook.hook.name, cause: "not JSON: \(error)")
    }
    switch source.delivery(fields: lookup, body: body) {
    case .malformed(let message):
      return refuse(Refusal.malformed(message), request, hook.hook.name, cause: message)
    case .ping:
      logger.info("ping", metadata: ["hook": "\(hook.hook.name)", "peer": "\(request.peer)"])
      return Reply.ping()
    case .events(let events, let id):
      let delivery = Self.delivery(of: request, sourceID: id, body: body, inputs: nil)
      return await answer(events, of: delivery, hook.hook, request)
    }
  }

  /// `POST /hooks/{namespace}/{hook}/{trigger}`
  func trigger(
    _ name: String, of hook: ResolvedHook, _ request: HTTPRequest
  ) async -> HTTPResponse {
    let caller: String
    switch hook.hook.authenticate(
      authorization: request.head.fields.values(for: "Authorization"), trigger: name,
      secrets: hook.callerSecrets)
    {
    case .verified(let verified): caller = verified
    case .refused(let reason):
      return refuse(Refusal.badToken, request, hook.hook.name, cause: reason.rawValue)
    case .forbidden(let known):
      return refuse(
        Refusal.forbiddenTrigger(caller: known, trigger: name), request, hook.hook.name,
        cause: "caller \(known) may not start \(name)")
    }
    // The configuration lists only triggers that exist; a caller allowed to start one finds it.
    guard let trigger = hook.hook.trigger(named: name), trigger.isManual else {
      return refuse(Refusal.notManual(name), request, hook.hook.name, cause: "not manual: \(name)")
    }

    let body: JSONValue?
    let inputs: JSONObject
    switch Self.inputs(request.body, of: trigger) {
    case .success(let accepted): (body, inputs) = accepted
    case .failure(let problem):
      return refuse(
        Refusal.malformed(problem.message), request, hook.hook.name, cause: problem.message)
    }
    let key = request.head.fields["Idempotency-Key"].map { "manual/\(caller)/\($0)" }
    let delivery = Self.delivery(
      of: request, sourceID: key, body: body ?? .object([:]), inputs: inputs)
    let event = Event.manual(caller: caller)
    let decision = TriggerDecision(
      trigger: name, decision: trigger.decide(event, at: 0, of: delivery))
    let reports = await carryOut([decision])
    log(reports, delivery, hook.hook.name, event: "manual", request)
    return Reply.delivery(id: delivery.id, reports)
  }

  private func answer(
    _ events: [Event], of delivery: Delivery, _ hook: Hook, _ request: HTTPRequest
  ) async -> HTTPResponse {
    let decisions = events.enumerated().flatMap { index, event in
      hook.decide(event, at: index, of: delivery)
    }
    let reports = await carryOut(decisions)
    let kinds = events.map(\.kind.rawValue).joined(separator: ",")
    log(reports, delivery, hook.name, event: kinds, request)
    let silence = reports.isEmpty ? events.first.map { hook.silence(about: $0) } : nil
    return Reply.delivery(id: delivery.id, reports, message: silence)
  }

  /// Creates what was decided, one run after the other.
  private func carryOut(_ decisions: [TriggerDecision]) async -> [TriggerReport] {
    var reports: [TriggerReport] = []
    for decision in decisions {
      switch decision.decision {
      case .skip(let reason, let message):
        reports.append(
          TriggerReport(
            trigger: decision.trigger, verdict: .skip(reason: reason.rawValue, message: message)))
      case .fail(let message):
        reports.append(
          TriggerReport(trigger: decision.trigger, verdict: .unrenderable(message: message)))
      case .run(let runs):
        for run in runs {
          let verdict = Self.verdict(await creation.create(run), on: run)
          reports.append(TriggerReport(trigger: decision.trigger, verdict: verdict))
        }
      }
    }
    return reports
  }

  private static func verdict(_ outcome: RunOutcome, on run: RenderedRun) -> TriggerReport.Verdict {
    let reference = RunReference(namespace: run.namespace, name: run.name)
    return switch outcome {
    case .created: .run(reference)
    case .existed: .existed(reference)
    case .failed(let failure): .notCreated(reference, failure)
    }
  }
}

// MARK: - From requests to deliveries

extension Intake {
  /// The inputs of a manual call cannot be used.
  private struct InputFailure: Error {
    let message: String
  }

  /// The body of a manual call, nil when there is none, and the inputs that it gives.
  private static func inputs(
    _ bytes: [UInt8], of trigger: Trigger
  ) -> Result<(body: JSONValue?, inputs: JSONObject), InputFailure> {
    var body: JSONValue?
    if !bytes.isEmpty {
      do throws(JSONError) {
        body = try JSONValue.parse(bytes)
      } catch {
        return .failure(InputFailure(message: "the body is not JSON: \(error)"))
      }
    }
    switch ManualInputs.check(body, against: trigger.inputs) {
    case .accepted(let inputs): return .success((body, inputs))
    case .refused(let problems):
      let text = problems.map(\.description).joined(separator: "; ")
      return .failure(InputFailure(message: text))
    }
  }

  private static func delivery(
    of request: HTTPRequest, sourceID: String?, body: JSONValue, inputs: JSONObject?
  ) -> Delivery {
    Delivery(
      id: sourceID ?? Hex.encode(randomBytes(ownIDByteCount)), sourceID: sourceID, body: body,
      header: request.head.fields.map { (name: $0.name, value: $0.valueString) },
      query: QueryString.parameters(request.head.query ?? ""), inputs: inputs)
  }

  /// Enough that two ids never meet.
  private static let ownIDByteCount = 16
}

// MARK: - What operators see

extension Intake {
  private func refuse(
    _ refusal: HTTPResponse, _ request: HTTPRequest, _ hook: HookName, cause: String
  ) -> HTTPResponse {
    // Every other refusal here is of somebody we know.
    let response =
      refusal.status == .unauthorized ? limiter.answer(refusal, to: request.peer.host) : refusal
    refusals.warning(
      "refused",
      metadata: [
        "hook": "\(hook)", "peer": "\(request.peer)", "status": "\(response.status.rawValue)",
        "cause": "\(cause)",
      ])
    return response
  }

  private func log(
    _ reports: [TriggerReport], _ delivery: Delivery, _ hook: HookName, event: String,
    _ request: HTTPRequest
  ) {
    for report in reports {
      switch report.verdict {
      case .unrenderable(let message):
        logger.error(
          "run not rendered",
          metadata: [
            "hook": "\(hook)", "delivery": "\(delivery.id)", "trigger": "\(report.trigger)",
            "cause": "\(message)",
          ])
      case .notCreated(let run, let failure):
        logger.error(
          "run not created",
          metadata: [
            "hook": "\(hook)", "delivery": "\(delivery.id)", "trigger": "\(report.trigger)",
            "run": "\(run)", "reason": "\(failure.reason)", "cause": "\(failure.message)",
          ])
      case .run, .existed, .skip: break
      }
    }
    logger.info(
      "delivery",
      metadata: [
        "hook": "\(hook)", "delivery": "\(delivery.id)", "event": "\(event)",
        "peer": "\(request.peer)", "status": "\(Reply.status(of: reports).rawValue)",
        "decisions": "\(reports.map(\.summary).joined(separator: " "))",
      ])
  }
}

extension TriggerReport {
  /// `build=ci/build-x7`, `docs=skip:branch`
  fileprivate var summary: String {
    switch verdict {
    case .run(let run): "\(trigger)=\(run)"
    case .existed(let run): "\(trigger)=\(run):existed"
    case .skip(let reason, _): "\(trigger)=skip:\(reason)"
    case .unrenderable: "\(trigger)=fail:unrenderable"
    case .notCreated(_, let failure): "\(trigger)=fail:\(failure.reason)"
    }
  }
}
