/// Accepts connections on one loop.
///
/// A failure to accept never ends it: what concerns one connection is skipped, and when descriptors
/// or memory have run out it rests for a while, so that it neither spins nor gives up; whoever
/// connects meanwhile waits in the backlog.
///
/// Concurrency: on its loop only.
package final class Listener {
  private let loop: EventLoop
  private let onAccept: (ByteStream) -> Void
  private let onTrouble: (ReactorError) -> Void
  private var socket: ListeningSocket?
  private var token = SlotToken(rawValue: .max)
  private var restEnd = SlotToken(rawValue: .max)
  private var isResting = false

  /// Stops taking connections while it is true, with the backlog going on to fill.
  package var isPaused = false {
    didSet { if isPaused != oldValue { updateInterest() } }
  }

  /// Connections taken in one turn of the loop, lest a flood of them starve those that are there.
  private static let acceptsPerTurn = 64
  /// How long it rests when there is nothing left to accept with: long enough to cost nothing,
  /// short beside a client's patience.
  private static let restDuration: Duration = .milliseconds(100)

  /// Starts accepting.
  ///
  /// - Parameters:
  ///   - onAccept: is given each connection.
  ///   - onTrouble: is told once for each rest, with the reason.
  ///
  /// Errors: `.systemCallFailed`; `.closed` when the loop stops.
  package init(
    _ socket: ListeningSocket, on loop: EventLoop, onTrouble: @escaping (ReactorError) -> Void,
    onAccept: @escaping (ByteStream) -> Void
  ) throws(ReactorError) {
    self.loop = loop
    self.onAccept = onAccept
    self.onTrouble = onTrouble
    self.socket = socket
    do throws(Errno) {
      token = try loop.register(
        .listener(self), socket.socket.rawValue, for: .listener)
    } catch {
      throw error == .canceled
        ? ReactorError(.closed) : ReactorError(.systemCallFailed, underlying: error)
    }
    restEnd = loop.addDeadline(.listener(self))
  }

  /// Stops listening: connections in the backlog that were not taken are reset by the kernel.
  package func close() {
    guard socket != nil else { return }
    loop.deregister(token)
    loop.removeDeadline(restEnd)
    socket = nil
  }

  /// Takes what waits in the backlog, so that a close resets as few as can be.
  package func acceptPending() {
    for _ in 0..<Listener.acceptsPerTurn where !isPaused && !isResting {
      guard acceptOne() else { return }
    }
  }

  func handle(_ event: Poller.Event) {
    acceptPending()
  }

  func restIsOver() {
    isResting = false
    updateInterest()
  }

  /// Takes one connection; false when there is none, or nothing to take it with.
  private func acceptOne() -> Bool {
    guard let socket else { return false }
    do throws(Errno) {
      let accepted = try SystemCall.accept(socket.socket)
      let peer = accepted.peer
      do throws(ReactorError) {
        onAccept(try ByteStream(owning: accepted.descriptor, .connected, peer: peer, on: loop))
      } catch {
        // The registration failed for want of kernel memory; the connection is closed already.
        rest(because: error)
        return false
      }
      return true
    } catch {
      if error == .wouldBlock { return false }
      guard error.isExhaustion else {
        // This one connection broke before it was taken (accept(2) lists network errors that are
        // handed on here); the next may be whole.
        return true
      }
      rest(because: ReactorError(.systemCallFailed, underlying: error, detail: "accepting"))
      return false
    }
  }

  private func rest(because error: ReactorError) {
    isResting = true
    updateInterest()
    loop.setDeadline(restEnd, to: loop.now.advanced(by: Listener.restDuration))
    onTrouble(error)
  }

  private func updateInterest() {
    guard let socket else { return }
    let interest: Poller.Interest = isPaused || isResting ? .none : .listener
    // It is registered, so there is nothing this could fail for; if it did, the worst is an
    // early look at the backlog.
    try? loop.modify(token, socket.socket.rawValue, for: interest)
  }
}
