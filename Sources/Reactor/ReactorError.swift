/// Why a socket, a name or a wait failed.
package struct ReactorError: Error, Hashable, Sendable {
  /// What failed, for code that decides.
  package enum Code: Hashable, Sendable {
    /// The time given for it is over; the peer was too slow.
    case deadlinePassed
    /// This side closed it, or the loop stopped.
    case closed
    /// The peer reset the connection, or the network lost it.
    case connectionLost
    /// The connection could not be made.
    case connectFailed
    /// The address could not be listened on.
    case listenFailed
    /// The name has no address, or none could be found out.
    case resolveFailed
    /// The TLS handshake or a record was wrong; the detail says what.
    case tlsFailed
    /// The kernel refused something that ought to work.
    case systemCallFailed
  }

  package let code: Code
  /// The kernel's reason, where there is one.
  package let underlying: Errno?
  /// What it was about: an address, a name, a reason in words. Never anything received.
  package let detail: String

  package init(_ code: Code, underlying: Errno? = nil, detail: String = "") {
    self.code = code
    self.underlying = underlying
    self.detail = detail
  }

  /// Does something with the kernel and says what it was about if it fails.
  static func wrapping<Value: ~Copyable>(
    _ code: Code, _ detail: @autoclosure () -> String, _ body: () throws(Errno) -> Value
  ) throws(ReactorError) -> Value {
    do throws(Errno) {
      return try body()
    } catch {
      throw ReactorError(code, underlying: error, detail: detail())
    }
  }

  /// Sorts a failed call on a connection by whose fault it is.
  init(onConnection errno: Errno) {
    switch errno {
    case .connectionReset, .brokenPipe, .timedOut, .notConnected, .connectionAborted:
      self.init(.connectionLost, underlying: errno)
    default:
      self.init(.systemCallFailed, underlying: errno)
    }
  }
}

extension ReactorError: CustomStringConvertible {
  package var description: String {
    let what =
      switch code {
      case .deadlinePassed: "timed out"
      case .closed: "connection closed"
      case .connectionLost: "connection lost"
      case .connectFailed: "cannot connect"
      case .listenFailed: "cannot listen"
      case .resolveFailed: "cannot resolve name"
      case .tlsFailed: "TLS failed"
      case .systemCallFailed: "system call failed"
      }
    return circumstances.isEmpty ? what : "\(what): \(circumstances)"
  }

  /// The description without what failed, for an error that has said so already.
  package var circumstances: String {
    [detail, underlying?.description ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}
