// From wherever a request is made to the loop it runs on.

import Reactor

extension EventLoop {
  /// Runs a request on this loop, at once if the caller is on it; cancelling the caller's task
  /// cancels the exchange.
  ///
  /// A task of its own is needed to come to the loop; it is awaited here, so it is no less
  /// structured than a call.
  func carry<Success: Sendable>(
    out exchange: Exchange,
    _ body: @escaping @Sendable () async throws(HTTPClientError) -> Success
  ) async throws(HTTPClientError) -> Success {
    let result = await withTaskCancellationHandler {
      isCurrent
        ? await EventLoop.result(of: body)
        : await Task(executorPreference: self) { await EventLoop.result(of: body) }.value
    } onCancel: {
      // The handler runs on whichever thread cancels; the exchange belongs to the loop.
      Task(executorPreference: self) { exchange.cancel() }
    }
    do throws(HTTPClientError) {
      return try result.get()
    } catch {
      throw exchange.explain(error)
    }
  }

  private static func result<Success>(
    of body: () async throws(HTTPClientError) -> Success
  ) async -> Result<Success, HTTPClientError> {
    do throws(HTTPClientError) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
