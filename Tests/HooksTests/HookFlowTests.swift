import Crypto
import Hooks
import JSON
import TestSupport
import Testing
import YAML

@Suite struct HookFlowTests {
  @Test func `a signed push becomes a run`() throws {
    let text = Fixture.hook(
      """
      on: [push]
      branches: [main, "release/**"]
      """,
      run: """
        apiVersion: tekton.dev/v1
        kind: PipelineRun
        metadata: { generateName: build-and-deploy- }
        spec:
          pipelineRef: { name: build-and-deploy-app }
          params:
          - { name: REVISION, value: $(event.revision) }
          - { name: MESSAGE, value: "$(event.title) by $(event.sender)" }
        """)
    let hook = try Fixture.compiled(text)
    let source = try #require(hook.source)
    let body = Fixture.push().serialized()
    let fields = Fixture.lookup([
      ("Content-Type", "application/json"), ("X-GitHub-Event", "push"),
      ("X-GitHub-Delivery", "72d3162e"),
      ("X-Hub-Signature-256", Fixture.signature(body, secret: "s3cret")),
    ])
    #expect(source.mediaTypeProblem(fields) == nil)
    let secrets = [SecretBytes("old"), SecretBytes("s3cret")]
    #expect(
      source.authentication(secrets: secrets).verify(fields: fields, body: body, now: 0)
        == .verified(index: 1))
    let json = try JSONValue.parse(body)
    guard case .events(let events, let id) = source.delivery(fields: fields, body: json) else {
      Issue.record("no events")
      return
    }
    #expect(events.count == 1 && id == "72d3162e")
    let delivery = Delivery(id: "ours", sourceID: id, body: json)
    let decisions = hook.decide(events[0], at: 0, of: delivery)
    guard case .run(let runs) = decisions.first?.decision, let run = runs.first else {
      Issue.record("no run: \(decisions)")
      return
    }
    #expect(decisions.count == 1 && decisions[0].trigger == "build")
    #expect(run.namespace == "ci" && run.name.hasPrefix("build-and-deploy-"))
    #expect(
      run.object.yaml() == """
        apiVersion: tekton.dev/v1
        kind: PipelineRun
        metadata:
          name: \(run.name)
          namespace: ci
          labels:
            app.kubernetes.io/managed-by: hookline
            hookline.dev/hook: app
            hookline.dev/trigger: build
            hookline.dev/delivery: 72d3162e
          annotations:
            hookline.dev/event: push
            hookline.dev/repository: acme/app
            hookline.dev/revision: \(Fixture.commit)
            hookline.dev/sender: octocat
            hookline.dev/source-delivery: 72d3162e
        spec:
          pipelineRef:
            name: build-and-deploy-app
          params:
          - name: REVISION
            value: \(Fixture.commit)
          - name: MESSAGE
            value: Fix it by octocat

        """)
  }
}
