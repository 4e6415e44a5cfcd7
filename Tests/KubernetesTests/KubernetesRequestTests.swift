import HTTPWire
import JSON
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct KubernetesRequestTests {
  let run: JSONValue = [
    "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
    "metadata": ["name": "build-1"], "spec": ["pipelineRef": ["name": "build"]],
  ]

  @Test
  func `a create is strict, names its manager and carries the object`() throws {
    let request = try KubernetesRequest.create(run, as: .pipelineRuns, namespace: "ci")
    #expect(request.method == .post)
    #expect(
      request.target
        == "/apis/tekton.dev/v1/namespaces/ci/pipelineruns?fieldManager=hookline"
        + "&fieldValidation=Strict")
    #expect(request.fields["Content-Type"] == "application/json")
    #expect(request.fields["Accept"] == "application/json")
    #expect(try JSONValue.parse(request.body) == run)
    #expect(
      request.description
        == "create pipelineruns.tekton.dev \"build-1\" in namespace \"ci\"")
  }

  @Test
  func `a dry run says so in the query of a create`() throws {
    let request = try KubernetesRequest.create(
      run, as: .pipelineRuns, namespace: "ci", mode: .dryRun)
    #expect(request.target.hasSuffix("&dryRun=All"))
  }

  @Test(.enabled(if: SharedData.isPresent, "the shared test data is absent"))
  func `a create has the path of the recorded one`() throws {
    let recorded = try Recording.exchange("create-pipelinerun-v1", 0)
    let request = try KubernetesRequest.create(run, as: .pipelineRuns, namespace: "rec-ci")
    #expect(request.path == recorded.request.path)
  }

  @Test
  func `core and cluster-wide resources have their own roots`() throws {
    #expect(
      try KubernetesRequest.get(.secrets, namespace: "ci", name: "github").target
        == "/api/v1/namespaces/ci/secrets/github")
    #expect(
      try KubernetesRequest.get(.namespaces, namespace: nil, name: "ci").target
        == "/api/v1/namespaces/ci")
    #expect(KubernetesRequest.discover(.core).target == "/api/v1")
    #expect(KubernetesRequest.discover(.tekton).target == "/apis/tekton.dev/v1")
  }

  @Test
  func `a list goes over all namespaces and escapes its selectors`() throws {
    let request = try KubernetesRequest.list(
      .pipelineRuns, namespace: nil,
      selection: ListSelection(labelSelector: "a=b,c in (d, e)", fieldSelector: "metadata.name=ü"),
      limit: 500, continuation: "x/+=")
    #expect(request.method == .get)
    #expect(
      request.target
        == "/apis/tekton.dev/v1/pipelineruns?labelSelector=a%3Db%2Cc%20in%20%28d%2C%20e%29"
        + "&fieldSelector=metadata.name%3D%C3%BC&limit=500&continue=x%2F%2B%3D")
    #expect(request.fields["Content-Type"] == nil)
    #expect(request.body.isEmpty)
  }

  @Test
  func `a watch asks for bookmarks and for at least a second`() throws {
    let request = try KubernetesRequest.watch(
      .pipelineRuns, namespace: "ci", resourceVersion: "42", timeLimit: .milliseconds(-7))
    #expect(
      request.target
        == "/apis/tekton.dev/v1/namespaces/ci/pipelineruns?watch=true&allowWatchBookmarks=true"
        + "&resourceVersion=42&timeoutSeconds=1")
  }

  @Test
  func `a delete puts every option into the body`() throws {
    let request = try KubernetesRequest.delete(
      .pipelineRuns, namespace: "ci", name: "a", propagation: .foreground,
      preconditions: Preconditions(uid: "u", resourceVersion: "7"), mode: .dryRun)
    #expect(request.method == .delete)
    #expect(request.target == "/apis/tekton.dev/v1/namespaces/ci/pipelineruns/a")
    #expect(
      try JSONValue.parse(request.body) == [
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
        "preconditions": ["uid": "u", "resourceVersion": "7"], "dryRun": ["All"],
      ])
  }

  @Test
  func `what may not reach the server twice says so`() throws {
    var generated = run
    generated["metadata"] = ["generateName": "build-"]
    let once: [KubernetesRequest] = [
      try .create(generated, as: .pipelineRuns, namespace: "ci"),
      try .patch(.pipelineRuns, namespace: "ci", name: "a", kind: .json, []),
    ]
    #expect(once.allSatisfy { $0.repeatability == .once })
    let repeatable: [KubernetesRequest] = [
      try .create(run, as: .pipelineRuns, namespace: "ci"),
      try .patch(.pipelineRuns, namespace: "ci", name: "a", kind: .merge, [:]),
      try .delete(.pipelineRuns, namespace: "ci", name: "a"),
      try .get(.pipelineRuns, namespace: "ci", name: "a"), .serverVersion,
    ]
    #expect(repeatable.allSatisfy { $0.repeatability == .repeatable })
  }

  @Test
  func `a patch says how it is to be read`() throws {
    let request = try KubernetesRequest.patch(
      .pipelineRuns, namespace: "ci", name: "a", kind: .merge, ["spec": ["status": "Cancelled"]])
    #expect(request.method == .patch)
    #expect(request.fields["Content-Type"] == "application/merge-patch+json")
    #expect(request.target.hasSuffix("/a?fieldManager=hookline&fieldValidation=Strict"))
  }

  @Test(arguments: ["", ".", "..", "a/b", "a%2Fb", "/", "%", "a/\u{301}b", "a%\u{301}"])
  func `a name that would address something else is refused`(_ name: String) {
    let asName = #expect(throws: KubernetesError.self) {
      try KubernetesRequest.get(.secrets, namespace: "ci", name: name)
    }
    #expect(asName?.code == .invalidRequest)
    #expect(asName?.isPermanent == true)
    let asNamespace = #expect(throws: KubernetesError.self) {
      try KubernetesRequest.get(.secrets, namespace: name, name: "a")
    }
    #expect(asNamespace?.code == .invalidRequest)
  }

  @Test(arguments: [("a b", "a%20b"), ("a?b#c", "a%3Fb%23c"), ("é", "%C3%A9"), ("a.b-c", "a.b-c")])
  func `a name is escaped as one segment`(_ name: String, _ segment: String) throws {
    let request = try KubernetesRequest.get(.secrets, namespace: "ci", name: name)
    #expect(request.target == "/api/v1/namespaces/ci/secrets/\(segment)")
  }

  @Test
  func `the object's own namespace has to be the one in the path`() throws {
    var object = run
    object[["metadata", "namespace"]] = "other"
    let error = #expect(throws: KubernetesError.self) {
      try KubernetesRequest.create(object, as: .pipelineRuns, namespace: "ci")
    }
    #expect(error?.message.contains("\"other\"") == true)
    #expect(error?.message.contains("\"ci\"") == true)
    object[["metadata", "namespace"]] = "ci"
    #expect(throws: Never.self) {
      try KubernetesRequest.create(object, as: .pipelineRuns, namespace: "ci")
    }
  }

  @Test
  func `a namespace is required, or refused, by the scope`() {
    #expect(throws: KubernetesError.self) {
      try KubernetesRequest.create(run, as: .pipelineRuns, namespace: nil)
    }
    #expect(throws: KubernetesError.self) {
      try KubernetesRequest.get(.namespaces, namespace: "ci", name: "a")
    }
  }

  @Test
  func `an object over the store's limit is not sent`() throws {
    var object = run
    let frame = object.serialized(.compact).count + ",\"x\":\"\"".utf8.count
    let room = KubernetesRequest.bodyByteCountMax - frame
    object["x"] = .string(String(repeating: "x", count: room))
    #expect(throws: Never.self) {
      try KubernetesRequest.create(object, as: .pipelineRuns, namespace: "ci")
    }
    object["x"] = .string(String(repeating: "x", count: room + 1))
    let error = #expect(throws: KubernetesError.self) {
      try KubernetesRequest.create(object, as: .pipelineRuns, namespace: "ci")
    }
    #expect(error?.code == .tooLarge)
    #expect(error?.isPermanent == true)
  }

  @Test(arguments: [
    "", "/", "v1/", "/v1", "a/b/c", "Tekton.dev/v1", "a b/v1", "tekton.dev/..", "v%31",
  ])
  func `an apiVersion that is none is refused`(_ text: String) {
    let error = #expect(throws: KubernetesError.self) { try GroupVersion(apiVersion: text) }
    #expect(error?.code == .invalidRequest)
  }
}

extension GroupVersion {
  static var core: GroupVersion { known("v1") }
  static var tekton: GroupVersion { known("tekton.dev/v1") }

  private static func known(_ apiVersion: String) -> GroupVersion {
    do {
      return try GroupVersion(apiVersion: apiVersion)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

extension ResourceType {
  static var pipelineRuns: ResourceType {
    ResourceType(
      groupVersion: .tekton, name: "pipelineruns", kind: "PipelineRun", scope: .namespaced)
  }
  static var secrets: ResourceType {
    ResourceType(groupVersion: .core, name: "secrets", kind: "Secret", scope: .namespaced)
  }
  static var namespaces: ResourceType {
    ResourceType(groupVersion: .core, name: "namespaces", kind: "Namespace", scope: .cluster)
  }
}
