// How long a message's body is: the one place where that is decided.

import Bytes

/// How the end of a message's body is found.
///
/// Every smuggling attack is two parties that answer this question differently, so it has one
/// answer here, for both roles, and whatever is ambiguous is refused.
package enum HTTPBodyFraming: Sendable, Equatable {
  /// There is no body.
  case none
  /// The body has so many bytes; it may be zero.
  case length(Int)
  /// The body is in chunks.
  case chunked
  /// The body ends where the connection does. Responses only.
  case untilClose

  /// Whether body bytes will follow the head.
  package var hasBody: Bool { self != .none && self != .length(0) }
}

extension HTTPBodyFraming {
  /// What kind of message is framed.
  enum Message {
    case request
    /// A response, to a request with the method.
    case response(HTTPStatus, to: HTTPMethod)
  }

  /// Decides the framing from a head's fields, by the numbered steps of RFC 9112 §6.3.
  ///
  /// Stricter than the steps where they leave a choice: a repeated or listed `Content-Length` is
  /// refused even if its values agree, both fields together are refused, and `chunked` must be the
  /// only transfer coding.
  ///
  /// *Errors*: the framing cases of ``HTTPReceiveError``, always the peer's fault.
  static func decide(
    _ message: Message, version: HTTPVersion, fields: HTTPFields
  ) throws(HTTPReceiveError) -> HTTPBodyFraming {
    // 1. A response to HEAD, and any 1xx, 204 or 304, ends with its head.
    // 2. A 2xx to CONNECT starts a tunnel: no CONNECT is ever sent.
    if case .response(let status, let method) = message, method == .head || status.forbidsBody {
      return .none
    }

    let codings = fields.firstIndex(named: "transfer-encoding")
    let lengths = fields.firstIndex(named: "content-length")

    // 3. Both fields: an attempt to smuggle; refused rather than repaired.
    if let codings, lengths != nil {
      throw .conflictingFraming(position: fields.position(at: codings))
    }

    // 4. Transfer-Encoding: its final coding must be chunked. In a message of HTTP/1.0, which does
    //    not have the field, the framing is faulty (§6.1).
    if let codings {
      guard version >= .http11 else {
        throw .transferEncodingInHTTP10(position: fields.position(at: codings))
      }
      try requireChunkedOnly(fields, firstLine: codings)
      return .chunked
    }

    // 5. and 6. Content-Length: exactly one, of digits alone, that a signed 64-bit number holds.
    if let lengths {
      return .length(try contentLength(fields, line: lengths))
    }

    // 7. A request without either has no body.
    // 8. A response without either ends with the connection.
    switch message {
    case .request: return .none
    case .response: return .untilClose
    }
  }

  /// Refuses every list of transfer codings but `chunked` alone.
  private static func requireChunkedOnly(
    _ fields: HTTPFields, firstLine: Int
  ) throws(HTTPReceiveError) {
    var unknown: Int?
    var chunked: Int?
    var last: Int?
    for index in firstLine..<fields.count
    where fields.hasName(fields.entries[index], "transfer-encoding") {
      var elements = ListElements(of: fields.entries[index].value)
      while let element = elements.next(in: fields.bytes.span) {
        let coding = fields.bytes.span.extracting(element)
        guard coding.isToken else {
          throw .invalidTransferEncoding(position: element.lowerBound)
        }
        last = element.lowerBound
        if ASCII.equalsIgnoringCase(coding, "chunked".utf8.span) {
          guard chunked == nil else {
            throw .invalidTransferEncoding(position: element.lowerBound)
          }
          chunked = element.lowerBound
        } else {
          unknown = unknown ?? element.lowerBound
        }
      }
    }
    // Chunked is absent, or another coding follows it: the end cannot be known.
    guard let chunked, chunked == last else {
      throw .invalidTransferEncoding(
        position: unknown ?? fields.position(at: firstLine))
    }
    if let unknown { throw .unsupportedTransferCoding(position: unknown) }
  }

  private static func contentLength(
    _ fields: HTTPFields, line: Int
  ) throws(HTTPReceiveError) -> Int {
    for index in line + 1..<fields.count
    where fields.hasName(fields.entries[index], "content-length") {
      throw .repeatedContentLength(position: fields.position(at: index))
    }
    let digits = fields.bytes.span.extracting(fields.entries[line].value)
    guard let value = Decimal.parse(digits), let count = Int(exactly: value) else {
      throw .invalidContentLength(position: fields.position(at: line))
    }
    return count
  }
}

extension HTTPFields {
  /// Where in the head the line at a place begins.
  func position(at index: Int) -> Int { Int(entries[index].nameStart) }
}
