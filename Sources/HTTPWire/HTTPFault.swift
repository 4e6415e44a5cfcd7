// Blame.

/// Whose fault an error is, which decides who is told: the peer gets an answer, a fault of ours is
/// logged as an error, and one of the environment is an ordinary event.
package enum HTTPFault: Sendable {
  /// The peer broke the protocol or a limit.
  case peer
  /// The caller asked for something that the protocol forbids.
  case local
  /// The connection broke.
  case environment
}
