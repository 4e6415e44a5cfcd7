// Telling a damaged row from a good one.

/// A checksum over the columns of a row: 64 bits, FNV-1a (draft-eastlake-fnv) taken over words
/// instead of bytes, with a shift that spreads high bits.
///
/// Each step is a bijection of the state and of the word, so that one changed column always shows;
/// two damaged ones cancel each other once in 2^64. It guards against accidents, not against
/// somebody who writes the file.
struct RowChecksum {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0x100_0000_01B3
    state ^= state >> 32
  }

  mutating func add(_ number: Int64) {
    add(UInt64(bitPattern: number))
  }

  /// Nil differs from every number.
  mutating func add(_ number: Int64?) {
    add(number == nil ? 0 as UInt64 : 1)
    add(number ?? 0)
  }

  /// The length goes before the bytes, so that bytes cannot move from one column to the next.
  mutating func add(_ bytes: [UInt8]) {
    add(UInt64(bytes.count))
    var word: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      word = word << 8 | UInt64(byte)
      if index & 7 == 7 {
        add(word)
        word = 0
      }
    }
    add(word)
  }

  mutating func add(_ text: String) {
    add([UInt8](text.utf8))
  }

  /// Nil differs from every text.
  mutating func add(_ text: String?) {
    add(text == nil ? 0 as UInt64 : 1)
    add(text ?? "")
  }

  /// Nil differs from all bytes.
  mutating func add(_ bytes: [UInt8]?) {
    add(bytes == nil ? 0 as UInt64 : 1)
    add(bytes ?? [])
  }

  /// As SQLite stores it.
  var value: Int64 { Int64(bitPattern: state) }
}
