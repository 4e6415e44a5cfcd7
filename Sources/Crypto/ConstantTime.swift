// Comparison and randomness.

import COpenSSL

/// Whether both are the same bytes, in a time that depends on their lengths alone.
///
/// Different lengths are unequal; the time spent on that is the one of comparing the first with
/// itself. The corresponding C function is `CRYPTO_memcmp`.
package func constantTimeEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
  let sameLength = first.count == second.count
  let other = sameLength ? second : first
  // SAFETY: both pointers are used within the closures only, and both sides are `first.count`
  // bytes long; with no bytes OpenSSL reads neither.
  let difference = unsafe first.withUnsafeBytes { left in
    unsafe other.withUnsafeBytes { right in
      unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count)
    }
  }
  return difference == 0 && sameLength
}

/// Whether both are the same bytes, in a time that depends on their lengths alone.
package func constantTimeEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
  constantTimeEqual(first.span, second.span)
}

/// Unpredictable bytes, fit for keys and tokens.
///
/// A system without randomness stops the process: nothing that follows would be safe. The
/// corresponding C function is `RAND_bytes`.
package func randomBytes(_ count: Int) -> [UInt8] {
  precondition(count >= 0 && count <= Int(Int32.max), "RAND_bytes counts in int")
  return unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
    // SAFETY: OpenSSL writes exactly `count` bytes, which is the capacity.
    let done = unsafe RAND_bytes(output.baseAddress, Int32(count))
    guard count == 0 || done == 1 else {
      fatalError("\(CryptoError.draining("reading random bytes"))")
    }
    initialized = count
  }
}
