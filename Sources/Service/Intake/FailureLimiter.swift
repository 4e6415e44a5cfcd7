// How often somebody may fail to say who they are.
//
// The rule: only failures count, requests from an address that were answered 401, 403 or 404 because
// nobody we know sent them. An address may fail so often at once and so often a second after that.
// While it has used that up,
//
//   - what can be refused from the head is answered 429 before its body is read: a hook that does not
//     exist or does not admit the address, a signature or token that is missing or malformed;
//   - what carries a well-formed signature or token is read and verified all the same. If it is right,
//     it is served as ever, and nothing is counted. If it is wrong, it is answered 429 and its
//     connection is closed.
//
// So an attacker behind the same NAT or proxy as a Git host cannot lock it out, whatever it does. What
// is left to the attacker is one digest over the bytes that it sends itself, a connection for each try;
// body memory, body time and connections are bounded for everyone together.

import HTTPServer
package import Reactor
import Synchronization

/// Counts the failures of each address: a token bucket in a table of fixed size.
///
/// *Limits*: ``addressCount`` addresses, those of an IPv6 /64 counted as one, since one customer has
/// them all. When the eight places where an address may be are taken, the one with the fewest recent
/// failures is forgotten.
///
/// *Concurrency*: any thread; every operation looks at eight places and holds the lock for that.
package final class FailureLimiter: Sendable {
  /// Failures at once: what one wrong secret causes while somebody redelivers and looks for the
  /// mistake, and more than a CI system's retries.
  package static let burstDefault = 60
  /// Failures a second after that: nobody who is not an attacker fails on.
  package static let perSecondDefault = 1
  /// Addresses that are remembered: 1 MiB, which is taken when the first one fails.
  package static let addressCount = 65_536
  /// Places where one address may be.
  private static let wayCount = 8

  /// An address, and when it will have recovered from all its failures: a failure adds the time after
  /// which one is forgiven (the generic cell rate algorithm, ITU-T I.371).
  private struct Place {
    var key: UInt64 = 0
    var recovery = MonotonicInstant.distantPast
  }

  private let clock: any MonotonicClock
  /// Nanoseconds after which a failure is forgiven.
  private let interval: Int64
  /// How far away the recovery may be for one more failure.
  private let tolerance: Int64
  private let places = Mutex<[Place]>([])

  package init(
    burst: Int = burstDefault, perSecond: Int = perSecondDefault,
    clock: any MonotonicClock = SystemMonotonicClock()
  ) {
    precondition(burst > 0 && perSecond > 0, "who may never fail cannot be told why")
    self.clock = clock
    interval = 1_000_000_000 / Int64(perSecond)
    tolerance = interval * Int64(burst - 1)
  }

  /// How many seconds an address has to wait until it may fail again; nil when it may now.
  func wait(of address: IPAddress) -> Int? {
    let now = clock.now
    let key = Self.key(address)
    return places.withLock { places in
      guard !places.isEmpty else { return nil }
      let set = Self.set(of: key)
      guard let index = set.first(where: { places[$0].key == key }) else { return nil }
      return excess(places[index].recovery, now)
    }
  }

  /// Counts a failure, if the address may still fail.
  ///
  /// - Returns: nil when it might; otherwise as ``wait(of:)``, and nothing is counted: who goes on
  ///   does not have to wait longer for it.
  func fail(_ address: IPAddress) -> Int? {
    let now = clock.now
    let key = Self.key(address)
    return places.withLock { places in
      if places.isEmpty { places = Array(repeating: Place(), count: Self.addressCount) }
      let set = Self.set(of: key)
      var chosen = set.lowerBound
      for index in set {
        if places[index].key == key {
          chosen = index
          break
        }
        if places[index].recovery < places[chosen].recovery { chosen = index }
      }
      if places[chosen].key != key { places[chosen] = Place(key: key) }
      if let seconds = excess(places[chosen].recovery, now) { return seconds }
      places[chosen].recovery = max(places[chosen].recovery, now)
        .advanced(byNanoseconds: interval)
      return nil
    }
  }

  /// Counts a failure, and says how it is answered: as given, or with 429.
  func answer(_ refusal: HTTPResponse, to address: IPAddress) -> HTTPResponse {
    fail(address).map { Refusal.tooManyFailures(retryAfter: $0) } ?? refusal
  }

  private func excess(_ recovery: MonotonicInstant, _ now: MonotonicInstant) -> Int? {
    let mayFailAt = recovery.advanced(byNanoseconds: -tolerance)
    guard recovery > now, mayFailAt > now else { return nil }
    return Int((mayFailAt.nanoseconds &- now.nanoseconds &+ 999_999_999) / 1_000_000_000)
  }

  /// The places of an address. The hash is seeded, so nobody can choose whom to displace.
  private static func set(of key: UInt64) -> Range<Int> {
    var hasher = Hasher()
    hasher.combine(key)
    let hash = UInt(bitPattern: hasher.finalize())
    let start = Int(hash % UInt(addressCount / wayCount)) * wayCount
    return start..<(start + wayCount)
  }

  /// An IPv4 address, or the network of an IPv6 address. IPv4 is where IPv6 has multicast, from which
  /// nobody connects, so that the two never meet.
  private static func key(_ address: IPAddress) -> UInt64 {
    switch address {
    case .v4(let value): 0xFFFF_FFFF_0000_0000 | UInt64(value)
    case .v6(let high, _, _): high
    }
  }
}
