import JSON
import Testing

@testable import Sandbox

struct TaskRuleTests {
  @Test(
    arguments: [
      ([:], "missing field(s): spec.steps"),
      (
        ["steps": [["image": "a", "name": "s"], ["image": "a", "name": "s"]]],
        "invalid value: s: spec.steps[1].name"
      ),
      (
        ["steps": [["image": "a", "name": "S S"]]],
        "invalid value \"S S\": spec.steps[0].name\nTask step name must be a valid DNS Label, For "
          + "more info refer to "
          + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names"
      ),
      (["stepTemplate": ["image": "a"], "steps": [["script": "x"]]], ""),
      (
        ["steps": [["image": "a", "volumeMounts": [["name": "v", "mountPath": "/tekton/x"]]]]],
        "volumeMount cannot be mounted under /tekton/ (volumeMount \"v\" mounted at \"/tekton/x\"): "
          + "spec.steps[0].volumeMounts[0].mountPath"
      ),
      (
        ["steps": [["image": "a", "onError": "maybe"]]],
        "invalid value: \"maybe\": spec.steps[0].onError\nTask step onError must be \"continue\", "
          + "\"stopAndFail\" or \"continueAndFail\""
      ),
      (
        ["steps": [["image": "a", "script": "$(params.x)"]]],
        "non-existent variable in \"$(params.x)\": spec.steps[0].script"
      ),
      (
        ["steps": [["image": "a", "script": "$(results.x.path)"]]],
        "non-existent variable in \"$(results.x.path)\": spec.steps[0].script"
      ),
      (
        ["steps": [["image": "a", "script": "$(context.taskRun.nope)"]]],
        "non-existent variable in \"$(context.taskRun.nope)\": spec.steps[0].script"
      ),
      (
        ["results": [["name": "r"]], "steps": [["image": "a", "script": "$(results.r.path)"]]], ""
      ),
      (
        ["results": [["name": "-r"]], "steps": [["image": "a"]]],
        "invalid key name \"-r\": spec.results[0].name\nName must consist of alphanumeric "
          + "characters, '-', '_', and must start and end with an alphanumeric character (e.g. "
          + "'MyName',  or 'my-name',  or 'my_name', regex used for validation is "
          + "'^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')"
      ),
      (
        ["results": [["name": "r", "type": "object"]], "steps": [["image": "a"]]],
        "missing field(s): spec.results[0].r.properties"
      ),
      (
        ["volumes": [["name": "v"], ["name": "v"]], "steps": [["image": "a"]]],
        "multiple volumes with same name \"v\": spec.volumes[1].name"
      ),
      (
        [
          "workspaces": [["name": "w"], ["name": "x", "mountPath": "/workspace/./w/"]],
          "steps": [["image": "a"]],
        ],
        "workspace mount path \"/workspace/w\" must be unique: spec.workspaces[1].mountpath"
      ),
      (
        ["steps": [["image": "a", "workspaces": [["name": "w", "mountPath": "/x"]]]]],
        "undefined workspace \"w\": spec.steps[0].workspaces[0].name"
      ),
      (
        ["params": [["name": "a b"]], "steps": [["image": "a"]]],
        "The format of following array and string variable names is invalid: [a b]: spec.params\n"
          + "String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), "
          + "underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)"
      ),
      (
        ["params": [["name": "p", "type": "thing"]], "steps": [["image": "a"]]],
        "invalid value: thing: spec.params.p.type"
      ),
      (
        ["params": [["name": "o", "type": "object"]], "steps": [["image": "a"]]],
        "missing field(s): spec.o.properties"
      ),
      (
        [
          "params": [["name": "o", "properties": ["k": [:]]]],
          "steps": [
            ["image": "a", "script": "$(params.o.k)", "env": [["name": "E", "value": "x"]]]
          ],
        ], ""
      ),
      (
        [
          "params": [["name": "o", "properties": ["k": [:]]]],
          "steps": [["image": "a", "script": "$(params.o.z)"]],
        ], "non-existent variable in \"$(params.o.z)\": spec.steps[0].script"
      ),
      (
        [
          "params": [["name": "l", "type": "array"]],
          "steps": [["image": "a", "args": ["x $(params.l[*])"]]],
        ],
        "variable is not properly isolated in \"x $(params.l[*])\": spec.steps[0].args[0]"
      ),
      (
        ["steps": [["ref": ["name": "act"], "image": "a"]]],
        "image cannot be used with Ref: spec.steps[0].image"
      ),
      (
        ["steps": [["image": "a", "params": [["name": "p", "value": "v"]]]]],
        "params cannot be used without Ref: spec.steps[0].params"
      ),
      (["steps": [["ref": [:]]]], "missing field(s): spec.steps[0].name"),
      (
        ["steps": [["image": "$(steps.a.results.b)"]]],
        "stepResult substitutions are only allowed in env, command and args. Found usage in: "
          + "spec.steps[0].image"
      ),
      (
        ["steps": [["image": "a", "script": "$(tasks.b.outputs.c)"]]],
        "feature flag enable-artifacts should be set to true to use artifacts feature.: spec.steps[0]"
      ),
      (
        ["steps": [["image": "a"]], "sidecars": [["name": "s"]]],
        "missing field(s): spec.sidecars[0].image"
      ),
      (
        ["steps": [["image": "a", "stdoutConfig": ["path": "x"]]]],
        "step stdout stream support requires \"enable-api-fields\" feature gate to be \"alpha\" but "
          + "it is \"beta\": "
      ),
    ] as [(JSONValue, String)])
  func `a task breaks a rule`(_ spec: JSONValue, _ message: String) {
    #expect(PipelineRuleTests.refusal(spec, .task) == message)
  }

  @Test(
    arguments: [
      ([:], "expected exactly one, got neither: spec.taskRef, spec.taskSpec"),
      (["taskRef": ["name": "t"]], ""),
      (
        ["taskRef": ["name": "t"], "status": "Cancelled"],
        "invalid value: Cancelled should be TaskRunCancelled: spec.status"
      ),
      (
        ["taskRef": ["name": "t"], "statusMessage": "bye"],
        "invalid value: statusMessage should not be set if status is not set, but it is currently set "
          + "to bye: spec.statusMessage"
      ),
      (
        ["taskRef": ["name": "t"], "timeout": "-1s"],
        "invalid value: -1s should be >= 0: spec.timeout"
      ),
      (
        [
          "taskRef": ["name": "t"],
          "workspaces": [["name": "w", "emptyDir": [:]], ["name": "W", "emptyDir": [:]]],
        ], "expected exactly one, got both: spec.workspaces[1].name"
      ),
      (
        ["taskSpec": ["steps": [["image": "$(params.i)"]]]],
        "non-existent variable in \"$(params.i)\": spec.steps[0].image"
      ),
      (
        [
          "params": [["name": "i", "value": "x"]],
          "taskSpec": ["steps": [["image": "$(params.i)"]]],
        ], ""
      ),
    ] as [(JSONValue, String)])
  func `a run of a task breaks a rule`(_ spec: JSONValue, _ message: String) {
    #expect(PipelineRuleTests.refusal(spec, .taskRun) == message)
  }

  @Test(
    arguments: [
      (
        ["image": "a", "script": "$(params.x)"],
        "non-existent variable in \"$(params.x)\": spec.script"
      ),
      (["script": "x"], "missing field(s): spec.Image"),
      (["image": "a", "params": [["name": "x"]], "script": "$(params.x)"], ""),
    ] as [(JSONValue, String)])
  func `a step action breaks a rule`(_ spec: JSONValue, _ message: String) {
    #expect(PipelineRuleTests.refusal(spec, .stepAction, .v1beta1) == message)
  }
}
