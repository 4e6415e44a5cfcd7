// The API server as a thing that several connections share.

package import Crypto
import HTTPWire
package import JSON

import Synchronization

/// An embedded Kubernetes API server without sockets: requests in, answers out.
///
/// Behaves like kube-apiserver 1.35 with Tekton Pipelines installed and nothing else running: no
/// controller starts a run, and admission knows Tekton's rules only.
///
/// *Concurrency:* any thread may call any method; one request is served at a time. No method
/// suspends. With a journal, a request that changes something returns after its bytes are on disk.
package final class APIServer: Sendable {
  private let cluster: Mutex<Cluster>
  private let journal: (any ObjectJournal)?
  private let observers = Mutex<[UInt64: @Sendable () -> Void]>([:])
  private let lastObserver = Atomic<UInt64>(0)

  /// A server that holds what the journal holds, or nothing yet.
  ///
  /// - Parameters:
  ///   - definitions: the resources to serve beyond the built-in ones.
  ///   - administratorToken: the bearer token with which everything is allowed.
  ///   - signingKey: signs the tokens of service accounts.
  ///   - serverAddress: what discovery tells clients, `127.0.0.1:6443`.
  ///   - clock: the present time.
  package init(
    definitions: [ResourceDefinition], administratorToken: String, signingKey: SecretBytes,
    serverAddress: @escaping @Sendable () -> String, clock: @escaping @Sendable () -> Timestamp,
    random: @escaping @Sendable (Int) -> [UInt8] = { randomBytes($0) },
    journal: (any ObjectJournal)? = nil
  ) throws(ObjectJournalError) {
    var cluster = Cluster(
      definitions: BuiltInResources.all + definitions,
      environment: Cluster.Environment(now: clock, random: random, serverAddress: serverAddress),
      tokens: TokenAuthority(administratorToken: administratorToken, key: signingKey))
    for entry in try journal?.load() ?? [] {
      cluster.store.restore(entry.key, entry.object, version: entry.version)
    }
    cluster.serveStoredDefinitions()
    cluster.bootstrap()
    try journal?.append(cluster.store.takePending().map(JournalEntry.init))
    self.cluster = Mutex(cluster)
    self.journal = journal
  }

  /// Serves one request.
  package func handle(_ request: APIRequest) -> APIResponse {
    let (response, changed) = cluster.withLock { cluster in
      let response = cluster.handle(request)
      return persist(&cluster, response)
    }
    if changed { notify() }
    return response
  }

  /// The events of a watch since the last call, each one line of the stream.
  package func poll(_ watch: inout Watch) -> [JSONValue] {
    cluster.withLock { cluster in
      watch.next(in: cluster.store, now: cluster.environment.now())
    }
  }

  /// Does what controllers would have done by now: ends namespaces that are being deleted, lets go
  /// what waits for a garbage collector. To be called about twice a second.
  package func tick() {
    let changed = cluster.withLock { cluster in
      guard cluster.runControllers() else { return false }
      return persist(&cluster, APIResponse(status: .ok)).1
    }
    if changed { notify() }
  }

  /// Forgets old changes now, as a real server does every few minutes.
  package func compact() {
    cluster.withLock { $0.store.compact() }
  }

  private func persist(
    _ cluster: inout Cluster, _ response: APIResponse
  ) -> (APIResponse, Bool) {
    let events = cluster.store.takePending()
    guard !events.isEmpty else { return (response, false) }
    guard let journal else { return (response, true) }
    do throws(ObjectJournalError) {
      try journal.append(events.map(JournalEntry.init))
      return (response, true)
    } catch {
      let refusal = StatusError(
        500, "InternalError", "the change could not be written to disk: \(error.description)")
      return (refusal.response(), true)
    }
  }

  // MARK: Observers

  /// Names a closure that runs after every change of the store, on the thread that made it. It
  /// must not block and must not call the server.
  package func addObserver(_ observer: @escaping @Sendable () -> Void) -> UInt64 {
    let id = lastObserver.add(1, ordering: .relaxed).newValue
    observers.withLock { $0[id] = observer }
    return id
  }

  package func removeObserver(_ id: UInt64) {
    observers.withLock { $0[id] = nil }
  }

  private func notify() {
    let all = observers.withLock { Array($0.values) }
    for observer in all { observer() }
  }
}
