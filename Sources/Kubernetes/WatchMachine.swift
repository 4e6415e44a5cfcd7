// Following a collection, as a value: no socket, no clock, no chance of its own.
//
//             ┌──────────── the version is gone, or the server refuses to go on ───────────┐
//             ▼                                                                            │
//   start → list → stream ── ended, or lost ──► [ wait ] → stream from the last version ───┘
//             │                                    ▲
//             └── failed ─► wait → list            └── after failures only

package import JSON
import Reactor

/// What became of a collection.
package enum CollectionChange: Equatable, Sendable {
  /// These are all the objects: whatever else was known is gone. The first change, and one again
  /// when the server no longer has what happened since the last.
  case snapshot([JSONValue])
  /// The object is new or was changed.
  case stored(JSONValue)
  /// The object is gone, or is no longer selected; this is how it was last.
  case deleted(JSONValue)
  /// Changes cannot be seen for the moment; the client tries on.
  case trouble(KubernetesError)
}

/// Decides what to ask next and passes each change on once.
///
/// A stream that ends is continued from the version of the last whole event, bookmarks included: what
/// came before is not sent again, what was cut is. When the server has forgotten that version (410) or
/// refuses otherwise, the collection is listed anew.
///
/// Delays after failures grow from 0.8 s to 30 s and are doubled at most by chance, so that many
/// clients of a server that was away do not come back together.
///
/// *Source.* client-go, `tools/cache/reflector.go`: its figures.
struct WatchMachine: Sendable {
  /// What to do next.
  enum Step: Equatable, Sendable {
    case list
    /// Have changes sent after a version, by a server that ends the stream after the limit.
    case stream(from: String, timeLimit: Duration)
    case wait(Duration)
  }

  private enum Phase {
    case list
    case stream
  }

  /// How long a stream may last: between this and twice as long, by chance, so that streams which
  /// began together do not end together.
  static let timeLimitMin = Duration.seconds(300)
  static let delayMin = Duration.milliseconds(800)
  static let delayMax = Duration.seconds(30)
  /// After so long without a failure the delays begin from the least again.
  static let delayReset = Duration.seconds(120)
  /// A stream that ended sooner and brought nothing has failed.
  static let durationMin = Duration.seconds(1)

  private var phase = Phase.list
  private var version = ""
  private var decoder = WatchDecoder()
  private var pendingDelay: Duration?

  private var nextDelay = delayMin
  private var failedAt: MonotonicInstant?
  private var openedAt: MonotonicInstant?
  private var hasProgressed = false

  /// What to do now. Asking again before anything happened gives the same, but for a wait, which is
  /// asked for once.
  ///
  /// - Parameter chance: A number from 0 to 1, different each time.
  mutating func next(chance: Double) -> Step {
    if let delay = pendingDelay.take() { return .wait(delay * (1 + chance)) }
    switch phase {
    case .list: return .list
    case .stream: return .stream(from: version, timeLimit: Self.timeLimitMin * (1 + chance))
    }
  }

  /// The collection was listed.
  mutating func listed(_ list: ObjectList) -> CollectionChange {
    version = list.resourceVersion
    phase = .stream
    hasProgressed = false
    return .snapshot(list.items)
  }

  /// A stream was opened.
  mutating func opened(at now: MonotonicInstant) {
    decoder = WatchDecoder()
    openedAt = now
    hasProgressed = false
  }

  /// Bytes came. What the server says to end the stream is thrown after the changes before it were
  /// returned, so the driver passes each on as it comes.
  ///
  /// - Parameter pass: Is given each change, once.
  mutating func receive(
    _ bytes: [UInt8], _ pass: (CollectionChange) -> Void
  ) throws(KubernetesError) {
    for line in try decoder.receive(bytes) {
      switch line {
      case .bookmark(let object): try advance(to: object)
      case .stored(let object):
        try advance(to: object)
        pass(.stored(object))
      case .deleted(let object):
        try advance(to: object)
        pass(.deleted(object))
      case .failure(let status):
        throw Self.error(in: status)
      }
    }
  }

  /// The stream ended, as it does when its time is over.
  mutating func ended(at now: MonotonicInstant) {
    let lasted = openedAt.map { $0.duration(to: now) } ?? .zero
    if !hasProgressed, lasted < Self.durationMin { delay(at: now) }
  }

  /// Listing, opening or reading failed. What is worth telling.
  mutating func failed(_ error: KubernetesError, at now: MonotonicInstant) -> CollectionChange? {
    if error.code == .expired {
      // An ordinary thing after a pause. Not so when listing does not help.
      if !hasProgressed { delay(at: now) }
      hasProgressed = false
      phase = .list
      return nil
    }
    if case .after(let least) = error.retry {
      delay(at: now, atLeast: least)
    } else {
      delay(at: now)
    }
    // A connection that was lost says nothing about the version; an answer does.
    if error.httpStatus != nil || error.code == .undecodable { phase = .list }
    return .trouble(error)
  }

  private mutating func advance(to object: JSONValue) throws(KubernetesError) {
    guard let version = object["metadata"]?["resourceVersion"]?.stringValue, !version.isEmpty else {
      throw KubernetesError(
        .undecodable, message: "an event's object has no resourceVersion", retry: .backoff)
    }
    self.version = version
    hasProgressed = true
  }

  private mutating func delay(at now: MonotonicInstant, atLeast least: Duration = .zero) {
    if let failedAt, failedAt.duration(to: now) >= Self.delayReset { nextDelay = Self.delayMin }
    failedAt = now
    pendingDelay = max(nextDelay, min(least, Self.leastDelayMax))
    nextDelay = min(nextDelay * 2, Self.delayMax)
  }

  /// The failure that a Status in the stream reports.
  private static func error(in status: JSONValue) -> KubernetesError {
    let code = status["code"]?.intValue ?? 500
    let isGone = code == 410 || status["reason"]?.stringValue == "Expired"
    return KubernetesError(
      isGone ? .expired : .serverError, httpStatus: code,
      reason: status["reason"]?.stringValue.map { cut($0.utf8, to: textByteCountMax) },
      message: cut((status["message"]?.stringValue ?? "").utf8, to: textByteCountMax),
      retry: .backoff)
  }

  /// The longest that a server may have us wait.
  private static let leastDelayMax = Duration.seconds(300)
  private static let textByteCountMax = 1024
}
