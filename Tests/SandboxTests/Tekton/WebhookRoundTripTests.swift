import JSON
import Testing

@testable import Sandbox

struct WebhookRoundTripTests {
  private func pass(
    _ spec: JSONValue, _ kind: TektonKind = .pipelineRun
  ) throws(RoundTripError)
    -> JSONValue
  {
    try WebhookRoundTrip.pass(["spec": spec], through: kind.structure(.v1))["spec"] ?? .null
  }

  private func refusal(_ spec: JSONValue, _ kind: TektonKind = .pipelineRun) -> String {
    do throws(RoundTripError) { _ = try pass(spec, kind) } catch {
      switch error {
      case .unreadable(let text), .unwritable(let text): return text
      }
    }
    return ""
  }

  private static let taskPath = "spec.pipelineSpec.tasks"

  @Test(
    arguments: [
      (
        ["params": "x"],
        "json: cannot unmarshal string into Go struct field PipelineRunSpec.spec.params of type "
          + "v1.Params"
      ),
      (
        ["pipelineRef": []],
        "json: cannot unmarshal array into Go struct field PipelineRunSpec.spec.pipelineRef of type "
          + "v1.PipelineRef"
      ),
      (
        ["pipelineRef": ["name": 1]],
        "json: cannot unmarshal number into Go struct field PipelineRef.spec.pipelineRef.name of "
          + "type string"
      ),
      (
        ["status": true],
        "json: cannot unmarshal bool into Go struct field PipelineRunSpec.spec.status of type "
          + "v1.PipelineRunSpecStatus"
      ),
      (
        ["pipelineSpec": ["tasks": [["retries": 1.5]]]],
        "json: cannot unmarshal number 1.5 into Go struct field PipelineTask.\(taskPath).retries of "
          + "type int"
      ),
      (
        ["pipelineSpec": ["tasks": [["taskSpec": ["steps": "x"]]]]],
        "json: cannot unmarshal string into Go struct field "
          + "EmbeddedTask.\(taskPath).taskSpec.TaskSpec.steps of type []v1.Step"
      ),
      (["colour": 1, "params": "x"], #"json: unknown field "colour""#),
      (
        // A value with a reader of its own ends the reading, whatever was found before.
        ["params": "x", "timeouts": ["pipeline": "soon"]], #"time: invalid duration "soon""#
      ),
      (
        ["taskRunSpecs": [["computeResources": ["limits": ["cpu": "lots"]]]]],
        "quantities must match the regular expression "
          + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
      ),
    ] as [(JSONValue, String)])
  func `what does not fit is refused in Go's words`(_ spec: JSONValue, _ message: String) {
    #expect(refusal(spec) == message)
  }

  @Test(
    arguments: [
      (["pipelineRef": nil, "params": nil], ["taskRunTemplate": [:]]),
      (["params": []], ["taskRunTemplate": [:]]),
      (
        ["params": [["name": "a", "value": [nil, "b"]]]],
        ["params": [["name": "a", "value": ["", "b"]]], "taskRunTemplate": [:]]
      ),
      (
        ["params": [["name": "a", "value": ["<": 1, "b": [true, nil]]]]],
        [
          "params": [["name": "a", "value": #"{"\u003c":1,"b":[true,null]}"#]],
          "taskRunTemplate": [:],
        ]
      ),
      (
        ["workspaces": [["name": "w", "emptyDir": ["sizeLimit": "1024Mi"]]]],
        ["workspaces": [["name": "w", "emptyDir": ["sizeLimit": "1Gi"]]], "taskRunTemplate": [:]]
      ),
      (
        // Keys are matched without regard to case where no schema has looked before.
        ["pipelineSpec": ["Tasks": [["Name": "t"]]]],
        ["pipelineSpec": ["tasks": [["name": "t"]]], "taskRunTemplate": [:]]
      ),
    ] as [(JSONValue, JSONValue)])
  func `what fits is written in one form`(_ spec: JSONValue, _ written: JSONValue) throws {
    #expect(try pass(spec) == written)
  }

  @Test func `a step gains empty members`() throws {
    let written = try pass(["steps": [["image": "a", "env": [["name": "E"]]]]], .task)
    #expect(
      written == [
        "steps": [["name": "", "image": "a", "env": [["name": "E"]], "computeResources": [:]]]
      ])
  }
}
