import HTTPServer
import HTTPWire
import Hooks
import JSON
import Kubernetes
import Logging
import Reactor
import Synchronization
import Testing

@testable import Service

/// Hooks whose secrets an API server keeps that is away.
@Suite struct SecretWaitTests {
  /// An API server with one Secret, that is away until it is told otherwise.
  private final class Cluster: RunTarget {
    let isAway = Mutex(true)
    let requestCount = Mutex(0)
    private let error: KubernetesError

    init(_ error: KubernetesError = KubernetesError(.unavailable, message: "away", retry: .backoff))
    {
      self.error = error
    }

    func create(
      _ object: JSONValue, namespace: String?
    ) async throws(KubernetesError) -> JSONValue { object }

    func get(
      apiVersion: String, kind: String, namespace: String?, name: String
    ) async throws(KubernetesError) -> JSONValue {
      requestCount.withLock { $0 += 1 }
      if isAway.withLock({ $0 }) { throw error }
      return ["data": ["token": "c2VjcmV0"]]
    }
  }

  private static func hook(_ name: String, _ secret: String) -> String {
    """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: \(name), namespace: ci }
    spec:
      source: { type: github, secrets: [\(secret)] }
      triggers:
      - name: build
        on: [push]
        run: { apiVersion: v1, kind: ConfigMap, metadata: { generateName: x- } }
    """
  }

  private static let inCluster = "{ secretRef: { name: webhook, key: token } }"

  private func resolver(_ documents: [String], _ cluster: Cluster) -> SecretResolver {
    let set = HookSet.compile(
      files: documents.enumerated().map { (name: "\($0).yaml", text: $1) }
    ).set
    return SecretResolver(configuration: set, cluster: cluster, environment: ["S": "secret"])
  }

  /// What a delivery without a body gets: 411 from a hook that is served.
  private func status(of name: String, _ handler: PublicHandler) -> (Int, String?) {
    var head = HTTPRequestHead(method: .post, target: "/hooks/ci/\(name)", fields: [])
    head.fields["Content-Type"] = "application/json"
    switch handler.admit(head, peer: SocketAddress(host: .loopbackV4, port: 1)) {
    case .accept: return (200, nil)
    case .answer(let response): return (response.status.rawValue, response.fields["Retry-After"])
    }
  }

  @Test func `a hook waits for its secret, and holds up no other`() async throws {
    let cluster = Cluster()
    let resolver = resolver(
      [
        Self.hook("a", Self.inCluster), Self.hook("b", Self.inCluster),
        Self.hook("c", "{ env: S }"),
      ], cluster)
    let (ready, problems) = await resolver.resolve()
    #expect(ready.keys.map(\.name) == ["c"])
    #expect(problems.map(\.remedy) == [.patience, .patience])
    // Whoever does not answer is asked once.
    #expect(cluster.requestCount.withLock { $0 } == 1)
    let table = HookTable(
      ready, waiting: problems.compactMap { resolver.configuration.hooks[$0.hook] })

    try await ServiceFixture.run { service in
      let state = ServiceState()
      state.enter(.ready)
      let wait = SecretWait(table, resolver: resolver, state: state, logger: service.log.logger)
      let handler = PublicHandler(
        hooks: table, deliveries: service.deliveries, state: state, logger: service.log.logger)
      #expect(status(of: "a", handler) == (503, "5"))
      #expect(status(of: "c", handler) == (411, nil))
      #expect(state.isReady)
      #expect(state.waitingHooks.map(\.description) == ["ci/a", "ci/b"])
      await wait.look()
      #expect(cluster.requestCount.withLock { $0 } == 2)
      #expect(status(of: "a", handler) == (503, "5"))

      cluster.isAway.withLock { $0 = false }
      await wait.look()
      #expect(status(of: "a", handler) == (411, nil))
      #expect(status(of: "b", handler) == (411, nil))
      #expect(state.waitingHooks.isEmpty)
    }
  }

  @Test func `what nobody but the operator can mend is not waited for`() async throws {
    let missing = KubernetesError(.notFound, httpStatus: 404, message: "not found")
    let (_, absent) = await resolver([Self.hook("a", Self.inCluster)], Cluster(missing)).resolve()
    #expect(absent.map(\.remedy) == [.correction])
    let (_, unset) = await resolver([Self.hook("a", "{ env: MISSING }")], Cluster()).resolve()
    #expect(unset.map(\.remedy) == [.correction])
  }

  @Test func `readiness says which hooks wait, to operators by name`() throws {
    let state = ServiceState()
    state.enter(.ready)
    state.set(waitingHooks: [HookName(namespace: "ci", name: "a")])
    for (audience, text) in [
      (HealthEndpoints.Audience.everyone, "ready\n1 hooks wait for their secrets\n"),
      (.operators, "ready\n1 hooks wait for their secrets: ci/a\n"),
    ] {
      let health = HealthEndpoints(state: state, audience: audience)
      let response = try #require(health.response(to: .get, .ready))
      guard case .bytes(let bytes) = response.body else { return }
      #expect(String(decoding: bytes, as: UTF8.self) == text)
      #expect(response.status == .ok)
    }
  }
}
