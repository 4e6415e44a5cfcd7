extension EventLoop {
  /// Suspends the task until a point in time, or until the loop stops.
  ///
  /// Concurrency: on the loop only.
  ///
  /// Errors: `CancellationError` when the task is cancelled before.
  package func sleep(until deadline: MonotonicInstant) async throws(CancellationError) {
    checkIsolated()
    let waiter = Waiter(on: self)
    let key = insert(sleeper: waiter)
    await withTaskCancellationHandler {
      _ = await waiter.wait(until: deadline)
    } onCancel: {
      // The handler runs on whichever thread cancels; the waiter belongs to the loop.
      Task(executorPreference: self) { self.endSleep(key) }
    }
    endSleep(key)
    if Task.isCancelled { throw CancellationError() }
  }

  /// Suspends the task for a while; see ``sleep(until:)``.
  package func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: now.advanced(by: duration))
  }
}
