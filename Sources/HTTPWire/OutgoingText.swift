// The leaves of the serialisers: they write into space that was reserved for a whole message, so
// that a message costs one growth of the output and each part of it a plain copy.

extension OutputSpan<UInt8> {
  /// Adds bytes. The span must have room for them.
  mutating func append(copying bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    precondition(bytes.count <= freeCapacity)
    // SAFETY: the room behind the initialised bytes was checked; the source is memory of its own,
    // since this span is held exclusively; as many bytes are said to be initialised as are copied.
    unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
      unsafe bytes.withUnsafeBufferPointer { source in
        _ = unsafe buffer.suffix(from: initializedCount).initialize(fromContentsOf: source)
      }
      initializedCount += bytes.count
    }
  }

  /// Adds the bytes of a text. The span must have room for them.
  mutating func append(copying text: String) {
    append(copying: text.utf8.span)
  }

  /// Adds a CR and an LF.
  mutating func appendLineEnd() {
    append(UInt8(ascii: "\r"))
    append(UInt8(ascii: "\n"))
  }

  /// Adds a number in decimal with at least so many digits, at most 20. A negative one is 0.
  mutating func append(decimal number: some BinaryInteger, digits: Int = 1) {
    append(UInt64(clamping: number), radix: 10, digits: digits)
  }

  /// Adds a number in lower-case hexadecimal, at most 16 digits. A negative one is 0.
  mutating func append(hexadecimal number: some BinaryInteger) {
    append(UInt64(clamping: number), radix: 16, digits: 1)
  }

  private mutating func append(_ value: UInt64, radix: UInt64, digits: Int) {
    // The weight of the first digit. Dividing, not multiplying, so that it cannot overflow.
    var weight: UInt64 = 1
    for _ in 1..<digits { weight *= radix }
    while value / weight >= radix { weight *= radix }
    while weight > 0 {
      let digit = UInt8(truncatingIfNeeded: value / weight % radix)
      append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &- 10 &+ UInt8(ascii: "a"))
      weight /= radix
    }
  }
}

/// The most bytes that a number takes in decimal: those of `UInt64.max`.
let decimalByteCount = 20

/// The most bytes that a number takes in hexadecimal.
let hexadecimalByteCount = 16
