// What was decided about a request when its head was there.

import HTTPServer
import HTTPWire
import Hooks
import Reactor
import TLS

/// A request that was let in: whose it is, whom it is for, and for a delivery, the check of its
/// signature, which is fed while the body arrives. So the verdict is there with the last byte, and
/// the head is looked through once.
// `@unchecked Sendable`: on the loop of the request's connection only.
final class AdmittedRequest: HTTPBodyObserver, @unchecked Sendable {
  let hook: ResolvedHook
  /// Who sent it.
  let sender: IPAddress
  /// The trigger to start by hand; nil for a delivery.
  let trigger: String?
  private var check: SenderCheck?

  /// A delivery.
  init(for hook: ResolvedHook, from sender: IPAddress, check: consuming SenderCheck?) {
    self.hook = hook
    self.sender = sender
    trigger = nil
    self.check = consume check
  }

  /// A call by hand.
  init(for hook: ResolvedHook, from sender: IPAddress, trigger: String) {
    self.hook = hook
    self.sender = sender
    self.trigger = trigger
    check = nil
  }

  func receive(_ bytes: Span<UInt8>) {
    check?.update(bytes)
  }

  /// Whose delivery it is, once the body was received.
  ///
  /// What cannot be checked bit by bit, a signature of a key pair or of a part of the body, is
  /// checked now.
  func verification(of request: HTTPRequest) -> Verification {
    guard let authentication = hook.authentication else { return .refused(.noSecret) }
    let certificate = request.peerIdentity.map {
      ($0.commonName.map { [$0] } ?? []) + $0.alternativeNames
    }
    return authentication.verification(
      check.take()?.finish()
        ?? authentication.verify(
          fields: { request.head.fields.values(for: $0) }, body: request.body,
          now: WallTime.now.secondsSince1970),
      certificate: certificate)
  }
}
