import Reactor

/// Why a streamed body cannot go on.
package enum HTTPBodyWriterError: Error, Equatable, Sendable {
  /// The peer went away, or took nothing for too long.
  case peerGone
  /// The server is being stopped: the body should end here.
  case draining
}

extension HTTPBodyWriterError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .peerGone: "the peer is gone"
    case .draining: "the server is stopping"
    }
  }
}

/// Where a streamed body is written.
///
/// Concurrency: one writer at a time, from any executor; on the connection's loop, where the body's
/// closure runs, a write is cheapest.
// `@unchecked Sendable`: state is touched on the connection's loop only, and `write` goes there.
package final class HTTPBodyWriter: @unchecked Sendable {
  private let connection: HTTPConnection
  private var ending: HTTPBodyWriterError?

  init(_ connection: HTTPConnection) {
    self.connection = connection
  }

  /// Sends a part of the body at once, and waits until the kernel has taken it.
  ///
  /// Errors: the body is over; nothing that is written reaches the peer any more.
  package func write(_ bytes: [UInt8]) async throws(HTTPBodyWriterError) {
    guard connection.loop.isCurrent else { return try await writeFromElsewhere(bytes) }
    if let ending { throw ending }
    do {
      try await connection.writeStreamed(bytes)
    } catch {
      end(.peerGone)
      throw ending ?? .peerGone
    }
  }

  /// Says that nothing can be written any more.
  package var isOver: Bool { ending != nil }

  /// Lets no more be written.
  func end(_ reason: HTTPBodyWriterError) {
    if ending == nil { ending = reason }
  }

  private func writeFromElsewhere(_ bytes: [UInt8]) async throws(HTTPBodyWriterError) {
    do {
      try await connection.loop.run { try await self.write(bytes) }
    } catch {
      throw error as? HTTPBodyWriterError ?? .peerGone
    }
  }
}
