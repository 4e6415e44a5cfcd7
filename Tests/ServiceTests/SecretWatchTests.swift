import Crypto
import Foundation
import Hooks
import Reactor
@testable import Service
import Synchronization
import Testing

/// Secrets and lists of addresses that change while the service runs.
@Suite struct SecretWatchTests {
  /// Time that a test moves: a sleeper is let go once for each permission.
  private final class Steps: Sendable {
    private let state = Mutex(
      (elapsed: Duration.zero, resting: [CheckedContinuation<Void, Never>]()))
    private let waiting = AsyncStream<Void>.makeStream()

    /// What the watch calls instead of sleeping.
    func sleep(_ duration: Duration) async throws {
      try Task.checkCancellation()
      await withCheckedContinuation { continuation in
        state.withLock {
          $0.elapsed += duration
          $0.resting.append(continuation)
        }
        waiting.continuation.yield()
      }
      try Task.checkCancellation()
    }

    var elapsed: Duration { state.withLock { $0.elapsed } }

    /// Waits until the watch sleeps.
    func untilAsleep() async {
      for await _ in waiting.stream { return }
    }

    /// Ends the sleep.
    func wake() {
      let resting = state.withLock { state in
        defer { state.resting = [] }
        return state.resting
      }
      for continuation in resting { continuation.resume() }
    }
  }

  private static func configuration(_ folder: StateFolder) -> String {
    """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
        type: github
        secrets: [{ file: \(folder.path)/new }, { file: \(folder.path)/old }]
        allow: [{ githubMeta: \(folder.path)/meta.json }]
      triggers:
      - name: build
        on: [push]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
    """
  }

  /// Runs a test with a watch over a folder's files `new`, `old` and `meta.json`; its function lets the
  /// watch read once.
  private func watching(
    _ test: (ServiceFixture, StateFolder, Steps, _ read: () async -> Void) async throws -> Void
  ) async throws {
    let folder = try StateFolder()
    try write("new-secret\n", "new", folder)
    try write("old-secret\n", "old", folder)
    try write("{\"hooks\":[\"127.0.0.0/8\"]}", "meta.json", folder)
    try await ServiceFixture.run(configuration: Self.configuration(folder)) { service in
      let steps = Steps()
      let watch = SecretWatch(
        service.resolver, table: service.table,
        logger: service.log.logger, sleep: { try await steps.sleep($0) })
      let task = Task { await watch.watch() }
      await steps.untilAsleep()
      try await test(service, folder, steps) {
        steps.wake()
        await steps.untilAsleep()
      }
      task.cancel()
      steps.wake()
      await task.value
    }
  }

  private func write(_ text: String, _ name: String, _ folder: StateFolder) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
  }

  private func status(_ service: ServiceFixture, _ secret: String, _ id: String) async throws -> Int
  {
    let body = ServiceFixture.push(to: "b-\(id)")
    return try await service.deliver(body, id: id, secret: secret).status
  }

  @Test func `a secret that is removed matches nothing within a minute`() async throws {
    try await watching { service, folder, steps, read in
      #expect(try await status(service, "old-secret", "1") == 202)
      try FileManager.default.removeItem(atPath: "\(folder.path)/old")
      let before = steps.elapsed
      await read()
      #expect(steps.elapsed - before <= .seconds(60))
      #expect(try await status(service, "old-secret", "2") == 401)
      #expect(try await status(service, "new-secret", "3") == 202)
      #expect(service.log.text.contains("no longer to be used"))
      #expect(!service.log.text.contains("old-secret"))
    }
  }

  @Test func `a secret that is exchanged counts, and the one before does not`() async throws {
    try await watching { service, folder, _, read in
      try write("third-secret", "old", folder)
      await read()
      #expect(try await status(service, "old-secret", "1") == 401)
      #expect(try await status(service, "third-secret", "2") == 202)
    }
  }

  @Test(arguments: ["", " \n", "\n"])
  func `a secret that is blank matches nothing`(text: String) async throws {
    try await watching { service, folder, _, read in
      for name in ["new", "old"] { try write(text, name, folder) }
      await read()
      for (index, secret) in ["new-secret", "old-secret", "", text].enumerated() {
        #expect(try await status(service, secret, "\(index)") == 401)
      }
      // The hook is back when its secret is.
      try write("new-secret", "new", folder)
      await read()
      #expect(try await status(service, "new-secret", "9") == 202)
    }
  }

  @Test func `a list of addresses is exchanged, and kept while its file is broken`() async throws {
    try await watching { service, folder, _, read in
      try write("{\"hooks\":[", "meta.json", folder)
      await read()
      #expect(try await status(service, "new-secret", "1") == 202)
      #expect(service.log.text.contains("the one before stays in use"))
      try write("{\"hooks\":[\"192.0.2.0/24\"]}", "meta.json", folder)
      await read()
      #expect(try await status(service, "new-secret", "2") == 403)
      try FileManager.default.removeItem(atPath: "\(folder.path)/meta.json")
      await read()
      #expect(try await status(service, "new-secret", "3") == 403)
    }
  }

  @Test func `what is wrong is said once`() async throws {
    try await watching { service, folder, _, read in
      try FileManager.default.removeItem(atPath: "\(folder.path)/old")
      for _ in 0..<3 { await read() }
      let lines = service.log.text.split(separator: "\n").filter {
        $0.contains("no longer to be used")
      }
      #expect(lines.count == 1)
    }
  }
}
