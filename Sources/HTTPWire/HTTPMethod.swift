// Request methods.

/// A request method: a case-sensitive token, such as `POST`.
///
/// The set is open: a parsed request may carry any token, and ``isStandard`` tells the ones a
/// general server knows from the ones it answers with 501.
///
/// *Source*: RFC 9110 §9.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  package static let get = HTTPMethod(rawValue: "GET")
  package static let head = HTTPMethod(rawValue: "HEAD")
  package static let post = HTTPMethod(rawValue: "POST")
  package static let put = HTTPMethod(rawValue: "PUT")
  package static let patch = HTTPMethod(rawValue: "PATCH")
  package static let delete = HTTPMethod(rawValue: "DELETE")
  package static let options = HTTPMethod(rawValue: "OPTIONS")
  package static let trace = HTTPMethod(rawValue: "TRACE")
  package static let connect = HTTPMethod(rawValue: "CONNECT")

  /// Whether RFC 9110 §9.3 or RFC 5789 (PATCH) defines the method. A server answers any other
  /// with 501, and one of these where it is not allowed with 405.
  package var isStandard: Bool {
    switch self {
    case .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect: true
    default: false
    }
  }

  /// Whether a request with this method usually has content, so that an empty one says
  /// `Content-Length: 0` (RFC 9110 §8.6).
  var anticipatesContent: Bool {
    self == .post || self == .put || self == .patch
  }

  package var description: String { rawValue }
}

extension HTTPMethod {
  /// The method that these token bytes spell.
  init(token: Span<UInt8>) {
    let known: HTTPMethod
    switch token.count {
    case 3: known = token[0] == UInt8(ascii: "G") ? .get : .put
    case 4: known = token[0] == UInt8(ascii: "P") ? .post : .head
    case 5: known = .patch
    case 6: known = .delete
    default: known = .options
    }
    if token.elementsEqual(known.rawValue) {
      self = known
    } else {
      rawValue = String(copying: token)
    }
  }
}
