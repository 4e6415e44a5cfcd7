import Foundation
import JSON
import Journal
import Kubernetes
import Logging
import Reactor
import Sandbox
import TestSupport
import Testing

/// Hostile texts the whole way: over the socket, through the journal, to an API server and back.
@Suite struct InjectionFlowTests {
  private static let configuration = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
        type: github
        secrets:
        - secretRef: { name: github-webhook, key: token }
      triggers:
      - name: build
        on: [push]
        skipCI: false
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build-, annotations: { text: $(event.message) } }
          spec:
            pipelineRef: { name: build }
            taskRunTemplate: { serviceAccountName: builder }
            params:
            - { name: BRANCH, value: $(event.branch) }
            - { name: MESSAGE, value: "x $(event.message) y" }
            - { name: FILES, value: $(event.files.all) }
            - { name: TITLE, value: $(body.title) }
            - { name: COMMENT, value: $(body.comment) }
    ---
    apiVersion: v1
    kind: Secret
    metadata: { name: github-webhook, namespace: ci }
    stringData: { token: "\(ServiceFixture.secret)" }
    """

  private static func push(_ text: String) -> [UInt8] {
    let commit = String(repeating: "a", count: 40)
    let payload: JSONValue = [
      "ref": .string("refs/heads/\(text)"), "after": .string(commit),
      "head_commit": ["id": .string(commit), "message": .string(text)],
      "commits": [["added": [.string(text)]]], "title": .string(text), "comment": .string(text),
      "repository": ["full_name": "octo/app"], "sender": ["login": "octocat"],
    ]
    return payload.serialized()
  }

  @Test func `an API server stores each text as the one string that it is`() async throws {
    let folder = try StateFolder()
    let loops = try EventLoopGroup(loopCount: 1)
    defer { loops.stop() }
    var logger = Logger(label: "sandbox")
    logger.logLevel = .critical
    let kubeconfig = folder.path + "/kubeconfig"
    let sandbox = try SandboxServer.start(
      listen: SocketAddress(host: .loopbackV4, port: 0), kubeconfigPath: kubeconfig, loops: loops,
      logger: logger)
    let client = try KubernetesClient(
      ClusterConfiguration.load(
        kubeconfig: kubeconfig, context: nil, environment: [:], programs: .refused),
      loops: loops, logger: logger)
    _ = try await client.create([
      "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "ci"],
    ])
    try await ServiceFixture.run(configuration: Self.configuration, target: client) { service in
      for (index, attempt) in InjectionCorpus.cases.enumerated() {
        let reply = try await service.deliver(Self.push(attempt.text), id: "d-\(index)")
        #expect(reply.status == 202, "\(attempt): \(reply.json)")
        let delivery = try await service.end(of: reply.json)
        let run = try #require(delivery.runs.first)
        #expect(run.state == .created, "\(attempt): \(String(describing: run.failure))")
        let object = try await client.get(
          apiVersion: "tekton.dev/v1", kind: "PipelineRun", namespace: "ci", name: run.name)
        let value = JSONValue.string(attempt.escaped).serializedString()
        let mixed = JSONValue.string("x \(attempt.escaped) y").serializedString()
        #expect(
          object["spec"]?["params"]?.serializedString()
            == #"[{"name":"BRANCH","value":\#(value)},{"name":"MESSAGE","value":\#(mixed)},"#
            + #"{"name":"FILES","value":[\#(value)]},{"name":"TITLE","value":\#(value)},"#
            + #"{"name":"COMMENT","value":\#(value)}]"#, "\(attempt)")
        #expect(
          object["metadata"]?["annotations"]?["text"]?.serializedString() == value, "\(attempt)")
        #expect(object["spec"]?["pipelineRef"] == ["name": "build"], "\(attempt)")
        #expect(
          object["spec"]?["taskRunTemplate"]?["serviceAccountName"] == "builder", "\(attempt)")
      }
    }
    await client.close()
    await sandbox.stop()
  }
}
