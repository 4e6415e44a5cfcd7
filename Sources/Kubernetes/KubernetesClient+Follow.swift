// The driver of WatchMachine.

import Reactor

extension KubernetesClient {
  /// Follows a collection until the task is cancelled: what is there, then every change.
  ///
  /// It goes on through failures of every kind and tells of them (``CollectionChange/trouble(_:)``);
  /// what cannot be right, such as a kind that nobody serves, is asked again too, since it may be
  /// installed at any moment. Memory: one page of a list, or one event, beside what the list has.
  ///
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - chance: A number from 0 to 1, different each time.
  ///   - body: Is given each change once, in order; nothing is read ahead of it.
  package func follow(
    apiVersion: String, kind: String, namespace: String?,
    selection: ListSelection = ListSelection(),
    chance: @Sendable () -> Double = { Double.random(in: 0...1) },
    _ body: (CollectionChange) async -> Void
  ) async {
    var machine = WatchMachine()
    while !Task.isCancelled {
      do throws(KubernetesError) {
        switch machine.next(chance: chance()) {
        case .list:
          let list = try await list(
            apiVersion: apiVersion, kind: kind, namespace: namespace, selection: selection)
          await body(machine.listed(list))
        case .stream(let version, let timeLimit):
          let resource = try await find(apiVersion, kind)
          let request = try KubernetesRequest.watch(
            resource, namespace: namespace, selection: selection, resourceVersion: version,
            timeLimit: timeLimit)
          try await stream(request, timeLimit, &machine, body)
        case .wait(let delay):
          // Cancelled: the loop's condition sees it.
          try? await sender.transport.pause(for: delay)
        }
      } catch {
        guard !Task.isCancelled else { return }
        if let change = machine.failed(error, at: sender.clock.now) { await body(change) }
      }
    }
  }

  /// Reads one stream to its end.
  private func stream(
    _ request: KubernetesRequest, _ timeLimit: Duration, _ machine: inout WatchMachine,
    _ body: (CollectionChange) async -> Void
  ) async throws(KubernetesError) {
    // The server ends it in time, and says so; longer silence is a connection that is gone.
    let stream = try await sender.stream(for: request, silenceLimit: timeLimit + Self.grace)
    defer { stream.cancel() }
    machine.opened(at: sender.clock.now)
    while true {
      let part: [UInt8]?
      do throws(TransportFailure) {
        part = try await stream.next()
      } catch {
        throw KubernetesError(error, request: request)
      }
      guard let part else { return machine.ended(at: sender.clock.now) }
      var changes: [CollectionChange] = []
      var failure: KubernetesError?
      do throws(KubernetesError) {
        try machine.receive(part) { changes.append($0) }
      } catch {
        failure = error
      }
      for change in changes { await body(change) }
      if let failure { throw failure }
    }
  }

  /// How much later than it said a server may end a stream.
  private static let grace = Duration.seconds(30)
}
