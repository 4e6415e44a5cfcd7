// The public listener: deliveries, manual triggers and health (DESIGN §6).

import Bytes
package import HTTPServer
package import HTTPWire
import Hooks
package import Logging
package import Reactor

/// Answers the requests of the public listener.
package struct PublicHandler: HTTPHandler {
  /// The largest payload in bytes: GitHub sends at most 25 MB, GitLab too.
  package static let deliveryByteLimit = 25 * 1024 * 1024
  /// The largest body of a manual trigger in bytes: inputs are typed by people or scripts.
  package static let manualByteLimit = 64 * 1024

  private let hooks: HookTable
  private let metrics: MetricsRegistry
  private let refusals: ThrottledLogger
  private let health: HealthEndpoints
  private let intake: Intake
  private let proxies: TrustedProxies
  private let limiter: FailureLimiter

  /// - Parameters:
  ///   - hooks: the hooks that are served.
  ///   - deliveries: where what is accepted goes.
  ///   - metrics: where refusals are counted that are for no hook.
  ///   - proxies: whose word is taken for whom they ask.
  ///   - clock: by which the callers' rates are.
  ///   - dashboard: where runs are shown, for the replies to manual calls.
  package init(
    hooks: HookTable, deliveries: Deliveries, state: ServiceState, logger: Logger,
    metrics: MetricsRegistry = MetricsRegistry(), proxies: TrustedProxies = TrustedProxies(),
    limiter: FailureLimiter = FailureLimiter(),
    dashboard: DashboardLink? = nil, clock: any MonotonicClock = SystemMonotonicClock()
  ) {
    self.hooks = hooks
    self.metrics = metrics
    self.proxies = proxies
    self.limiter = limiter
    health = HealthEndpoints(state: state, audience: .everyone)
    refusals = ThrottledLogger(logger)
    intake = Intake(
      deliveries: deliveries, state: state, logger: logger, refusals: refusals, limiter: limiter,
      calls: CallLimiter(clock: clock),
      following: RunFollowing(dashboard: dashboard))
  }

  /// Everything that can be refused without the body is refused here.
  package func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission {
    let route = Route(of: head)
    if head.method.isStandard, let route, let response = health.response(to: head.method, route) {
      return head.bodyFraming.hasBody ? .accept(bodyLimit: 0) : .answer(response)
    }
    let sender = sender(of: head, peer)
    let entry = route.flatMap { self.entry($0) }
    let admission = admission(of: head, route, to: entry, from: sender)
    guard case .answer(let refusal) = admission else { return admission }
    let isFailure = refusal.status == .notFound || refusal.status == .forbidden
    let response = isFailure ? limiter.answer(refusal, to: sender) : refusal
    count(RefusalCause.word(response.status), for: entry)
    refusals.warning(
      "refused",
      metadata: [
        "peer": "\(sender)", "status": "\(response.status.rawValue)",
        "cause": "\(head.method) \(head.path)",
      ])
    return .answer(response)
  }

  private func count(_ cause: String, for entry: HookTable.Entry?) {
    let name = entry?.hook.name.description ?? ""
    HookMetrics.refusals(hook: name, cause, in: metrics).add()
  }

  /// Who sent a request: the peer, or whom a proxy that is trusted names.
  private func sender(of head: HTTPRequestHead, _ peer: SocketAddress) -> IPAddress {
    let sender = proxies.sender(of: head.fields, from: peer.host)
    if let problem = sender.problem {
      refusals.warning("proxy not believed", metadata: ["peer": "\(peer)", "cause": "\(problem)"])
    }
    return sender.address
  }

  private func admission(
    of head: HTTPRequestHead, _ route: Route?, to entry: HookTable.Entry?, from sender: IPAddress
  ) -> HTTPAdmission {
    guard head.method.isStandard else { return .answer(Refusal.unknownMethod) }
    guard let route else { return .answer(Refusal.unknownPath) }
    guard head.method == .post else { return .answer(Refusal.onlyPOST) }
    let hook: ResolvedHook
    switch entry {
    case nil: return .answer(Refusal.unknownHook)
    case .waiting: return .answer(Refusal.secretsMissing)
    case .ready(let ready): hook = ready
    }
    if case .delivery = route, !hook.admits(sender) {
      return .answer(Refusal.addressNotAllowed)
    }
    if let coding = head.fields["Content-Encoding"], coding.lowercased() != "identity" {
      return .answer(Refusal.encodedBody)
    }
    switch route {
    case .delivery:
      guard let source = hook.hook.source, let authentication = hook.authentication else {
        return .answer(Refusal.noDeliveries)
      }
      guard head.bodyFraming != .none else { return .answer(Refusal.noLength) }
      if let problem = source.mediaTypeProblem({ head.fields.values(for: $0) }) {
        return .answer(Refusal.mediaType(problem))
      }
      let lookup: HeaderLookup = { head.fields.values(for: $0) }
      let now = WallTime.now.secondsSince1970
      if let wait = limiter.wait(of: sender), authentication.problem(lookup, now: now) != nil {
        return .answer(Refusal.tooManyFailures(retryAfter: wait))
      }
      return .accept(
        bodyLimit: Self.deliveryByteLimit,
        observer: AdmittedRequest(
          for: hook, from: sender,
          check: authentication.check(fields: lookup, now: now)))
    case .manual(_, let trigger):
      if Self.hasCredential(head.query) { return .answer(Refusal.tokenInURL) }
      // A call without inputs needs no body, and then no type of it.
      let types = head.fields.values(for: "Content-Type")
      if head.bodyFraming != .none, MediaType.problem(with: types) != nil {
        return .answer(Refusal.inputsNotJSON)
      }
      if let wait = limiter.wait(of: sender),
        hook.callers.problem(
          { head.fields.values(for: $0) }, now: WallTime.now.secondsSince1970) != nil
      {
        return .answer(Refusal.tooManyFailures(retryAfter: wait))
      }
      return .accept(
        bodyLimit: Self.manualByteLimit,
        observer: AdmittedRequest(for: hook, from: sender, trigger: trigger))
    case .live, .ready:
      return .answer(Refusal.unknownPath)
    }
  }

  /// Whether a query has a parameter whose name says that its value is secret.
  private static func hasCredential(_ query: String?) -> Bool {
    QueryString.parameters(query ?? "").contains { parameter in
      let name = ASCII.lowercased(parameter.name)
      return ["token", "secret", "password", "apikey", "api_key", "api-key", "authorization"]
        .contains { name.utf8.count <= credentialNameLimit && name.hasSuffix($0) }
    }
  }

  /// Longer names are no mistake of this kind.
  private static let credentialNameLimit = 64

  package func respond(to request: HTTPRequest) -> HTTPAnswer {
    guard let admitted = request.observer as? AdmittedRequest else {
      // A health check with a body, which is empty.
      return .now(health.response(to: request.head) ?? Refusal.unknownPath)
    }
    // From here on the peer is who asks, not who asks for them.
    var request = request
    request.peer.host = admitted.sender
    if let trigger = admitted.trigger {
      return intake.trigger(trigger, of: admitted.hook, request)
    }
    return intake.deliver(request, to: admitted.hook, admitted.verification(of: request))
  }

  private func entry(_ route: Route) -> HookTable.Entry? {
    switch route {
    case .delivery(let name), .manual(let name, _): hooks[name]
    case .live, .ready: nil
    }
  }
}
