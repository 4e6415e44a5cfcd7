import ServiceLifecycle

extension ServiceLifecycle.Service {
  /// Does all of this until the shutdown, which cancels it: cancelled instead of asked is the same way
  /// down.
  func untilShutdown(_ work: (@Sendable () async -> Void)...) async {
    await withTaskGroup(of: Void.self) { group in
      for part in work { group.addTask { await part() } }
      try? await gracefulShutdown()
      group.cancelAll()
    }
  }
}
