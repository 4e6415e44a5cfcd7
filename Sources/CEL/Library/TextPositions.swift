// Places in a text, counted in code points.

extension Span<UInt8> {
  /// The offset in bytes of the code point at an index, or of the end for the index that is their
  /// number; nil for other indexes. Takes time in proportion to the index.
  func byteOffset(ofScalar index: Int64, from start: Int = 0) -> Int? {
    guard index >= 0 else { return nil }
    var remaining = index
    var offset = start
    while offset < count {
      if self[offset] & 0xC0 != 0x80 {
        if remaining == 0 { return offset }
        remaining -= 1
      }
      offset += 1
    }
    return remaining == 0 ? count : nil
  }

  /// How many code points begin within a range of bytes.
  func scalarCount(_ range: Range<Int>) -> Int64 {
    var count: Int64 = 0
    for offset in range where self[offset] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// The text of a range of bytes, whose ends lie between code points.
  func text(_ range: Range<Int>) -> String {
    String(decoding: extracting(range).bytesArray, as: UTF8.self)
  }

  /// A copy of the bytes.
  var bytesArray: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in indices { bytes.append(self[index]) }
    return bytes
  }
}
