// Resource names from kinds, asked once and remembered.

import JSON
import Reactor
import Synchronization

/// The cache of what the server says about its groups and versions.
///
/// Callers that ask for the same group and version at the same time share one request. What was
/// found stays for ``lifetime``; that something is not there, for ``absenceLifetime``, since the
/// definition of a custom resource may be installed at any moment. Failures of any other kind are
/// not kept.
///
/// *Concurrency.* Any task on any thread; `find` suspends while a request is under way. The shared
/// request does not belong to the task that happened to start it, so cancelling that one fails
/// nobody else.
final class Discovery: Sendable {
  typealias Fetch = @Sendable (GroupVersion) async -> Result<ResourceList, KubernetesError>

  /// How long an answer is believed.
  static let lifetime = Duration.seconds(600)
  /// How long a 404, or the lack of a kind in an answer, is believed.
  static let absenceLifetime = Duration.seconds(10)
  /// How many groups and versions are remembered; templates name few.
  static let entryCountMax = 256

  private struct Entry {
    var result: Result<ResourceList, KubernetesError>
    var receivedAt: MonotonicInstant
  }

  private struct Pending {
    var serial: UInt64
    var task: Task<Result<ResourceList, KubernetesError>, Never>
  }

  private struct State {
    var entries: [GroupVersion: Entry] = [:]
    var pending: [GroupVersion: Pending] = [:]
    var serial: UInt64 = 0
  }

  private let state = Mutex(State())
  private let clock: any MonotonicClock
  private let fetch: Fetch

  init(clock: any MonotonicClock, fetch: @escaping Fetch) {
    self.clock = clock
    self.fetch = fetch
  }

  /// The resource that holds objects of a kind.
  ///
  /// - Throws: `unknownResource` when the server has no such group, version or kind; whatever the
  ///   request failed with.
  func find(_ kind: ObjectKind) async throws(KubernetesError) -> ResourceType {
    if let known = cached(kind) { return try known.get() }
    let list = try await request(kind.groupVersion).get()
    return try Self.look(up: kind, in: list).get()
  }

  /// Forgets one group and version: the server answered that a resource of it does not exist.
  func forget(_ groupVersion: GroupVersion) {
    state.withLock { _ = $0.entries.removeValue(forKey: groupVersion) }
  }

  /// An answer from memory that is still believed; nil to ask.
  private func cached(_ kind: ObjectKind) -> Result<ResourceType, KubernetesError>? {
    guard let entry = state.withLock({ $0.entries[kind.groupVersion] }) else { return nil }
    let age = entry.receivedAt.duration(to: clock.now)
    switch entry.result {
    case .failure(let error): return age < Self.absenceLifetime ? .failure(error) : nil
    case .success(let list):
      let found = Self.look(up: kind, in: list)
      if case .success = found { return age < Self.lifetime ? found : nil }
      return age < Self.absenceLifetime ? found : nil
    }
  }

  private static func look(
    up kind: ObjectKind, in list: ResourceList
  ) -> Result<ResourceType, KubernetesError> {
    if let resource = list[kind.kind] { return .success(resource) }
    let suggestion = list.suggestion(for: kind.kind).map { ", did you mean \(quoted($0))?" } ?? ""
    return .failure(
      KubernetesError(
        .unknownResource,
        message: "the server has no kind \(quoted(kind.kind)) in \(list.groupVersion)\(suggestion)",
        operation: "find \(kind)"))
  }

  /// Joins the request for a group and version that is under way, or starts one.
  private func request(
    _ groupVersion: GroupVersion
  ) async -> Result<ResourceList, KubernetesError> {
    let pending = state.withLock { state -> Pending in
      if let pending = state.pending[groupVersion] { return pending }
      state.serial &+= 1
      let fetch = fetch
      let pending = Pending(serial: state.serial, task: Task { await fetch(groupVersion) })
      state.pending[groupVersion] = pending
      return pending
    }
    let result = await pending.task.value
    finish(pending, groupVersion, with: result)
    return result
  }

  /// Keeps a result; the first of the callers that were waiting does it.
  private func finish(
    _ pending: Pending, _ groupVersion: GroupVersion,
    with result: Result<ResourceList, KubernetesError>
  ) {
    let receivedAt = clock.now
    state.withLock { state in
      guard state.pending[groupVersion]?.serial == pending.serial else { return }
      state.pending.removeValue(forKey: groupVersion)
      if case .failure(let error) = result, error.code != .unknownResource { return }
      if state.entries.count >= Self.entryCountMax { state.entries.removeAll() }
      state.entries[groupVersion] = Entry(result: result, receivedAt: receivedAt)
    }
  }
}
