// Everything that can be wrong with what a peer sent.

/// Why a message was refused. One case for each distinct failure.
///
/// A position is an offset in bytes: from the first byte of the start line for what is wrong in a
/// head, from the first byte of the body for what is wrong in a chunked body, and from the first
/// byte of the trailer section for what is wrong in trailers.
///
/// After any of them the receiving side of the machine stays in error, and the connection is of no
/// further use: where a next message would begin is no longer certain. A server still answers with
/// ``status``.
///
/// *Source*: the section named at each case, of RFC 9112 unless it says otherwise.
package enum HTTPReceiveError: Error, Equatable, Sendable {
  // The start line.

  /// A byte that no method has, or no method at all (§3.1).
  case invalidMethod(position: Int)
  /// A method longer than any that is known (§3).
  case methodTooLong(limit: Int)
  /// `CONNECT`: this is not a proxy (§3.2.3).
  case unsupportedMethod
  /// A request target outside the grammar, or of a form that its method does not have (§3.2).
  case invalidTarget(position: Int)
  /// A start line over the limit (§3).
  case startLineTooLong(limit: Int)
  /// Something else than `HTTP/` digit `.` digit, which includes HTTP/0.9 (§2.3).
  case invalidVersion(position: Int)
  /// A major version other than 1 (§2.3).
  case unsupportedVersion(major: UInt8)
  /// A status line without three digits and a reason after single spaces (§4).
  case invalidStatusLine(position: Int)
  /// More empty lines than are skipped before a request (§2.2).
  case tooManyEmptyLines(limit: Int)
  /// A CR without LF or an LF without CR (§2.2).
  case invalidLineEnding(position: Int)

  // Fields of a head or a trailer section.

  /// A line that begins with white space: folding, or a trick (§2.2, §5.2).
  case foldedLine(position: Int)
  /// A byte that no field name has, or no name, or no colon (§5.1).
  case invalidFieldName(position: Int)
  /// White space between a field name and its colon (§5.1).
  case whitespaceBeforeColon(position: Int)
  /// A control character in a field value (RFC 9110 §5.5).
  case invalidFieldValue(position: Int)
  /// A field line over the limit (RFC 6585 §5).
  case fieldLineTooLong(limit: Int)
  /// More fields than the limit (RFC 6585 §5).
  case tooManyFields(limit: Int)
  /// A head over the limit (RFC 6585 §5).
  case headTooLarge(limit: Int)
  /// A trailer section over the limit.
  case trailersTooLarge(limit: Int)

  // What a request's fields must say.

  /// HTTP/1.1 without `Host` (§3.2).
  case missingHost
  /// A second `Host` line, whatever it says (§3.2).
  case repeatedHost(position: Int)
  /// A `Host` that is no host and port, or is empty (§3.2).
  case invalidHost(position: Int)
  /// An expectation other than `100-continue` (RFC 9110 §10.1.1).
  case unsupportedExpectation(position: Int)

  // The body's framing.

  /// `Transfer-Encoding` together with `Content-Length` (§6.3 step 3).
  case conflictingFraming(position: Int)
  /// `Transfer-Encoding` in HTTP/1.0 (§6.1).
  case transferEncodingInHTTP10(position: Int)
  /// `Transfer-Encoding` that does not end with one `chunked` (§6.3 step 4).
  case invalidTransferEncoding(position: Int)
  /// A transfer coding other than `chunked` (§6.1).
  case unsupportedTransferCoding(position: Int)
  /// `Content-Length` that is not digits alone, or too large a number (§6.3 step 5).
  case invalidContentLength(position: Int)
  /// A second `Content-Length` line, whatever it says (§6.3 step 5).
  case repeatedContentLength(position: Int)
  /// A body over the limit that its request was admitted with.
  case bodyTooLarge(limit: Int)

  // The chunked coding.

  /// No hexadecimal digit where a chunk size begins, or another byte after it than CR, `;` or the
  /// white space before that (§7.1).
  case invalidChunkSize(position: Int)
  /// A chunk size above 2⁶³−1 (§7.1).
  case chunkSizeTooLarge(position: Int)
  /// A chunk extension outside the grammar (§7.1.1).
  case invalidChunkExtension(position: Int)
  /// Chunk extensions over the limit (§7.1.1).
  case chunkExtensionsTooLong(limit: Int)
  /// Something else than CR LF after a chunk's data (§7.1).
  case invalidChunkEnd(position: Int)
  /// Far more framing than data: a body cut into confetti to cost time.
  case excessiveChunkOverhead(position: Int)

  // The connection.

  /// The connection ended within a message (§8).
  case truncated

  // What only a client meets.

  /// The connection ended before a byte of the response: a kept connection that the server had
  /// closed meanwhile (§9.3.1), or one that was refused.
  case closedBeforeResponse
  /// Bytes from the server that answer no request (§9.2).
  case unsolicitedBytes
  /// `101` although no upgrade was asked for (RFC 9110 §15.2.2).
  case unexpectedUpgrade
  /// More informational responses than the limit.
  case tooManyInformationalResponses(limit: Int)
  /// A `Content-Encoding` although the request had no `Accept-Encoding` (RFC 9110 §12.5.3).
  case unrequestedContentCoding(position: Int)
}

extension HTTPReceiveError {
  /// What a server answers, always followed by the connection's end.
  package var status: HTTPStatus {
    switch self {
    case .methodTooLong, .unsupportedMethod, .unsupportedTransferCoding: .notImplemented
    case .startLineTooLong: .uriTooLong
    case .unsupportedVersion: .httpVersionNotSupported
    case .fieldLineTooLong, .tooManyFields, .headTooLarge, .trailersTooLarge:
      .requestHeaderFieldsTooLarge
    case .unsupportedExpectation: .expectationFailed
    case .bodyTooLarge: .contentTooLarge
    default: .badRequest
    }
  }

  /// Whose fault it is: the peer's, but for a connection that ended.
  package var fault: HTTPFault {
    switch self {
    case .truncated, .closedBeforeResponse: .environment
    default: .peer
    }
  }

  /// What becomes of the connection: it closes, after the answer if there is one to give.
  package var persistence: HTTPPersistence { .close }

  /// Whether the request may be sent again on another connection even if it is not idempotent: the
  /// server had not begun to answer on a connection that was kept from earlier.
  package var isStaleConnection: Bool { self == .closedBeforeResponse }
}

extension HTTPReceiveError: CustomStringConvertible {
  /// What was wrong and where, without any byte of the message.
  package var description: String {
    switch self {
    case .invalidMethod(let position): "invalid method at byte \(position)"
    case .methodTooLong(let limit): "method longer than \(limit) bytes"
    case .unsupportedMethod: "CONNECT is not supported: this is not a proxy"
    case .invalidTarget(let position): "invalid request target at byte \(position)"
    case .startLineTooLong(let limit): "start line longer than \(limit) bytes"
    case .invalidVersion(let position): "invalid protocol version at byte \(position)"
    case .unsupportedVersion(let major): "unsupported protocol version HTTP/\(major)"
    case .invalidStatusLine(let position): "invalid status line at byte \(position)"
    case .tooManyEmptyLines(let limit): "more than \(limit) empty lines before a request"
    case .invalidLineEnding(let position): "line not ended by CR LF at byte \(position)"
    case .foldedLine(let position): "line beginning with white space at byte \(position)"
    case .invalidFieldName(let position): "invalid field name at byte \(position)"
    case .whitespaceBeforeColon(let position): "white space before a colon at byte \(position)"
    case .invalidFieldValue(let position): "control character in a field value at byte \(position)"
    case .fieldLineTooLong(let limit): "field line longer than \(limit) bytes"
    case .tooManyFields(let limit): "more than \(limit) fields"
    case .headTooLarge(let limit): "head larger than \(limit) bytes"
    case .trailersTooLarge(let limit): "trailer section larger than \(limit) bytes"
    case .missingHost: "no Host field"
    case .repeatedHost(let position): "second Host field at byte \(position)"
    case .invalidHost(let position): "invalid host at byte \(position)"
    case .unsupportedExpectation(let position): "unsupported expectation at byte \(position)"
    case .conflictingFraming(let position):
      "Transfer-Encoding beside Content-Length at byte \(position)"
    case .transferEncodingInHTTP10(let position):
      "Transfer-Encoding in HTTP/1.0 at byte \(position)"
    case .invalidTransferEncoding(let position): "invalid Transfer-Encoding at byte \(position)"
    case .unsupportedTransferCoding(let position):
      "unsupported transfer coding at byte \(position)"
    case .invalidContentLength(let position): "invalid Content-Length at byte \(position)"
    case .repeatedContentLength(let position): "second Content-Length at byte \(position)"
    case .bodyTooLarge(let limit): "body larger than \(limit) bytes"
    case .invalidChunkSize(let position): "invalid chunk size at byte \(position)"
    case .chunkSizeTooLarge(let position): "chunk size too large at byte \(position)"
    case .invalidChunkExtension(let position): "invalid chunk extension at byte \(position)"
    case .chunkExtensionsTooLong(let limit): "more than \(limit) bytes of chunk extensions"
    case .invalidChunkEnd(let position): "chunk not ended by CR LF at byte \(position)"
    case .excessiveChunkOverhead(let position):
      "more chunk framing than data allows at byte \(position)"
    case .truncated: "the connection ended within a message"
    case .closedBeforeResponse: "the connection ended before a response began"
    case .unsolicitedBytes: "bytes that answer no request"
    case .unexpectedUpgrade: "a switch of protocols that was not asked for"
    case .tooManyInformationalResponses(let limit):
      "more than \(limit) informational responses"
    case .unrequestedContentCoding(let position):
      "content coding that was not asked for at byte \(position)"
    }
  }
}
