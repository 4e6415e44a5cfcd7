// Everything that can be wrong with what we were told to send.

/// Why a message was not written. Nothing was added to the output; the machine is as before.
///
/// Always a fault of ours: a caller that breaks the protocol, or a value from outside that was
/// about to end a line and inject a field.
package enum HTTPSendError: Error, Equatable, Sendable {
  /// A method that is no token, or `CONNECT`.
  case invalidMethod
  /// A request target with a byte that no target has.
  case invalidTarget
  /// A status outside 100 to 999, or an informational one as a final answer.
  case invalidStatus(Int)
  /// A field name that is no token.
  case invalidFieldName
  /// A field value with a control character other than a tab, or with white space at its ends.
  case invalidFieldValue(name: String)
  /// A field that the machine writes itself: `Content-Length`, `Transfer-Encoding`, `Connection`,
  /// `Date` of a response.
  case reservedField(name: String)
  /// A request without exactly one `Host` that is a host and a port.
  case invalidHost
  /// A body where the status or the request allows none.
  case bodyNotAllowed
  /// More body than was announced.
  case bodyTooLong
  /// The body's end before all that was announced.
  case bodyTooShort
  /// A message when it is not its turn: a second answer, a body without a head, a request while
  /// another is in flight.
  case outOfTurn

  /// Whose fault it is.
  package var fault: HTTPFault { .local }
}

extension HTTPSendError: CustomStringConvertible {
  /// What was wrong, without any value.
  package var description: String {
    switch self {
    case .invalidMethod: "invalid method"
    case .invalidTarget: "invalid request target"
    case .invalidStatus(let code): "\(code) is no status of a final response"
    case .invalidFieldName: "invalid field name"
    case .invalidFieldValue(let name): "invalid value of the field \(name)"
    case .reservedField(let name): "the field \(name) is written by the connection itself"
    case .invalidHost: "a request needs exactly one valid Host field"
    case .bodyNotAllowed: "this message cannot have a body"
    case .bodyTooLong: "more body than was announced"
    case .bodyTooShort: "less body than was announced"
    case .outOfTurn: "it is not this message's turn"
    }
  }
}
