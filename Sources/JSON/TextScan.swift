// The innermost loops over JSON text: eight bytes at a time where it pays.
//
// A word is tested for interesting bytes by the well-known subtract-and-mask trick: for a byte b
// and a bound n ≤ 128, bit 7 of (b − n) is set when b < n. A borrow out of a byte that is itself
// found can mark bytes above it by mistake, never below, and only the lowest mark is used; so the
// result is exact. Little-endian order makes the lowest byte the first.

/// The offset of the first byte at or after `start` that ends a plain run within a string: a
/// quotation mark, a backslash, a control character or a byte above 0x7F; the text's count when
/// there is none.
@inline(__always)
func endOfPlainRun(_ text: Span<UInt8>, from start: Int) -> Int {
  var index = start
  while index &+ 8 <= text.count {
    let word = loadWord(text, at: index)
    let found =
      ((word &- (0x20 &* ones)) | ((word ^ (0x22 &* ones)) &- ones)
        | ((word ^ (0x5C &* ones)) &- ones) | word) & highBits
    if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
    index &+= 8
  }
  while index < text.count {
    let byte = text[index]
    if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { break }
    index &+= 1
  }
  return index
}

/// The offset of the first byte at or after `start` that cannot stand in a printed string as it
/// is: a quotation mark, a backslash or a control character; the text's count when there is none.
@inline(__always)
func endOfPrintableRun(_ text: Span<UInt8>, from start: Int) -> Int {
  var index = start
  while index &+ 8 <= text.count {
    let word = loadWord(text, at: index)
    let found =
      ((word &- (0x20 &* ones)) | ((word ^ (0x22 &* ones)) &- ones)
        | ((word ^ (0x5C &* ones)) &- ones)) & ~word & highBits
    if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
    index &+= 8
  }
  while index < text.count {
    let byte = text[index]
    if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
    index &+= 1
  }
  return index
}

/// The offset of the first byte at or after `start` that is no white space; the text's count when
/// there is none.
func endOfBlanks(_ text: Span<UInt8>, from start: Int) -> Int {
  var index = start
  while index < text.count {
    if index &+ 8 <= text.count {
      // Indentation: a word of spaces, or some at its beginning.
      let others = loadWord(text, at: index) ^ (0x20 &* ones)
      if others == 0 {
        index &+= 8
        continue
      }
      index &+= others.trailingZeroBitCount / 8
    }
    switch text[index] {
    case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
    default: return index
    }
  }
  return index
}

/// The offset of the first byte at or after `start` that is no digit; the text's count when there is
/// none.
@inline(__always)
func endOfDigits(_ text: Span<UInt8>, from start: Int) -> Int {
  var index = start
  while index &+ 8 <= text.count {
    // A digit becomes 0 to 9, to which adding 0x76 does not reach bit 7; no sum carries.
    let word = loadWord(text, at: index) ^ (0x30 &* ones)
    let found = ((word & ~highBits) &+ (0x76 &* ones) | word) & highBits
    if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
    index &+= 8
  }
  while index < text.count, text[index] &- 0x30 < 10 { index &+= 1 }
  return index
}

/// The length of the UTF-8 sequence of two to four bytes at an offset, by the table of RFC 3629
/// §4: no overlong form, no surrogate, nothing above U+10FFFF. Nil when the bytes are no such
/// sequence.
func multibyteLength(_ text: Span<UInt8>, at index: Int) -> Int? {
  func isContinuation(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
    index &+ offset < text.count && range.contains(text[index &+ offset])
  }
  let second: ClosedRange<UInt8>
  let length: Int
  switch text[index] {
  case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
  case 0xE0: (second, length) = (0xA0...0xBF, 3)
  case 0xE1...0xEC, 0xEE...0xEF: (second, length) = (0x80...0xBF, 3)
  case 0xED: (second, length) = (0x80...0x9F, 3)
  case 0xF0: (second, length) = (0x90...0xBF, 4)
  case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
  case 0xF4: (second, length) = (0x80...0x8F, 4)
  default: return nil
  }
  guard isContinuation(1, second) else { return nil }
  if length > 2, !isContinuation(2) { return nil }
  if length > 3, !isContinuation(3) { return nil }
  return length
}

/// The string of bytes that were found to be UTF-8.
@inline(__always)
func makeString(_ text: Span<UInt8>, _ range: Range<Int>, isASCII: Bool) -> String {
  // SAFETY: the callers have checked every byte of the range, ASCII ones with endOfPlainRun and
  // all others with multibyteLength.
  unsafe String(
    copying: UTF8Span(unchecked: text.extracting(range), isKnownASCII: isASCII))
}

extension [UInt8] {
  /// Adds a part of a span.
  @inline(__always)
  mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
    let part = text.extracting(range)
    // SAFETY: the pointer is used during the call only and covers the part that was extracted.
    unsafe part.withUnsafeBufferPointer { unsafe self.append(contentsOf: $0) }
  }
}

// MARK: - Words

/// The eight bytes at an offset, the first one lowest.
@inline(__always)
func loadWord(_ text: Span<UInt8>, at index: Int) -> UInt64 {
  // SAFETY: the callers keep index + 8 within the span's count; a UInt64 may have any bits and the
  // load may be unaligned.
  assert(index >= 0 && index &+ 8 <= text.count)
  let word = unsafe text.bytes.unsafeLoadUnaligned(
    fromUncheckedByteOffset: index, as: UInt64.self)
  return UInt64(littleEndian: word)
}

/// Up to eight bytes as one word, zeros above.
@inline(__always)
func shortWord(_ text: Span<UInt8>, at start: Int, count: Int) -> UInt64 {
  if start &+ 8 <= text.count {
    return loadWord(text, at: start) & (UInt64.max >> UInt64(64 &- 8 &* count))
  }
  var word: UInt64 = 0
  for index in 0..<count { word |= UInt64(text[start &+ index]) &<< UInt64(8 &* index) }
  return word
}

/// Whether two texts have the same bytes, so many from an offset in each on.
@inline(__always)
func sameBytes(
  _ left: Span<UInt8>, _ leftStart: Int, _ right: Span<UInt8>, _ rightStart: Int, count: Int
) -> Bool {
  if count < 8 {
    return shortWord(left, at: leftStart, count: count)
      == shortWord(right, at: rightStart, count: count)
  }
  let last = count &- 8
  var index = 0
  while index < last {
    if loadWord(left, at: leftStart &+ index) != loadWord(right, at: rightStart &+ index) {
      return false
    }
    index &+= 8
  }
  return loadWord(left, at: leftStart &+ last) == loadWord(right, at: rightStart &+ last)
}

/// 0x01 in each byte.
private let ones: UInt64 = 0x0101_0101_0101_0101

/// 0x80 in each byte.
private let highBits: UInt64 = 0x8080_8080_8080_8080
