// What is particular about a kind of sender, as data: how it proves who it is, how its bodies are
// encoded, and where it says what happened. The presets are in SenderProfile+Presets.swift.

/// A kind of sender, described.
///
/// *Concurrency.* A value; its functions are pure.
package struct SenderProfile: Sendable {
  /// Where a sender writes the name of an event or the id of a delivery.
  package enum Location: Hashable, Sendable {
    /// The only value of a header field.
    case header(String)
    /// A text or a whole number in the body, at these keys.
    case body([String])
  }

  /// Of which characters the names of events are.
  package enum NameAlphabet: Hashable, Sendable {
    /// Lower-case letters, digits and `_`.
    case word
    /// Letters, digits and `_ . : / -`.
    case open
  }

  /// Where and how a sender names what happened.
  package struct EventName: Hashable, Sendable {
    /// The first of these that is there says it.
    var locations: [Location]
    var alphabet = NameAlphabet.open
    /// Whether a delivery without a name is one: senders of several versions do not all name events.
    var presence = VerificationKey.Presence.optional
  }

  /// How bodies are encoded.
  package enum BodyForm: Hashable, Sendable {
    case json
    /// JSON, or a form: its field of this name is JSON. Where a form has no such field and may do
    /// without, its fields are an object of texts.
    case jsonOrForm(field: String, VerificationKey.Presence)
  }

  /// What a delivery is beside events, for senders that send such a thing.
  package enum Greeting: Hashable, Sendable {
    /// The event of this name tries out the address.
    case ping(String)
    /// As ``ping(_:)``, which this sender does not sign.
    case unsignedPing(String)
    /// The event of this name wants a member of its body sent back.
    case challenge(String, member: String)

    var eventName: String {
      switch self {
      case .ping(let name), .unsignedPing(let name), .challenge(let name, _): name
      }
    }
  }

  /// The sender as sentences name it.
  package let title: String
  /// The ways in which it proves who it is, in order of strength.
  package var methods: [AuthenticationMethod]
  /// A header with a signature that is not accepted, to say so where it comes alone.
  package var weakHeader: String?
  package var body = BodyForm.json
  package var eventName: EventName
  /// What an event is called that has no name.
  package var namelessEvent = "event"
  /// The first of these that is there is the delivery's id.
  package var deliveryID: [Location] = []
  package var greeting: Greeting?
  package init(
    title: String, methods: [AuthenticationMethod], eventName: EventName
  ) {
    self.title = title
    self.methods = methods
    self.eventName = eventName
  }

  /// How long a body is remembered unless the operator says otherwise.
  ///
  /// Where the time is signed, nobody can send a request again once its time is over, and where the
  /// delivery's id is signed as well nobody can under another id; a body then need not be
  /// remembered, and may well repeat. Of several ways the one that needs the longest memory counts.
  package var replayWindow: ReplayWindow {
    let windows = methods.map { method -> Duration in
      guard case .signature(let scheme) = method, let timestamp = scheme.timestamp else {
        return ReplayWindow.daily
      }
      let isIDSigned = deliveryID.contains { location in
        if case .header(let name) = location {
          scheme.content.contains(.header(name))
        } else {
          false
        }
      }
      // A time may lie that far ahead and is right until that long after.
      return isIDSigned ? .zero : .seconds(2 * timestamp.tolerance)
    }
    let longest = windows.max() ?? ReplayWindow.daily
    return longest == .zero ? .none : .remembered(longest)
  }

  /// The profile with something set, for tables.
  func with<Value>(
    _ property: WritableKeyPath<SenderProfile, Value>, _ value: Value
  ) -> SenderProfile {
    var profile = self
    profile[keyPath: property] = value
    return profile
  }
}

/// How long verified bodies are remembered.
package enum ReplayWindow: Hashable, Sendable {
  /// They may repeat.
  case none
  /// At least a second, at most ``max``.
  case remembered(Duration)

  package var duration: Duration? {
    if case .remembered(let duration) = self { duration } else { nil }
  }

  /// For signatures that say nothing about time: a request that somebody kept could be sent again at
  /// any later time; a day is as long as hosts go on trying.
  package static let daily = Duration.seconds(24 * 3600)
  /// A body is not remembered for longer than its delivery, which the journal keeps for a week.
  package static let max = Duration.seconds(7 * 24 * 3600)
}
