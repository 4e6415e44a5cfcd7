import Bytes
import Crypto
import HTTPClient
import HTTPServer
import HTTPWire
import Foundation
import Hooks
import JSON
import Journal
import Logging
import Reactor
@testable import Service
import Synchronization
import Testing

/// The public listener over a real socket, with a cluster in memory behind it.
struct ServiceFixture {
  static let secret = "It's a Secret to Everybody"
  static let token = "callers-own-token"

  static let configuration = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
        type: github
        secrets:
        - secretRef: { name: github-webhook, key: token }
      manual:
        callers:
        - name: ops
          secret: { secretRef: { name: ops, key: token } }
          triggers: [deploy]
      triggers:
      - name: build
        on: [push]
        branches: [main]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
          spec:
            pipelineRef: { name: build }
            params:
            - { name: revision, value: $(event.revision) }
      - name: docs
        on: [push]
        branches: ["docs/*"]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: docs- }
      - name: deploy
        on: [manual]
        inputs:
        - { name: environment, type: string, required: true, enum: [staging, production] }
        - { name: replicas, type: number, default: 1 }
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: deploy- }
          spec:
            params:
            - { name: environment, value: $(inputs.environment) }
            - { name: replicas, value: "$(inputs.replicas) of them" }
      - name: not-by-hand
        on: [tag]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: tag- }
    ---
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: elsewhere, namespace: ci }
    spec:
      source:
        type: github
        secrets:
        - secretRef: { name: github-webhook, key: token }
        allow: [192.0.2.0/24, "2001:db8::/32"]
      triggers:
      - name: build
        on: [push]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
    ---
    apiVersion: v1
    kind: Secret
    metadata: { name: github-webhook, namespace: ci }
    stringData: { token: "\(secret)" }
    ---
    apiVersion: v1
    kind: Secret
    metadata: { name: ops, namespace: ci }
    stringData: { token: "\(token)" }
    """

  let cluster: FakeCluster
  let state: ServiceState
  let log: LogCapture
  let client: HTTPClient
  let handler: PublicHandler
  let journal: Journal
  let dispatcher: Dispatcher
  let deliveries: Deliveries
  /// The admin listener.
  let admin: HTTPClient
  let loops: EventLoopGroup
  let table: HookTable
  let resolver: SecretResolver

  /// Runs a test against a service that listens on a free port.
  ///
  /// - Parameters:
  ///   - proxies: the ranges of proxies that are trusted; the tests' requests come from 127.0.0.1.
  ///   - target: where runs go instead of to `cluster`.
  static func run(
    proxies: [String] = [], limiter: FailureLimiter = FailureLimiter(),
    cluster: FakeCluster = FakeCluster(), state folder: StateFolder? = nil,
    configuration: String = configuration, environment: [String: String] = [:],
    clock: any MonotonicClock = SystemMonotonicClock(), policy: RetryPolicy = .impatient,
    provider: ProviderClient? = nil, loopCount: Int = 1,
    dashboard: DashboardLink? = nil, target: (any RunTarget)? = nil,
    _ test: (ServiceFixture) async throws -> Void
  ) async throws {
    let loops = try EventLoopGroup(loopCount: loopCount)
    defer { loops.stop() }
    let (hooks, diagnostics) = HookSet.compile(files: [(name: "app.yaml", text: configuration)])
    let errors = diagnostics.filter { $0.severity == .error }
    precondition(errors.isEmpty, "\(errors)")
    let metrics = MetricsRegistry()
    let resolver = SecretResolver(
      configuration: hooks, cluster: nil, environment: environment, metrics: metrics)
    let (resolved, problems) = await resolver.resolve()
    precondition(problems.isEmpty, "\(problems)")
    let table = HookTable(resolved)
    let log = LogCapture()
    let folder = try folder ?? StateFolder()
    let state = ServiceState()
    state.enter(.ready)
    let watch = JournalWatch(state: state, logger: log.logger)
    let journal = try Journal.open(folder.path, observer: watch.observer)
    let dispatcher = Dispatcher(
      journal: journal, target: target ?? cluster,
      deferrals: provider.map {
        DeferredDecisions(journal: journal, hooks: hooks, provider: $0)
      },
      loops: loops, logger: log.logger, policy: policy)
    watch.connect(dispatcher)
    let deliveries = Deliveries(
      journal: journal, dispatcher: dispatcher, target: target ?? cluster, loops: loops)
    dispatcher.start()
    let handler = PublicHandler(
      hooks: table, deliveries: deliveries, state: state, logger: log.logger, metrics: metrics,
      proxies: TrustedProxies(try proxies.map { try AddressRange(parsing: $0) }), limiter: limiter,
      dashboard: dashboard, clock: clock)
    let server = HTTPServer(
      configuration: HTTPServerConfiguration(
        listeners: [SocketAddress(host: .loopbackV4, port: 0)]),
      loops: loops,
      handler: handler,
      logger: log.logger)
    let address = try #require(server.start()[0].socketAddress)
    let client = HTTPClient(
      origin: HTTPOrigin(plain: "127.0.0.1", port: address.port), loops: loops)
    let adminServer = HTTPServer(
      configuration: HTTPServerConfiguration(
        listeners: [SocketAddress(host: .loopbackV4, port: 0)]),
      loops: loops,
      handler: AdminHandler(state: state, deliveries: deliveries, hooks: table, metrics: metrics),
      logger: log.logger)
    let adminAddress = try #require(adminServer.start()[0].socketAddress)
    let admin = HTTPClient(
      origin: HTTPOrigin(plain: "127.0.0.1", port: adminAddress.port), loops: loops)
    let fixture = ServiceFixture(
      cluster: cluster, state: state, log: log, client: client, handler: handler,
      journal: journal, dispatcher: dispatcher, deliveries: deliveries, admin: admin, loops: loops,
      table: table,
      resolver: resolver)
    let result: Result<Void, any Error>
    do { result = .success(try await test(fixture)) } catch { result = .failure(error) }
    await client.close()
    await admin.close()
    await server.stop(deadline: .zero)
    await adminServer.stop(deadline: .zero)
    await dispatcher.stop()
    watch.disconnect()
    journal.close()
    try result.get()
  }

  /// Sends a request and parses the JSON answer.
  func send(
    _ method: HTTPMethod, _ path: String, _ fields: HTTPFields = [], _ body: [UInt8] = []
  ) async throws -> (status: Int, fields: HTTPFields, json: JSONValue) {
    let response = try await client.send(
      HTTPClientRequest(method, path, fields: fields, body: body))
    let json = (try? JSONValue.parse(response.body)) ?? .null
    return (response.status.rawValue, response.fields, json)
  }

  /// Waits until the delivery of a reply has ended, and returns it.
  @discardableResult
  func end(of reply: JSONValue) async throws -> StoredDelivery {
    let id = try #require(reply["delivery"]?.stringValue.flatMap { DeliveryID($0) })
    for _ in 0..<10_000 {
      let delivery = try #require(try await journal.summary(id))
      if delivery.runs.allSatisfy({ $0.state.isFinal }) { return delivery }
      try await loops.loops[0].run { [loops] in
        try await loops.loops[0].sleep(for: .milliseconds(2))
      }
    }
    throw NeverEnded(reply: reply)
  }

  struct NeverEnded: Error { let reply: JSONValue }

  /// Asks the admin listener.
  func ask(
    _ method: HTTPMethod, _ path: String,
    _ fields: HTTPFields = ["Content-Type": "application/json"], body: [UInt8] = []
  ) async throws -> (status: Int, json: JSONValue) {
    let response = try await admin.send(
      HTTPClientRequest(method, path, fields: fields, body: body))
    return (response.status.rawValue, (try? JSONValue.parse(response.body)) ?? .null)
  }

  /// What Prometheus would read.
  func metrics() async throws -> String {
    let response = try await admin.send(HTTPClientRequest(.get, "/metrics"))
    return String(decoding: response.body, as: UTF8.self)
  }

  /// Expects a status from a GET.
  func expect(_ status: Int, from path: String) async throws {
    let reply = try await send(.get, path)
    #expect(reply.status == status, "\(path)")
  }

  /// Sends a payload as GitHub does.
  func deliver(
    _ body: [UInt8], event: String = "push", id: String = "d-1", secret: String = secret,
    to path: String = "/hooks/ci/app", via proxy: HTTPFields = []
  ) async throws -> (status: Int, fields: HTTPFields, json: JSONValue) {
    let digest = HMAC.sha256(key: SecretBytes(secret), message: body)
    var fields: HTTPFields = [
      "Content-Type": "application/json", "X-GitHub-Event": event, "X-GitHub-Delivery": id,
      "X-Hub-Signature-256": "sha256=\(Hex.encode(digest))",
    ]
    for field in proxy { fields.append(field) }
    return try await send(.post, path, fields, body)
  }

  /// A small push to a branch.
  static func push(
    to branch: String, revision: String = String(repeating: "a", count: 40)
  )
    -> [UInt8]
  {
    let payload: JSONValue = [
      "ref": .string("refs/heads/\(branch)"), "after": .string(revision),
      "before": .string(String(repeating: "b", count: 40)),
      "repository": ["full_name": "octo/app"], "sender": ["login": "octocat"],
    ]
    return payload.serialized()
  }
}

extension RetryPolicy {
  /// Delays that a test can wait for.
  static let impatient: RetryPolicy = {
    var policy = RetryPolicy()
    policy.firstDelay = .milliseconds(1)
    policy.delayMax = .milliseconds(4)
    return policy
  }()
}

/// A folder for a journal, gone when the test is over.
final class StateFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("service-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit {
    // What is left over in a temporary folder harms nobody.
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// Keeps the log's lines.
final class LogCapture: Sendable {
  private let lines = Mutex<[String]>([])

  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  var logger: Logger {
    Logger(label: "test") { _ in Handler(capture: self) }
  }

  private struct Handler: LogHandler {
    let capture: LogCapture
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let values = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
      let line = "\(event.level) \(event.message) \(values.joined(separator: " "))"
      capture.lines.withLock { $0.append(line) }
    }
  }
}
