// Time zones, from the bytes of a compiled zone file.
//
//   file   = block1 block2 LF rule LF          version 1: block1 alone, which is refused
//   block  = header transition-times transition-types local-time-types names leaps std-flags ut-flags
//   header = "TZif" version 15reserved 6count
//
// Source: RFC 9636. Block 1 holds times of 32 bits and is skipped. Leap seconds are not applied, as
// nowhere on systems whose clock is POSIX's.

/// What clocks of a place show during some time: their distance from UTC.
package struct LocalTimeType: Hashable, Sendable {
  /// Seconds east of UTC.
  package let offset: Int32
  /// Whether this is daylight saving time.
  package let isDaylight: Bool
  /// `CET`, `EDT`, `+03`.
  package let abbreviation: String

  package init(offset: Int32, isDaylight: Bool, abbreviation: String) {
    self.offset = offset
    self.isDaylight = isDaylight
    self.abbreviation = abbreviation
  }
}

/// A time zone: what its clocks showed and will show.
///
/// *Limits:* a file has at most ``byteLimit`` bytes; every count in it is checked against its length
/// before anything is read.
package struct ZoneInfo: Hashable, Sendable {
  /// Rising, in seconds since 1970; with each the position in `types` of what begins then.
  let transitions: [Int64]
  private let typeIndexes: [UInt8]
  /// At least one.
  private let types: [LocalTimeType]
  /// What holds after the last transition.
  let rule: ZoneRule?

  /// A zone whose clocks never change.
  package init(fixedOffset offset: Int32, abbreviation: String) {
    transitions = []
    typeIndexes = []
    types = [LocalTimeType(offset: offset, isDaylight: false, abbreviation: abbreviation)]
    rule = nil
  }

  /// Reads a zone file.
  ///
  /// *Errors:* ``ZoneInfoError``; the file is damaged or no zone file.
  package init(file bytes: [UInt8]) throws(ZoneInfoError) {
    guard bytes.count <= Self.byteLimit else { throw .tooLong(byteCount: bytes.count) }
    var reader = ZoneReader(bytes)
    let first = try reader.header()
    guard first.version >= UInt8(ascii: "2") else { throw .unsupportedVersion(first.version) }
    try reader.skip(first.byteCount(timeSize: 4))
    let header = try reader.header()
    guard header.typeCount > 0 else { throw .noLocalTimeType }

    var transitions: [Int64] = []
    for _ in 0..<header.transitionCount { transitions.append(try reader.int64()) }
    guard zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .transitionsNotRising
    }
    typeIndexes = try reader.take(header.transitionCount)
    guard typeIndexes.allSatisfy({ Int($0) < header.typeCount }) else { throw .badTypeIndex }

    var records: [(offset: Int32, isDaylight: Bool, name: Int)] = []
    for _ in 0..<header.typeCount {
      let offset = try reader.int32()
      let isDaylight = try reader.byte() != 0
      let name = Int(try reader.byte())
      // RFC 9636 §3.2: −25 h to 26 h, and −2^31 never.
      guard (-93_599...93_599).contains(offset) else { throw .badOffset(offset) }
      guard name < header.nameByteCount else { throw .badName }
      records.append((offset, isDaylight, name))
    }
    let names = try reader.take(header.nameByteCount)
    types = records.map { record in
      LocalTimeType(
        offset: record.offset, isDaylight: record.isDaylight,
        abbreviation: String(
          decoding: names[record.name...].prefix { $0 != 0 }, as: UTF8.self))
    }
    self.transitions = transitions
    try reader.skip(header.leapCount * 12 + header.standardCount + header.universalCount)

    let footer = try reader.footer()
    if footer.isEmpty {
      rule = nil
    } else {
      guard let parsed = ZoneRule(footer) else {
        throw .badRule(String(decoding: footer, as: UTF8.self))
      }
      rule = parsed
    }
  }

  /// What clocks show at a moment, in seconds since 1970.
  package func localType(at seconds: Int64) -> LocalTimeType {
    let seconds = min(max(seconds, -Self.secondsLimit), Self.secondsLimit)
    guard let last = transitions.last else {
      return rule?.localType(at: seconds) ?? types[0]
    }
    if seconds >= last, let rule { return rule.localType(at: seconds) }
    // The number of transitions that are not after the moment.
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? types[0] : types[Int(typeIndexes[low - 1])]
  }

  /// The largest zone file: those of the IANA database have at most 4 KiB.
  package static let byteLimit = 64 * 1024

  /// About 30,000 years; keeps sums with offsets within Int64.
  private static let secondsLimit: Int64 = 1_000_000_000_000
}

/// Why bytes are no time zone.
package enum ZoneInfoError: Error, Equatable, Sendable {
  case tooLong(byteCount: Int)
  case noMagic
  case unsupportedVersion(UInt8)
  /// The bytes end before what the header announces.
  case truncated
  case noLocalTimeType
  case transitionsNotRising
  case badTypeIndex
  case badOffset(Int32)
  case badName
  case badRule(String)
}

extension ZoneInfoError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let count):
      "the file has \(count) bytes, at most \(ZoneInfo.byteLimit) are allowed"
    case .noMagic: "the file does not begin with TZif"
    case .unsupportedVersion: "the file has 32-bit times alone; version 2 or later is needed"
    case .truncated: "the file ends too early"
    case .noLocalTimeType: "the file has no local time type"
    case .transitionsNotRising: "transition times do not rise"
    case .badTypeIndex: "a transition names a local time type that does not exist"
    case .badOffset(let offset): "\(offset) seconds are no offset from UTC"
    case .badName: "an abbreviation lies outside of the file's names"
    case .badRule(let rule): "\"\(rule)\" is no rule of POSIX's TZ variable"
    }
  }
}

/// Reads big-endian numbers from the front.
private struct ZoneReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  struct Header {
    var version: UInt8
    var universalCount: Int
    var standardCount: Int
    var leapCount: Int
    var transitionCount: Int
    var typeCount: Int
    var nameByteCount: Int

    func byteCount(timeSize: Int) -> Int {
      transitionCount * (timeSize + 1) + typeCount * 6 + nameByteCount
        + leapCount * (timeSize + 4) + standardCount + universalCount
    }
  }

  mutating func header() throws(ZoneInfoError) -> Header {
    guard try take(4) == Array("TZif".utf8) else { throw .noMagic }
    let version = try byte()
    try skip(15)
    var counts: [Int] = []
    for _ in 0..<6 {
      let count = Int(UInt32(bitPattern: try int32()))
      // Each counts at least a byte, so this also keeps products far from overflow.
      guard count <= bytes.count else { throw .truncated }
      counts.append(count)
    }
    return Header(
      version: version, universalCount: counts[0], standardCount: counts[1],
      leapCount: counts[2], transitionCount: counts[3], typeCount: counts[4],
      nameByteCount: counts[5])
  }

  mutating func take(_ count: Int) throws(ZoneInfoError) -> [UInt8] {
    guard count <= bytes.count - position else { throw .truncated }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  mutating func skip(_ count: Int) throws(ZoneInfoError) {
    guard count <= bytes.count - position else { throw .truncated }
    position += count
  }

  mutating func byte() throws(ZoneInfoError) -> UInt8 {
    guard position < bytes.count else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func int32() throws(ZoneInfoError) -> Int32 {
    let value = try take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Int32(bitPattern: value)
  }

  mutating func int64() throws(ZoneInfoError) -> Int64 {
    let value = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int64(bitPattern: value)
  }

  /// The text between the two line feeds at the end.
  mutating func footer() throws(ZoneInfoError) -> ArraySlice<UInt8> {
    guard try byte() == 0x0A else { throw .truncated }
    let rest = bytes[position...]
    guard let end = rest.firstIndex(of: 0x0A) else { throw .truncated }
    return rest[..<end]
  }
}
