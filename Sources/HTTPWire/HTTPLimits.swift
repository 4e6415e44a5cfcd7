// Every limit of the wire format.

/// What a peer may send before it is refused. Reaching a limit is an error with a status of its
/// own (``HTTPReceiveError``), never a cut.
///
/// The body's limit is not here: it differs from path to path, so that the driver gives it when it
/// admits a request.
package struct HTTPLimits: Sendable, Equatable {
  /// Bytes of a request line or status line, without its CRLF: 8 KiB. RFC 9112 §3 asks for at
  /// least 8,000; nginx has the same.
  package var startLineByteCount = 8 * 1024

  /// Bytes of one field line, without its CRLF: 8 KiB, as nginx.
  package var fieldLineByteCount = 8 * 1024

  /// Bytes of a whole head, from the start line to the empty line: 32 KiB, as nginx with its four
  /// buffers of 8 KiB.
  package var headByteCount = 32 * 1024

  /// Fields of a head, and fields of a trailer section: 100. A webhook has 10 to 25.
  package var fieldCount = 100

  /// Bytes of a method: 32. The longest registered one, UPDATEREDIRECTREF, has 17.
  package var methodByteCount = 32

  /// Empty lines that are skipped before a request line: 4. RFC 9112 §2.2 asks for at least one,
  /// which some old clients send after a body.
  package var emptyLineCount = 4

  /// Bytes of chunk extensions in one body: 4 KiB. No sender of webhooks is known to send any
  /// (RFC 9112 §7.1.1 asks for a limit).
  package var chunkExtensionByteCount = 4 * 1024

  /// Bytes of chunk framing that are free of the ratio below: 64 KiB.
  package var chunkOverheadByteCount = 64 * 1024

  /// Bytes of chunk framing for each byte of data beyond that: 3. One-byte chunks cost 5, two-byte
  /// chunks 2.5, so this refuses a body cut into single bytes and nothing that a real sender does.
  package var chunkOverheadRatio = 3

  /// Bytes of a trailer section: 8 KiB.
  package var trailerByteCount = 8 * 1024

  /// Informational responses before a final one: 16. A server sends one 100 and perhaps a 103.
  package var informationalResponseCount = 16

  /// The limits of a listener that faces the internet.
  package static let `default` = HTTPLimits()

  package init() {}
}
