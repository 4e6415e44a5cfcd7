// The head of a request.

import Bytes

/// The request line and header fields of a request.
///
/// A received head satisfies what RFC 9112 demands of it: the target is of a form that the method
/// has, an HTTP/1.1 request has exactly one valid `Host`, and the framing is unambiguous. One that
/// is made here is checked when it is written.
package struct HTTPRequestHead: Sendable, Equatable {
  package var method: HTTPMethod
  package var version: HTTPVersion
  package var fields: HTTPFields

  /// The request target as it stood in the request line.
  package var targetBytes: [UInt8]

  /// How the body of a received request is framed; `none` in a head that is made here.
  package internal(set) var bodyFraming: HTTPBodyFraming

  /// A head to be sent. The fields need a `Host`; those of the framing and of the connection are
  /// added by ``HTTPClientMachine``.
  package init(
    method: HTTPMethod, target: String, version: HTTPVersion = .http11, fields: HTTPFields = []
  ) {
    self.method = method
    self.version = version
    self.fields = fields
    targetBytes = Array(target.utf8)
    bodyFraming = .none
  }

  /// The request target as it stood in the request line.
  package var target: String { String(decoding: targetBytes, as: UTF8.self) }

  /// The path as it was sent, with its escapes, before any `?`: `/hooks/ci/app` of
  /// `/hooks/ci/app?x=1` and of `http://host/hooks/ci/app`. It is `/` for an absolute target
  /// without a path and `*` for the target of that form.
  package var path: String {
    let range = RequestTarget.pathRange(in: targetBytes.span)
    return range.isEmpty ? "/" : String(copying: targetBytes.span.extracting(range))
  }

  /// Lends the ``path`` without making a string of it.
  package func withPath<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let target = targetBytes.span
    let range = RequestTarget.pathRange(in: target)
    return range.isEmpty ? body([UInt8(ascii: "/")].span) : body(target.extracting(range))
  }

  /// Whether the target is absolute and of the scheme https, which only a connection that is secured
  /// may carry, or a gateway's that is trusted (RFC 9110 §7.4).
  package var isForSecuredConnection: Bool { RequestTarget.isHTTPS(targetBytes.span) }

  /// What stands behind the first `?` of the target, with its escapes; nil without one.
  package var query: String? {
    RequestTarget.queryRange(in: targetBytes.span).map {
      String(copying: targetBytes.span.extracting($0))
    }
  }

  /// The host, with its port if one was given, that the request is for: that of an absolute target,
  /// which replaces the field (RFC 9112 §3.2.2), else that of `Host`. Nil only in HTTP/1.0.
  package var host: String? {
    if let range = RequestTarget.authorityRange(in: targetBytes.span) {
      return String(copying: targetBytes.span.extracting(range))
    }
    return fields["host"]
  }
}
