import JSON
import Testing

@testable import Sandbox

/// Rules of Tekton that the recordings do not show, in the order of Tekton's sources.
struct PipelineRuleTests {
  /// What the webhook says of a PipelineRun with that specification; empty if it accepts it.
  static func refusal(
    _ spec: JSONValue, _ kind: TektonKind = .pipelineRun, _ version: TektonVersion = .v1
  ) -> String {
    let object: JSONValue = [
      "apiVersion": .string(version.apiVersion), "kind": .string(kind.rawValue),
      "metadata": ["name": "x"], "spec": spec,
    ]
    var request = AdmissionRequest(
      operation: .create, group: "tekton.dev", version: version.rawValue, resource: "",
      kind: kind.rawValue, namespace: "ci", name: "x", object: object)
    let webhook = TektonWebhook(kind: kind)
    do throws(AdmissionDenial) {
      request.object = try webhook.mutated(request)
      try webhook.review(request)
    } catch {
      return String(error.message.split(separator: ": ", maxSplits: 2).last ?? "")
    }
    return ""
  }

  private static let step: JSONValue = ["steps": [["image": "busybox"]]]

  private static func task(_ name: String, _ members: JSONObject = [:]) -> JSONValue {
    var task: JSONValue = ["name": .string(name), "taskSpec": step]
    for member in members { task[member.key] = member.value }
    return task
  }

  private static func pipeline(
    _ tasks: [JSONValue], finally: [JSONValue] = [], _ members: JSONObject = [:]
  ) -> JSONValue {
    var spec: JSONValue = ["tasks": .array(tasks)]
    if !finally.isEmpty { spec["finally"] = .array(finally) }
    for member in members { spec[member.key] = member.value }
    return ["pipelineSpec": spec]
  }

  // MARK: The run itself

  @Test(
    arguments: [
      (
        ["params": [["name": "a", "value": "$(tasks.t.results.r) and $(params.x)"]]],
        "invalid value: cannot use result expressions in [tasks.t.results.r] as PipelineRun parameter "
          + "values: spec.params[a].value"
      ),
      (
        ["params": [["name": "A", "value": "1"], ["name": "a", "value": "2"]]],
        "expected exactly one, got both: spec.params[a].name"
      ),
      (
        ["timeouts": ["pipeline": "1h", "tasks": "0"]],
        "invalid value: 0s (no timeout) should be <= pipeline duration: spec.timeouts.tasks"
      ),
      (["timeouts": ["pipeline": "0", "tasks": "5h"]], ""),
      (
        ["taskRunSpecs": [["pipelineTaskName": "t", "timeout": "2h"]]],
        "invalid value: 2h0m0s should be <= pipeline duration 1h0m0s: spec.taskRunSpecs[t].timeout"
      ),
      (
        ["taskRunSpecs": [["pipelineTaskName": "t", "stepSpecs": [["name": ""]]]]],
        "missing field(s): spec.taskRunSpecs[t].stepSpecs[0].name"
      ),
      (
        ["workspaces": [["name": "w", "configMap": [:]]]],
        "missing field(s): spec.workspaces[0].configmap.name"
      ),
      (
        ["workspaces": [["name": "w", "csi": ["driver": ""]]]],
        "missing field(s): spec.workspaces[0].csi.driver"
      ),
      (
        ["workspaces": [["name": "w", "projected": ["sources": []]]]],
        "missing field(s): spec.workspaces[0].projected.sources"
      ),
      (["workspaces": [[:]]], "missing field(s): spec.workspaces[0]"),
    ] as [(JSONValue, String)])
  func `a run breaks a rule`(_ members: JSONValue, _ message: String) {
    var spec = members
    spec["pipelineRef"] = ["name": "build"]
    #expect(Self.refusal(spec) == message)
  }

  @Test(arguments: [
    ("https://example.com", "missing field(s): spec.pipelineRef.resolver"),
    ("a/b/c", "invalid value: "), ("-a", "invalid value: name part must consist of"),
  ])
  func `a name of a pipeline is a name`(_ name: String, _ part: String) {
    #expect(Self.refusal(["pipelineRef": ["name": .string(name)]]).contains(part))
  }

  // MARK: The pipeline in it

  @Test(
    arguments: [
      (
        pipeline([task("a")], finally: [task("b", ["runAfter": ["a"]])]),
        "invalid value: no runAfter allowed under spec.finally, final task b has runAfter specified: "
          + "spec.pipelineSpec.finally[0]"
      ),
      (
        pipeline([], finally: [task("b")]),
        "invalid value: spec.tasks is empty but spec.finally has 1 tasks: spec.pipelineSpec.finally"
      ),
      (
        pipeline(
          [task("a")],
          finally: [
            task("b", ["params": [["name": "p", "value": "$(tasks.c.results.r)"]]]), task("c"),
          ]),
        "invalid value: invalid task result reference, final task has task result reference from a "
          + "final task c: spec.pipelineSpec.finally[0].params[p].value"
      ),
      (
        pipeline([task("a", ["params": [["name": "p", "value": "$(tasks.b.status)"]]]), task("b")]),
        "invalid value: pipeline tasks can not refer to execution status of any other pipeline task "
          + "or aggregate status of tasks: spec.pipelineSpec.tasks[0].params[p].value"
      ),
      (
        pipeline(
          [task("a")],
          finally: [task("b", ["params": [["name": "p", "value": "$(tasks.z.status)"]]])]),
        "invalid value: pipeline task z is not defined in the pipeline: "
          + "spec.pipelineSpec.finally[0].params[p].value"
      ),
      (
        pipeline(
          [task("a")],
          finally: [
            task("b", ["params": [["name": "p", "value": "$(tasks.status) $(tasks.a.reason)"]]])
          ]), ""
      ),
      (
        pipeline([task("a", ["params": [["name": "p", "value": "$(context.pipelineRun.nope)"]]])]),
        "non-existent variable in \"$(context.pipelineRun.nope)\": spec.pipelineSpec.tasks.value"
      ),
      (
        pipeline([task("a")], ["results": [["name": "r", "value": "plain"]]]),
        "invalid value: expected pipeline results to be task result expressions but an invalid "
          + "expressions was found: spec.pipelineSpec.results[0].value\n"
          + "invalid value: expected pipeline results to be task result expressions but no "
          + "expressions were found: spec.pipelineSpec.results[0].value\n"
          + "invalid value: referencing a nonexistent task: spec.pipelineSpec.results[0].value"
      ),
      (
        pipeline([task("a")], ["results": [["name": "r", "value": "$(tasks.a.results.x)"]]]), ""
      ),
      (
        pipeline([task("a")], ["workspaces": [["name": "w"], ["name": "w"], ["name": ""]]]),
        "invalid value: workspace 2 has empty name: spec.pipelineSpec.workspaces[2]\n"
          + "invalid value: workspace with name \"w\" appears more than once: "
          + "spec.pipelineSpec.workspaces[1]"
      ),
      (
        pipeline([["name": "a", "taskRef": ["name": "x", "apiVersion": "v1", "kind": "Wait"]]]),
        "invalid value: invalid apiVersion format \"v1\", must be in the format \"group/version\": "
          + "spec.pipelineSpec.tasks[0].taskRef.apiVersion"
      ),
      (
        pipeline([["name": "a", "taskRef": ["name": "x", "kind": "Wait"]]]),
        "invalid value: custom task ref must specify apiVersion: "
          + "spec.pipelineSpec.tasks[0].taskRef.apiVersion"
      ),
      (
        pipeline([["name": "a", "taskRef": ["kind": "Task"]]]),
        "missing field(s): spec.pipelineSpec.tasks[0].taskRef.name"
      ),
      (
        pipeline([["name": "a", "pipelineRef": ["name": "x"]]]),
        "pipelineRef requires \"enable-api-fields\" feature gate to be \"alpha\" but it is \"beta\": "
      ),
      (
        pipeline([task("a", ["onError": "explode"])]),
        "invalid value: explode: spec.pipelineSpec.tasks[0].OnError\n"
          + "PipelineTask OnError must be either \"continue\" or \"stopAndFail\""
      ),
      (
        pipeline([task("a", ["when": [["input": "x", "operator": "in"]]])]),
        "invalid value: expecting non-empty values field: spec.pipelineSpec.tasks[0].when[0]"
      ),
      (
        pipeline([task("a", ["when": [["cel": "true"]]])]),
        "feature flag enable-cel-in-whenexpression should be set to true to use CEL: true in "
          + "WhenExpression: spec.pipelineSpec.tasks[0].when[0]"
      ),
      (
        pipeline([
          task("a", ["matrix": ["params": [["name": "p", "value": ["1", "2"]]]]]), task("b"),
        ]),
        ""
      ),
      (
        pipeline([
          task(
            "a",
            [
              "params": [["name": "p", "value": "1"]],
              "matrix": ["params": [["name": "p", "value": ["1"]]]],
            ])
        ]),
        "expected exactly one, got both: spec.pipelineSpec.tasks[0].matrix[p], "
          + "spec.pipelineSpec.tasks[0].params[p]"
      ),
      (
        pipeline([
          task("a", ["matrix": ["params": [["name": "p", "value": ["1"]]]]]),
          task("b", ["params": [["name": "q", "value": "$(tasks.a.results.r)"]]]),
        ]),
        "A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is "
          + "currently set to tasks.a.results.r: "
      ),
      (
        pipeline([
          task("a", ["params": [["name": "p", "value": "1"], ["name": "p", "value": "2"]]])
        ]),
        "parameter names must be unique, the parameter \"p\" is also defined at: "
          + "spec.pipelineSpec.tasks[0].params[1].name, spec[0].params[1].name"
      ),
    ] as [(JSONValue, String)])
  func `an embedded pipeline breaks a rule`(_ spec: JSONValue, _ message: String) {
    #expect(Self.refusal(spec) == message)
  }

  @Test func `parameters of the run reach the steps`() {
    let steps: JSONValue = ["steps": [["image": "$(params.image)"]]]
    let spec: JSONValue = [
      "params": [["name": "image", "value": "busybox"]],
      "pipelineSpec": ["tasks": [["name": "t", "taskSpec": steps]]],
    ]
    #expect(Self.refusal(spec) == "")
    var without = spec
    without["params"] = nil
    #expect(
      Self.refusal(without)
        == "non-existent variable in \"$(params.image)\": spec.steps[0].image")
  }

  // MARK: Pipelines of their own

  @Test(
    arguments: [
      (
        ["tasks": [task("a", ["workspaces": [["name": "w"]]])]],
        "invalid value: pipeline task \"a\" expects workspace with name \"w\" but none exists in "
          + "pipeline spec: spec.tasks[0].workspaces[0]"
      ),
      (
        ["tasks": [task("a", ["params": [["name": "p", "value": "$(params.x)"]]])]],
        "non-existent variable in \"$(params.x)\": spec.tasks[0].params[p]"
      ),
      (
        [
          "params": [["name": "l", "type": "array"]],
          "tasks": [task("a", ["params": [["name": "p", "value": "x $(params.l[*])"]]])],
        ],
        "variable type invalid in \"x $(params.l[*])\": spec.tasks[0].params[p]"
      ),
      (
        [
          "params": [["name": "l", "type": "array"]],
          "tasks": [task("a", ["params": [["name": "p", "value": "$(params.l[*])"]]])],
        ], ""
      ),
      (
        ["params": [["name": "e", "enum": ["a"]]], "tasks": [task("a")]],
        "feature flag `enable-param-enum` should be set to true to use Enum: "
          + "spec.finally.params[e], spec.tasks.params[e]"
      ),
    ] as [(JSONValue, String)])
  func `a pipeline breaks a rule`(_ spec: JSONValue, _ message: String) {
    #expect(Self.refusal(spec, .pipeline) == message)
  }

  @Test(
    arguments: [
      (
        ["timeout": "1h", "timeouts": ["pipeline": "1h"]],
        "must not set the field(s): spec.timeout, spec.timeouts"
      ),
      (["timeout": "-1h"], "invalid value: -1h0m0s should be >= 0: spec.timeout"),
      (["resources": [["name": "r"]]], "must not set the field(s): spec.resources"),
    ] as [(JSONValue, String)])
  func `an older run breaks a rule of its own`(_ members: JSONValue, _ message: String) {
    var spec = members
    spec["pipelineRef"] = ["name": "build"]
    #expect(Self.refusal(spec, .pipelineRun, .v1beta1) == message)
  }
}
