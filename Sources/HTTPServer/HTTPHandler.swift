// What answers requests, and what it is asked.

package import HTTPWire
package import Reactor
package import TLS

/// What a server does with its requests.
///
/// Concurrency: called on the loop of the request's connection, which it must not block: other
/// connections wait there too. Several loops call at the same time.
package protocol HTTPHandler: Sendable {
  /// Decides from the head alone whether a request is let in, before any of its body is read and
  /// before the peer is told to go on sending. What needs no body and no waiting is best answered
  /// here: that takes no task.
  func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission

  /// Answers a request that was let in and has arrived whole: at once if nothing has to be waited
  /// for.
  func respond(to request: HTTPRequest) -> HTTPAnswer
}

/// An answer, or the way to it.
package enum HTTPAnswer: Sendable {
  /// This is the answer.
  case now(HTTPResponse)
  /// Something has to be waited for: a task on the connection's loop does that.
  case later(@Sendable () async -> HTTPResponse)
}

/// What a request's head has led to.
package enum HTTPAdmission: Sendable {
  /// Its body may come, up to so many bytes.
  ///
  /// - Parameter observer: is shown the body while it comes, and is in the ``HTTPRequest`` then.
  case accept(bodyLimit: Int, observer: (any HTTPBodyObserver)? = nil)
  /// This is the answer, a refusal or not. The connection is closed after it if there is a body,
  /// which nobody read.
  case answer(HTTPResponse)
}

/// What a handler keeps of one request from its admission to its answer, and works on meanwhile: a
/// digest of the body, which is then ready when the body is.
///
/// *Concurrency*: on the loop of the request's connection only.
package protocol HTTPBodyObserver: AnyObject, Sendable {
  /// Is shown the next bytes of the body: each once, in order, before the request is answered.
  func receive(_ bytes: Span<UInt8>)
}

/// A whole request.
package struct HTTPRequest: Sendable {
  package var head: HTTPRequestHead
  package var body: [UInt8]
  /// Who sent it: the other end of the connection.
  package var peer: SocketAddress
  /// The subject of the certificate the peer showed, on a TLS listener that asks for one.
  package var peerIdentity: TLSPeerIdentity?
  /// What the handler gave at the admission; it has seen the body.
  package var observer: (any HTTPBodyObserver)?

  package init(
    head: HTTPRequestHead, body: [UInt8] = [], peer: SocketAddress,
    peerIdentity: TLSPeerIdentity? = nil, observer: (any HTTPBodyObserver)? = nil
  ) {
    self.observer = observer
    self.head = head
    self.body = body
    self.peer = peer
    self.peerIdentity = peerIdentity
  }
}
