// Who may ask for runs by hand.

/// Someone who may start triggers.
package struct ManualCaller: Sendable {
  /// How a caller shows who they are.
  package enum Proof: Hashable, Sendable {
    /// With a bearer token (RFC 6750 §2.1).
    case bearer
    /// With a signature of Standard Webhooks, over the call's id, time and body.
    case signature
  }

  package let name: String
  package let proof: Proof
  package let secret: SourceSecret
  /// The triggers that the caller may start.
  package let triggers: [String]
  /// How often the caller may start one; nil for as often as they like.
  package let rate: CallRate?
}

/// How many calls may come in how much time: as many at once, and then one after each share of it.
package struct CallRate: Hashable, Sendable {
  package let count: Int
  package let period: Duration

  /// `10/m`: 1 to ``countMax`` calls a second, minute, hour or day. Nil for another text.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let unit = Self.units[String(parts[1])],
      parts[0].utf8.count <= 5, let count = Int(parts[0]), (1...Self.countMax).contains(count),
      parts[0].utf8.first != UInt8(ascii: "+")
    else { return nil }
    self.count = count
    period = unit
  }

  private static let units: [String: Duration] = [
    "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600), "d": .seconds(24 * 3600),
  ]
  /// More is not by hand.
  package static let countMax = 10_000
}

/// The answer to "who asks for this run".
package enum CallerVerification: Equatable, Sendable {
  /// The caller of this name, and the trigger is among theirs.
  case verified(caller: String)
  /// Nobody we know: 401.
  case refused(RefusalReason)
  /// Known, but not for this trigger: 403. A trigger that does not exist is not anyone's.
  case forbidden(caller: String)
}
