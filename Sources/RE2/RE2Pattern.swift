// Regular expressions in RE2's syntax (https://github.com/google/re2/wiki/Syntax), by RE2 itself.
//
// RE2 matches in time linear in the text, whatever the pattern and whoever wrote the text, which is
// why it is the one engine for patterns that meet values from a webhook.

import CRE2

/// A compiled regular expression.
///
/// *Limits:* a pattern has at most ``lengthLimit`` bytes; program and caches together take at most
/// ``memoryLimit`` bytes. When RE2's fast automaton would need more while matching, it falls back to
/// a slower one with the same answers.
///
/// *Concurrency:* matching is safe on several threads at once and never suspends.
///
/// *Source:* RE2's `re2.h`; the corresponding C++ class is `RE2`.
@safe package final class RE2Pattern: Sendable {
  /// The pattern as it was written.
  package let text: String

  // SAFETY: points to a pattern this instance alone owns, from `init` to `deinit`. RE2 documents its
  // matching methods as thread-safe on a `const RE2`, and nothing here mutates it.
  nonisolated(unsafe) let handle: OpaquePointer

  /// Compiles a pattern.
  ///
  /// *Errors:* ``RE2Error``, always the fault of whoever wrote the pattern.
  package init(_ text: String) throws(RE2Error) {
    guard text.utf8.count <= Self.lengthLimit else {
      throw .tooLong(byteCount: text.utf8.count)
    }
    var reason = [CChar](repeating: 0, count: Self.reasonCapacity)
    var pattern = text
    // SAFETY: both buffers live through the call, their lengths are passed with them, and the shim
    // keeps neither pointer. It always ends the reason with NUL.
    let compiled = pattern.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { pattern in
        unsafe hookline_re2_compile(
          pattern.baseAddress, pattern.count, Self.memoryLimit, &reason, reason.count)
      }
    }
    guard let compiled = unsafe compiled else {
      let bytes = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .invalid(reason: String(decoding: bytes, as: UTF8.self))
    }
    self.text = text
    unsafe self.handle = compiled
  }

  deinit {
    // SAFETY: the only free of the handle, which `init` obtained and nobody else holds.
    unsafe hookline_re2_free(handle)
  }

  /// Whether the pattern matches some part of the text.
  package func matchesPartially(_ text: String) -> Bool {
    matches(text, whole: false)
  }

  /// Whether the pattern matches all of the text.
  package func matchesWhole(_ text: String) -> Bool {
    matches(text, whole: true)
  }

  private func matches(_ text: String, whole: Bool) -> Bool {
    var text = text
    // SAFETY: the bytes live through the call, which reads `count` of them and keeps no pointer.
    return text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { text in
        unsafe hookline_re2_matches(handle, text.baseAddress, text.count, whole)
      }
    }
  }

  /// The longest pattern, in bytes: far more than a person writes, far less than slows a start.
  package static let lengthLimit = 4096

  /// The memory of one pattern, in bytes: a quarter of RE2's own default, since a service holds many.
  /// Enough for any pattern within ``lengthLimit`` that does not repeat in the hundreds.
  package static let memoryLimit: Int64 = 2 << 20

  /// Room for RE2's reason, in bytes: its texts are short and name at most a part of the pattern.
  private static let reasonCapacity = 512
}
