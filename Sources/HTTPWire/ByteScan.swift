// The hottest loops: where does a run of allowed bytes end?
//
// A word of eight bytes is tested at once with the arithmetic of "Bit Twiddling Hacks" (haszero,
// hasless): the top bit of each byte of the result says whether that byte is a hit. A borrow can
// mark a byte falsely only above a true hit, so the lowest mark is always true.

import Bytes

/// Scans over a span. Each returns the first index from `start` whose byte is outside the class,
/// or `end`. The range must lie in the span.
enum ByteScan {
  /// The end of a run of token bytes (RFC 9110 §5.6.2): one bit for each byte below 128, as
  /// `ASCII.isTokenByte` has, here as constants that stay in registers.
  @inline(__always)
  static func endOfToken(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= bytes.count)
    var index = start
    while index < end {
      // SAFETY: start is not negative and index is below end, which is at most the span's count.
      let byte = unsafe bytes[unchecked: index]
      let half: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
      guard byte < 128, (half &>> UInt64(byte)) & 1 == 1 else { return index }
      index &+= 1
    }
    return index
  }

  /// The end of a run of bytes that a field value or a reason phrase may have: all but control
  /// characters, a tab being allowed (RFC 9110 §5.5).
  @inline(__always)
  static func endOfText(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= bytes.count)
    var index = start
    while index &+ 8 <= end {
      let word = loadWord(bytes, at: index)
      let marks = (bytesBelow0x20(word) | bytesEqual0x7F(word)) & topBits
      guard marks != 0 else {
        index &+= 8
        continue
      }
      index &+= marks.trailingZeroBitCount &>> 3
      // SAFETY: index has grown by less than 8, so it is below end.
      guard unsafe bytes[unchecked: index] == UInt8(ascii: "\t") else { return index }
      index &+= 1
    }
    while index < end {
      // SAFETY: start is not negative and index is below end, which is at most the span's count.
      let byte = unsafe bytes[unchecked: index]
      guard !ASCII.isControl(byte) || byte == UInt8(ascii: "\t") else { return index }
      index &+= 1
    }
    return index
  }

  /// The end of a run of visible ASCII bytes, 0x21 to 0x7E.
  @inline(__always)
  static func endOfVisible(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= bytes.count)
    var index = start
    while index &+ 8 <= end {
      let word = loadWord(bytes, at: index)
      // Below 0x21, equal to 0x7F, or with the top bit set.
      let below = (word &- 0x2121_2121_2121_2121) & ~word
      let marks = (below | bytesEqual0x7F(word) | word) & topBits
      guard marks != 0 else {
        index &+= 8
        continue
      }
      return index &+ marks.trailingZeroBitCount &>> 3
    }
    // SAFETY: start is not negative and index stays below end, which is at most the span's count.
    while index < end, ASCII.isVisible(unsafe bytes[unchecked: index]) { index &+= 1 }
    return index
  }

  /// The eight bytes from an index, the first in the lowest place. They must lie in the span.
  @inline(__always)
  static func loadWord(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
    // SAFETY: the callers checked that index is not negative and index + 8 is at most the span's
    // count; any eight bytes are a UInt64.
    unsafe UInt64(
      littleEndian: bytes.bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: index, as: UInt64.self))
  }

  private static let topBits: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  private static func bytesBelow0x20(_ word: UInt64) -> UInt64 {
    (word &- 0x2020_2020_2020_2020) & ~word
  }

  @inline(__always)
  private static func bytesEqual0x7F(_ word: UInt64) -> UInt64 {
    let difference = word ^ 0x7F7F_7F7F_7F7F_7F7F
    return (difference &- 0x0101_0101_0101_0101) & ~difference
  }
}
