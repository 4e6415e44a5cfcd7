// Sockets that a supervisor has opened: systemd's socket activation, sd_listen_fds(3).

/// Why what the environment says about inherited sockets is refused.
package enum InheritedSocketsError: Error, Equatable, Sendable {
  /// `LISTEN_PID` is no process's number.
  case processInvalid(String)
  /// `LISTEN_FDS` is no number, or more than ``InheritedSockets/countMax``.
  case countInvalid(String)
}

extension InheritedSocketsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .processInvalid(let text): "LISTEN_PID=\(text) is not the number of a process"
    case .countInvalid(let text):
      "LISTEN_FDS=\(text) is not a number from 0 to \(InheritedSockets.countMax)"
    }
  }
}

/// What `LISTEN_PID` and `LISTEN_FDS` say.
package enum InheritedSockets {
  /// More than anybody passes; it keeps a wrong number from naming descriptors of ours.
  package static let countMax = 64

  /// The first one's descriptor, `SD_LISTEN_FDS_START`.
  private static let first: Int32 = 3

  /// The inherited sockets' addresses, in their order; none when the variables are absent or meant
  /// for another process.
  package static func addresses(
    environment: [String: String], process: Int32
  ) throws(InheritedSocketsError) -> [ListenerAddress] {
    guard let processText = environment["LISTEN_PID"], let countText = environment["LISTEN_FDS"]
    else { return [] }
    guard let named = number(processText) else { throw .processInvalid(processText) }
    guard named == process else { return [] }
    guard let count = number(countText), count <= countMax else {
      throw .countInvalid(countText)
    }
    return (first..<first + count).map { .inherited(descriptor: $0) }
  }

  /// Digits only: `Int32` would take a sign.
  private static func number(_ text: String) -> Int32? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32(text) : nil
  }
}
