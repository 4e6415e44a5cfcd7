// Our own name of a delivery.

import Bytes
import Crypto
package import Reactor

/// The journal's id of a delivery: 48 bits of milliseconds since 1970 and 80 random bits, so that
/// ids made by any number of replicas never meet and later ones sort behind earlier ones.
///
/// As text it is 32 hexadecimal digits in lower case, a legal label value.
///
/// *Source*: the layout is ULID's (github.com/ulid/spec); sorting by time keeps the index of ids
/// growing at one end.
package struct DeliveryID: Hashable, Sendable, CustomStringConvertible {
  /// The most significant eight bytes.
  let high: UInt64
  /// The others.
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Makes a new id.
  package init(at time: WallTime = .now) {
    let milliseconds = UInt64(
      clamping: time.secondsSince1970.multipliedReportingOverflow(by: 1000).partialValue
        &+ time.nanoseconds / 1_000_000)
    let random = randomBytes(10)
    high = milliseconds << 16 | Self.number(random[..<2])
    low = Self.number(random[2...])
  }

  /// Reads the text form; nil for any other text.
  package init?(_ text: String) {
    guard text.utf8.count == 2 * Self.byteCount, let bytes = Hex.decode(text),
      !text.utf8.contains(where: { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "F") })
    else { return nil }
    self.init(bytes: bytes)
  }

  /// Reads the stored form; nil when the length is wrong.
  init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    high = Self.number(bytes[..<8])
    low = Self.number(bytes[8...])
  }

  var bytes: [UInt8] {
    [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
  }

  package var description: String { Hex.encode(bytes) }

  static let byteCount = 16

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
