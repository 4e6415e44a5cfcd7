// What is counted about hooks.
//
//   hookline_deliveries_total{hook,outcome}      verified deliveries and manual calls
//   hookline_verifications_total{hook,secret}    by which secret they were verified
//   hookline_refusals_total{hook,cause}          what was refused, and why
//
// A secret is named by where it is, never by what it is: the old one of a rotation can be retired when
// its counter stands still.

import HTTPWire
import Hooks

/// What became of a verified delivery.
enum DeliveryOutcome: String, CaseIterable {
  /// Runs were journaled.
  case accepted
  /// No trigger wanted it.
  case ignored
  /// It was known already.
  case duplicate
  /// It was known already, and what had been given up is tried again.
  case retried
  /// A run could not be rendered.
  case failed
  /// The journal did not take it.
  case unjournaled
  case ping
  case challenge
}

/// The counters of one hook, looked up once for each configuration.
struct HookMetrics: Sendable {
  private let registry: MetricsRegistry
  private let hook: String
  private let outcomes: [DeliveryOutcome: Counter]
  private let secrets: [Counter]
  private let certificate: Counter?
  private let callers: [String: Counter]

  init(_ hook: Hook, in registry: MetricsRegistry) {
    self.registry = registry
    let name = hook.name.description
    self.hook = name
    var outcomes: [DeliveryOutcome: Counter] = [:]
    for outcome in DeliveryOutcome.allCases {
      outcomes[outcome] = registry.counter(
        "hookline_deliveries_total",
        help: "Verified deliveries and manual calls by what became of them.",
        labels: [("hook", name), ("outcome", outcome.rawValue)])
    }
    self.outcomes = outcomes
    func verifications(by secret: String) -> Counter {
      registry.counter(
        "hookline_verifications_total", help: "Verified deliveries and manual calls by the secret.",
        labels: [("hook", name), ("secret", secret)])
    }
    secrets = hook.source?.secrets.map { verifications(by: $0.reference.label) } ?? []
    let isCertified = hook.source.map { !$0.certificateNames.isEmpty && $0.secrets.isEmpty }
    certificate = isCertified == true ? verifications(by: "client-certificate") : nil
    var callers: [String: Counter] = [:]
    for caller in hook.callers {
      callers[caller.name] = verifications(by: caller.secret.reference.label)
    }
    self.callers = callers
  }

  func count(_ outcome: DeliveryOutcome) {
    outcomes[outcome]?.add()
  }

  func count(_ verification: Verification) {
    switch verification {
    case .verified(let index): if secrets.indices.contains(index) { secrets[index].add() }
    case .certified: certificate?.add()
    case .refused: break
    }
  }

  func count(caller: String) {
    callers[caller]?.add()
  }

  /// - Parameter cause: one of our own words.
  func countRefusal(_ cause: String) {
    Self.refusals(hook: hook, cause, in: registry).add()
  }

  /// Refusals; the hook is empty for what was for none.
  static func refusals(
    hook: String, _ cause: String, in registry: MetricsRegistry
  ) -> Counter {
    registry.counter(
      "hookline_refusals_total", help: "Refused requests by cause.",
      labels: [("hook", hook), ("cause", cause)])
  }
}

/// The word for why a request was refused, for a metric's label.
enum RefusalCause {
  static func word(_ status: HTTPStatus) -> String {
    switch status {
    case .badRequest: "malformed"
    case .forbidden: "forbidden"
    case .notFound: "unknown"
    case .methodNotAllowed, .notImplemented: "method"
    case .lengthRequired: "length"
    case .unsupportedMediaType: "content-type"
    case .unprocessableContent: "conflict"
    case .tooManyRequests: "rate"
    default: "other"
    }
  }
}
