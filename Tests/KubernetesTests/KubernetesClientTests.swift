import Bytes
import Crypto
import HTTPWire
import JSON
import Logging
import Reactor
import Testing

@testable import Kubernetes

/// A client of a scripted server.
func client(
  _ transport: some KubernetesTransport, token: ClusterConfiguration.Token? = nil,
  basePath: String = "",
  logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
  clock: ManualClock = ManualClock()
) -> KubernetesClient {
  KubernetesClient(
    ClusterConfiguration(
      server: ServerAddress(host: "api.test", port: 6443, basePath: basePath), token: token,
      defaultNamespace: "home", origin: "test"),
    transport: transport, logger: logger, userAgent: "hookline/1.2.3", clock: clock)
}

@Suite struct KubernetesClientTests {
  let run: JSONValue = [
    "apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": ["name": "a"],
  ]

  @Test
  func `a create asks for the resource's name once and returns what was stored`() async throws {
    let stored: JSONValue = ["kind": "PipelineRun", "metadata": ["name": "a", "uid": "u"]]
    let transport = ScriptedTransport([
      .tektonResources, .json(.created, stored), .json(.created, stored),
    ])
    let client = client(transport, token: .fixed(SecretBytes("abc.def")), basePath: "/k8s/c1")
    #expect(try await client.create(run, namespace: "ci") == stored)
    #expect(try await client.create(run) == stored)
    #expect(
      transport.targets == [
        "/k8s/c1/apis/tekton.dev/v1",
        "/k8s/c1/apis/tekton.dev/v1/namespaces/ci/pipelineruns?fieldManager=hookline"
          + "&fieldValidation=Strict",
        "/k8s/c1/apis/tekton.dev/v1/namespaces/home/pipelineruns?fieldManager=hookline"
          + "&fieldValidation=Strict",
      ])
    for request in transport.requests {
      #expect(request.fields.values(for: "Authorization") == ["Bearer abc.def"])
      #expect(request.fields["User-Agent"] == "hookline/1.2.3")
    }
  }

  @Test
  func `an object's own namespace comes before the default one`() async throws {
    var object = run
    object[["metadata", "namespace"]] = "own"
    let transport = ScriptedTransport([.tektonResources, .json(.created, object)])
    _ = try await client(transport).create(object)
    #expect(transport.targets.last?.contains("/namespaces/own/") == true)
  }

  @Test
  func `a cluster-wide object has no namespace in its path`() async throws {
    let transport = ScriptedTransport([.tektonResources, .json(.ok, ["kind": "ClusterTask"])])
    _ = try await client(transport).get(
      apiVersion: "tekton.dev/v1", kind: "ClusterTask", name: "t")
    #expect(transport.targets.last == "/apis/tekton.dev/v1/clustertasks/t")
  }

  @Test(arguments: [
    (["kind": "PipelineRun"] as JSONValue), ["apiVersion": "tekton.dev/v1"], [], "text", .null,
    ["apiVersion": 1, "kind": "PipelineRun"],
  ])
  func `an object without a kind is refused before anything is sent`(
    _ object: JSONValue
  ) async throws {
    let transport = ScriptedTransport([])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(transport).create(object, namespace: "ci")
    }
    #expect(error?.code == .invalidRequest)
    #expect(transport.requests.isEmpty)
  }

  @Test
  func `a list is read to its last page`() async throws {
    let transport = ScriptedTransport([
      .tektonResources,
      .json(
        .ok,
        ["metadata": ["continue": "t/1", "resourceVersion": "9"], "items": [["a": 1], ["a": 2]]]),
      .json(.ok, ["metadata": ["continue": "", "resourceVersion": "9"], "items": nil]),
    ])
    let list = try await client(transport).list(
      apiVersion: "tekton.dev/v1", kind: "PipelineRun", namespace: nil,
      selection: ListSelection(labelSelector: "a=b"))
    #expect(list.items == [["a": 1], ["a": 2]])
    #expect(list.resourceVersion == "9")
    #expect(
      Array(transport.targets.dropFirst()) == [
        "/apis/tekton.dev/v1/pipelineruns?labelSelector=a%3Db&limit=500",
        "/apis/tekton.dev/v1/pipelineruns?labelSelector=a%3Db&limit=500&continue=t%2F1",
      ])
  }

  @Test
  func `patch, delete and version go where they should`() async throws {
    let transport = ScriptedTransport([
      .tektonResources, .json(.ok, ["a": 1]), .json(.ok, ["status": "Success"]),
      .json(.ok, ["gitVersion": "v1.35.2"]),
    ])
    let client = client(transport)
    _ = try await client.patch(
      apiVersion: "tekton.dev/v1", kind: "PipelineRun", namespace: "ci", name: "a", .merge, [:])
    try await client.delete(
      apiVersion: "tekton.dev/v1", kind: "PipelineRun", namespace: "ci", name: "a")
    #expect(try await client.serverVersion() == "v1.35.2")
    #expect(transport.requests.map(\.method) == [.get, .patch, .delete, .get])
    #expect(transport.targets.last == "/version")
  }

  @Test
  func `an unanswered write is left open and not repeated here`() async throws {
    let lost = ScriptedTransport.Answer.failure(
      TransportFailure(.connectionLost, .perhapsSent, message: "closed"))
    let transport = ScriptedTransport([.tektonResources, lost, .json(.created, run)])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(transport).create(run, namespace: "ci")
    }
    #expect(error?.code == .transport(.connectionLost))
    #expect(error?.outcome == .ambiguous)
    #expect(error?.retry == .backoff)
    #expect(transport.requests.map(\.method) == [.get, .post])
    #expect(transport.requests.map(\.repeatability) == [.repeatable, .repeatable])
  }

  @Test
  func `a failure before anything was sent leaves nothing open`() async throws {
    let transport = ScriptedTransport([
      .tektonResources, .failure(TransportFailure(.unreachable, .notSent, message: "refused")),
    ])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(transport).create(run, namespace: "ci")
    }
    #expect(error?.code.rawValue == "transport.unreachable")
    #expect(error?.outcome == .notPerformed)
    #expect(
      error?.description == "create pipelineruns.tekton.dev \"a\" in namespace \"ci\": refused")
  }

  @Test
  func `a refused token is read again for a single second try`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("first-token\n", to: "token")
    let transport = ScriptedTransport([.unauthorized, .tektonResources, .json(.created, run)])
    let swapping = SwappingTransport(transport) {
      #expect(throws: Never.self) { try folder.write("second-token", to: "token") }
    }
    _ = try await client(swapping, token: .file(file, fallback: nil)).create(run, namespace: "ci")
    #expect(
      transport.requests.map { $0.fields["Authorization"] } == [
        "Bearer first-token", "Bearer second-token", "Bearer second-token",
      ])
  }

  @Test
  func `a second refusal is the answer, and a fixed token gets no second try`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("token-token", to: "token")
    let twice = ScriptedTransport([.unauthorized, .unauthorized, .tektonResources])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(twice, token: .file(file, fallback: nil)).create(run, namespace: "ci")
    }
    #expect(error?.code == .unauthorized)
    #expect(error?.retry == .backoff)
    #expect(twice.requests.count == 2)
    let once = ScriptedTransport([.unauthorized, .tektonResources])
    await #expect(throws: KubernetesError.self) {
      try await client(once, token: .fixed(SecretBytes("token-token"))).create(run, namespace: "ci")
    }
    #expect(once.requests.count == 1)
  }

  @Test
  func `a token file that never was there is a failure of its own`() async throws {
    let transport = ScriptedTransport([])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(transport, token: .file("/nonexistent/token", fallback: nil))
        .create(run, namespace: "ci")
    }
    #expect(error?.code == .credentialsUnreadable)
    #expect(error?.description.contains("/nonexistent/token: no such file") == true)
    #expect(transport.requests.isEmpty)
  }

  @Test
  func `a token that an answer quotes is not passed on`() async throws {
    let secret = "eyJhbGciOi.secret-token"
    let body: JSONValue = [
      "kind": "Status", "status": "Failure", "code": 400, "message": .string("bad \(secret)!"),
      "details": ["causes": [["message": .string("see \(secret)")]]],
    ]
    let transport = ScriptedTransport([.json(.badRequest, body)])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(transport, token: .fixed(SecretBytes(secret))).create(run, namespace: "ci")
    }
    let found = try #require(error)
    #expect(found.message == "bad <token>!")
    #expect(!String(reflecting: found).contains(secret))
  }

  @Test(arguments: [990, 1000, 1020, 1023, 1024, 16_370])
  func `a token where a message is cut leaves no part of itself`(offset: Int) async throws {
    let secret = "eyJhbGciOi.secret-token-of-some-length"
    let text = String(repeating: "x", count: offset) + secret
    let body: JSONValue = [
      "kind": "Status", "status": "Failure", "code": 400, "message": .string(text),
    ]
    for answer in [ScriptedTransport.Answer.text(.badGateway, text), .json(.badRequest, body)] {
      let error = await #expect(throws: KubernetesError.self) {
        try await client(ScriptedTransport([answer]), token: .fixed(SecretBytes(secret))).create(
          run, namespace: "ci")
      }
      #expect(error?.description.contains("eyJ") == false)
    }
  }

  @Test
  func `a token in any field of a Status is not passed on`() async throws {
    let secret = "eyJhbGciOi.secret-token"
    for status in [HTTPStatus.badRequest, .ok] {
      let text = JSONValue.string(secret + "\u{301}")
      let body: JSONValue = [
        "kind": "Status", "status": "Failure", "code": 400, "message": text, "reason": text,
        "details": [
          "group": text, "kind": text, "name": text,
          "causes": [["reason": text, "field": text, "message": text]],
        ],
      ]
      let transport = ScriptedTransport([.json(status, body)])
      let error = await #expect(throws: KubernetesError.self) {
        try await client(transport, token: .fixed(SecretBytes(secret))).create(run, namespace: "ci")
      }
      let found = try #require(error)
      #expect(found.causes.count == 1 && !String(reflecting: found).contains("eyJ"))
    }
  }

  @Test
  func `warnings are logged with the request they belong to`() async throws {
    let log = RecordingLog()
    let transport = ScriptedTransport([
      .tektonResources,
      .json(.created, run, ["Warning": "299 - \"unknown field \\\"spec.x\\\"\""]),
    ])
    let logger = Logger(label: "test") { _ in log.handler }
    _ = try await client(transport, token: .fixed(SecretBytes("abcdefgh")), logger: logger)
      .create(run, namespace: "ci")
    #expect(log.lines.count == 1)
    #expect(log.lines[0].contains("unknown field \"spec.x\""))
    #expect(log.lines[0].contains("create pipelineruns.tekton.dev \"a\" in namespace \"ci\""))
    #expect(!log.lines[0].contains("abcdefgh"))
  }
}

extension KubernetesClientTests {
  @Test
  func `a warning that comes with every answer is logged once an hour`() async throws {
    let log = RecordingLog()
    let clock = ManualClock()
    let answer = ScriptedTransport.Answer.json(
      .created, run, ["Warning": "299 - \"unknown field \\\"spec.x\\\"\""])
    let other = ScriptedTransport.Answer.json(.created, run, ["Warning": "299 - \"deprecated\""])
    let transport = ScriptedTransport([
      .tektonResources, answer, answer, other, .tektonResources, answer,
    ])
    let logger = Logger(label: "test") { _ in log.handler }
    let client = client(transport, logger: logger, clock: clock)
    func create() async throws { _ = try await client.create(run, namespace: "ci") }
    for _ in 0..<3 { try await create() }
    #expect(log.lines.count == 2)
    clock.advance(by: .seconds(3600))
    try await create()
    #expect(log.lines.count == 3)
  }
}

/// Does something after the first answer.
struct SwappingTransport: KubernetesTransport {
  let inner: ScriptedTransport
  let action: @Sendable () -> Void

  init(_ inner: ScriptedTransport, _ action: @escaping @Sendable () -> Void) {
    self.inner = inner
    self.action = action
  }

  func send(
    _ request: TransportRequest, within timeLimit: Duration
  ) async throws(TransportFailure) -> KubernetesAnswer {
    let answer = try await inner.send(request, within: timeLimit)
    if inner.requests.count == 1 { action() }
    return answer
  }

  func open(
    _ request: TransportRequest, within timeLimit: Duration, silenceLimit: Duration
  ) async throws(TransportFailure) -> KubernetesStream {
    try await inner.open(request, within: timeLimit, silenceLimit: silenceLimit)
  }

  func pause(for duration: Duration) async throws(CancellationError) {
    try await inner.pause(for: duration)
  }

  func close() async {}
}
