// A certificate that changes while connections come and go.

import Synchronization

/// The context that new connections are served with, which can be replaced at any time.
///
/// A handshake keeps the context it began with, so none fails because of a replacement. Tickets of
/// the context before are not accepted any more: such a client shakes hands in full.
package final class TLSServerContextSlot: TLSServerContextSource {
  private let context: Mutex<TLSServerContext>

  package init(_ context: TLSServerContext) {
    self.context = Mutex(context)
  }

  package var current: TLSServerContext { context.withLock { $0 } }

  /// Serves the connections from now on with another context.
  package func replace(with next: TLSServerContext) {
    context.withLock { $0 = next }
  }
}
