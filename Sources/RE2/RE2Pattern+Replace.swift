// Replacing what matches.
//
//   template = *( "$$" / "$" name / "${" name "}" / any )        name = 1*( ALPHA / DIGIT / "_" )
//
// A name is the longest there can be: `$1x` is the group `1x`. A name that is no group stands for
// nothing; a dollar without a name stands for itself.
//
// Source: Go's `Regexp.ReplaceAllString` and `Regexp.Expand`.

import CRE2

extension RE2Pattern {
  /// The text with each match replaced by the template, in which `$1` and `${name}` stand for groups.
  ///
  /// Takes time in proportion to the text, and to the result.
  ///
  /// - Parameter charge: is told of each piece's bytes before it is added, and may end the work.
  package func replacingAll<Failure: Error>(
    in text: String, with template: String, charge: (_ byteCount: Int) throws(Failure) -> Void
  ) throws(Failure) -> String {
    let parts = ReplacementTemplate(template) { self.groupNumber($0) }
    let groupCount = parts.greatestGroup
    let source = Array(text.utf8)
    var result: [UInt8] = []
    var lastEnd = 0
    var position = 0
    while position <= source.count,
      let spans = find(in: source, from: position, spanCount: groupCount + 1)
    {
      let match = spans[0] ?? position..<position
      try charge(match.lowerBound - lastEnd)
      result.append(contentsOf: source[lastEnd..<match.lowerBound])
      // An empty match right after another one is none.
      if match.upperBound > lastEnd || match.lowerBound == 0 {
        for part in parts.parts {
          switch part {
          case .text(let bytes):
            try charge(bytes.count)
            result.append(contentsOf: bytes)
          case .group(let number):
            guard spans.indices.contains(number), let span = spans[number] else { continue }
            try charge(span.count)
            result.append(contentsOf: source[span])
          }
        }
      }
      lastEnd = match.upperBound
      // On by one character at the least.
      var next = position + 1
      while next < source.count, source[next] & 0xC0 == 0x80 { next += 1 }
      position = max(next, match.upperBound)
    }
    try charge(source.count - lastEnd)
    result.append(contentsOf: source[lastEnd...])
    return String(decoding: result, as: UTF8.self)
  }

  /// The places of the first match at or after an offset, and of its groups.
  private func find(in text: [UInt8], from start: Int, spanCount: Int) -> [Range<Int>?]? {
    var offsets = [Int](repeating: -1, count: spanCount * 2)
    // SAFETY: both buffers live through the call, which reads `count` bytes and writes
    // 2 × spanCount offsets, and keeps no pointer. An empty array has a base address too.
    let isFound = unsafe text.withUnsafeBytes { bytes in
      unsafe offsets.withUnsafeMutableBufferPointer { offsets in
        unsafe hookline_re2_find(
          handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, start,
          offsets.baseAddress, Int32(spanCount))
      }
    }
    guard isFound else { return nil }
    return (0..<spanCount).map { group in
      let (start, end) = (offsets[group * 2], offsets[group * 2 + 1])
      return start < 0 || end < start ? nil : start..<end
    }
  }

  /// The number of the group of a name or of digits; nil when there is none.
  private func groupNumber(_ name: String) -> Int? {
    if let number = Int(name), number >= 0, !name.hasPrefix("+") {
      // SAFETY: the handle lives as long as this instance.
      let count = unsafe hookline_re2_group_count(handle)
      return number <= Int(count) ? number : nil
    }
    var name = name
    // SAFETY: the bytes live through the call, which reads `count` of them and keeps no pointer.
    let number = name.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { name in
        unsafe hookline_re2_group_number(handle, name.baseAddress, name.count)
      }
    }
    return number > 0 ? Int(number) : nil
  }
}

/// A template, taken apart.
private struct ReplacementTemplate {
  enum Part {
    case text([UInt8])
    case group(Int)
  }

  private(set) var parts: [Part] = []
  /// The greatest number of a group that occurs.
  private(set) var greatestGroup = 0

  init(_ template: String, groupNumber: (String) -> Int?) {
    let bytes = Array(template.utf8)
    var text: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] == Self.dollar, index + 1 < bytes.count else {
        text.append(bytes[index])
        index += 1
        continue
      }
      if bytes[index + 1] == Self.dollar {
        text.append(Self.dollar)
        index += 2
        continue
      }
      guard let (name, end) = Self.name(bytes, after: index + 1) else {
        text.append(Self.dollar)
        index += 1
        continue
      }
      index = end
      if let number = groupNumber(name) {
        if !text.isEmpty { parts.append(.text(text)) }
        text = []
        parts.append(.group(number))
        greatestGroup = max(greatestGroup, number)
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
  }

  private static func name(_ bytes: [UInt8], after start: Int) -> (String, end: Int)? {
    let isBraced = bytes[start] == UInt8(ascii: "{")
    let first = isBraced ? start + 1 : start
    let end = bytes[first...].firstIndex { !isNameByte($0) } ?? bytes.count
    guard end > first else { return nil }
    let name = String(decoding: bytes[first..<end], as: UTF8.self)
    guard isBraced else { return (name, end) }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else { return nil }
    return (name, end + 1)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static let dollar = UInt8(ascii: "$")
}
