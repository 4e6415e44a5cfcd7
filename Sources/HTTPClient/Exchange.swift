// A request under way, as far as cancelling goes.

/// What has to be ended when the task that made a request is cancelled.
///
/// Concurrency: on one loop only.
// `@unchecked Sendable`: all state is touched by the loop's thread alone.
final class Exchange: @unchecked Sendable {
  private(set) var isCancelled = false
  private var end: (() -> Void)?

  /// Says what to do if the request is cancelled from now on; at once if it was.
  func whenCancelled(_ end: (() -> Void)?) {
    self.end = end
    if isCancelled { self.end.take()?() }
  }

  /// Ends what goes on. A second call does nothing.
  func cancel() {
    isCancelled = true
    end.take()?()
  }

  /// The error as its caller should see it: whatever cancelling broke was cancelled.
  func explain(_ error: HTTPClientError) -> HTTPClientError {
    isCancelled ? HTTPClientError(.cancelled, requestState: error.requestState) : error
  }
}
