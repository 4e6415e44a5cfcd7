// What makes the repetition of a manual call one with the first.
//
// Source: draft-ietf-httpapi-idempotency-key-header-07. A key that was used for another body is
// answered 422, as its §2.7 says. The draft writes the key as a string in double quotes (RFC 9651
// §3.3.3); many clients send it bare, and both spellings are one key.

import Bytes
import HTTPWire

/// The key of a call, out of its `Idempotency-Key` header.
struct IdempotencyKey: Equatable, Sendable {
  let text: String

  /// Why a header is no key.
  struct Problem: Error, Equatable {
    let message: String
  }

  /// Reads the header; nil when there is none.
  static func read(_ fields: HTTPFields) throws(Problem) -> IdempotencyKey? {
    let values = fields.values(for: "Idempotency-Key")
    guard let value = values.first else { return nil }
    var bytes = Array(value.utf8)
    if bytes.count >= 2, bytes.first == quote, bytes.last == quote {
      bytes = Array(bytes.dropFirst().dropLast())
    }
    guard values.count == 1, (1...lengthLimit).contains(bytes.count),
      bytes.allSatisfy({ ASCII.isVisible($0) && $0 != quote && $0 != UInt8(ascii: "\\") })
    else {
      throw Problem(
        message: "Idempotency-Key is one key of 1 to \(lengthLimit) visible characters")
    }
    return IdempotencyKey(text: String(decoding: bytes, as: UTF8.self))
  }

  /// The id under which the journal knows the call. Each caller has keys of their own for each
  /// trigger.
  func senderID(caller: String, trigger: String) -> String {
    "manual/\(caller)/\(trigger)/\(text)"
  }

  private static let quote = UInt8(ascii: "\"")
  /// As long as what services that document one take.
  private static let lengthLimit = 255
}
