// A response whose body is read as it comes.

package import HTTPWire
import Reactor

/// A response body that may never end, such as a watch.
///
/// Its connection is in use until the body's end was read, an error was thrown, or ``cancel()`` was
/// called; one that is let go earlier is cancelled.
///
/// *Limits*: the silence limit of ``HTTPClientConfiguration`` for each part; a caller that
/// collects bounds what it collects.
///
/// *Concurrency*: from any thread, one reader at a time. Nothing is read ahead, so a slow reader
/// slows the server down.
package final class HTTPResponseStream: Sendable {
  package let head: HTTPResponseHead
  private let silenceLimit: Duration
  private let body: Body

  /// The connection, until it is given back.
  ///
  /// Concurrency: on the loop only.
  // `@unchecked Sendable`: all state is touched by the loop's thread alone.
  private final class Body: @unchecked Sendable {
    let pool: ConnectionPool
    private var connection: ClientConnection?

    init(_ connection: ClientConnection, _ pool: ConnectionPool) {
      self.connection = connection
      self.pool = pool
    }

    func next(deadline: MonotonicInstant) async throws(HTTPClientError) -> [UInt8]? {
      guard let connection else { return nil }
      do throws(HTTPClientError) {
        if let part = try await connection.nextBodyPart(deadline: deadline) { return part }
        giveBack()
        return nil
      } catch {
        giveBack()
        throw error
      }
    }

    /// Ends it, even under a reader, which then fails.
    func cancel() {
      connection?.close()
      giveBack()
    }

    private func giveBack() {
      if let connection = connection.take() { pool.giveBack(connection) }
    }
  }

  init(
    _ head: HTTPResponseHead, _ connection: ClientConnection, _ pool: ConnectionPool,
    silenceLimit: Duration
  ) {
    self.head = head
    self.silenceLimit = silenceLimit
    body = Body(connection, pool)
  }

  deinit {
    cancel()
  }

  /// The next part of the body, as it came and never empty; nil at the end and ever after.
  ///
  /// *Errors*: ``HTTPClientError``, `.cancelled` among them when the task is cancelled.
  package func next() async throws(HTTPClientError) -> [UInt8]? {
    let exchange = Exchange()
    return try await body.pool.loop.carry(out: exchange) {
      [body, silenceLimit] () async throws(HTTPClientError) in
      exchange.whenCancelled { body.cancel() }
      defer { exchange.whenCancelled(nil) }
      let deadline = body.pool.loop.now.advanced(by: silenceLimit)
      return try await body.next(deadline: deadline)
    }
  }

  /// The rest of the body.
  ///
  /// *Errors*: as ``next()``, and `bodyTooLarge` when it is more than `byteCountMax`.
  package func collect(upTo byteCountMax: Int) async throws(HTTPClientError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let part = try await next() {
      guard bytes.count + part.count <= byteCountMax else {
        cancel()
        throw HTTPClientError(
          .invalidResponse(.bodyTooLarge(limit: byteCountMax)),
          requestState: .answeredPartly(head.status))
      }
      bytes += part
    }
    return bytes
  }

  /// Closes the connection if the end has not been read. From any thread.
  package func cancel() {
    Task(executorPreference: body.pool.loop) { [body] in body.cancel() }
  }
}
