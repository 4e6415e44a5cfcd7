import TestSupport
import Testing

@testable import Sandbox

struct VariableReferencesTests {
  private func unknown(_ value: String, _ names: Set<String> = ["known"]) -> String {
    VariableReferences(in: value, prefix: .parameters).unknown(besides: names).description
  }

  @Test(arguments: [
    "", "plain", "$(params.known)", "a $(params.known) b", #"$(params["known"])"#,
    "$(params['known'])", "$(params.known.key)", "$(params.known[*])", "$(params.known[0])",
    "$(tasks.x.results.y)", "$(params.unknown", "$(params.un\nknown)", "$(paramsx.y)", "$$(other)",
  ])
  func `known variables and other texts pass`(_ value: String) {
    #expect(unknown(value) == "")
  }

  @Test(arguments: [
    "$(params.other)", "$(params.known)$(params.other)", #"$(params["other"])"#,
    "$(params.$(params.known))", "$(params.\n$(params.other)",
  ])
  func `an unknown variable is named with its text`(_ value: String) {
    #expect(unknown(value) == "non-existent variable in \(quoted(value)): ")
  }

  @Test func `a dotted name has two parts at most`() {
    #expect(
      unknown("$(params.a.b.c)")
        == "Invalid referencing of parameters in \"$(params.a.b.c)\"! Only two dot-separated "
        + "components after the prefix \"params\" are allowed.: ")
  }

  @Test func `a list must stand alone`() {
    let names: Set<String> = ["list"]
    func mistakes(_ value: String) -> FieldViolations {
      VariableReferences(in: value, prefix: .parameters).notIsolated(names)
    }
    #expect(mistakes("$(params.list[*])").isEmpty)
    #expect(mistakes("$(params.list)").isEmpty)
    #expect(!mistakes("x $(params.list[*])").isEmpty)
    #expect(mistakes("x $(params.list[1])").isEmpty)
    #expect(VariableReferences.isWholeReference("$(params.list[*])"))
    #expect(!VariableReferences.isWholeReference("$(params.list[*]) "))
  }

  @Test(.timeLimit(.minutes(TestTime.minutes)))
  func `a text full of beginnings is read in one go`() {
    let beginnings = String(repeating: "$(params.", count: 20_000)
    #expect(unknown(beginnings) == "")
    #expect(unknown(beginnings + "\n)") == "")
    #expect(!ResultReferences.mentionsArtifact(String(repeating: "$(tasks.", count: 20_000)))
  }
}

struct ResultReferencesTests {
  @Test func `expressions are found in order`() {
    #expect(
      ResultReferences.expressions(
        in: "a $(x.y) $(tasks.t.results.r[*]) $(bad name) $(z[1])$(q[x])")
        == ["x.y", "tasks.t.results.r[*]", "z[1]"])
  }

  @Test func `a result has a task and a name`() {
    #expect(
      ResultReferences.result("tasks.t.results.r[1]")
        == ResultReferences.Result(task: "t", name: "r"))
    #expect(
      ResultReferences.result("finally.t.results.r.key")
        == ResultReferences.Result(task: "t", name: "r"))
    #expect(ResultReferences.result("tasks.t.results.r.key.more") == nil)
    #expect(ResultReferences.result("tasks.t.status") == nil)
  }

  @Test func `artifacts are recognised`() {
    #expect(ResultReferences.mentionsTaskArtifact("$(tasks.build.outputs.image)"))
    #expect(ResultReferences.mentionsTaskArtifact("x $(tasks.build.inputs) y"))
    #expect(ResultReferences.mentionsStepArtifact("$(steps.build.outputs)"))
    #expect(ResultReferences.mentionsStepArtifact("$(step.artifacts.path)"))
    #expect(!ResultReferences.mentionsArtifact("$(tasks.build.results.outputs)"))
    #expect(!ResultReferences.mentionsArtifact("$(tasks.build.outputs.)"))
  }
}

struct TaskGraphTests {
  @Test func `a graph without cycles passes`() {
    #expect(TaskGraph.mistake(in: [("a", []), ("b", ["a"]), ("c", ["a", "b"])]) == nil)
    #expect(TaskGraph.mistake(in: []) == nil)
  }

  @Test(arguments: [
    (["a"], #"cycle detected; task "a" depends on "a""#),
    (["c"], #"cycle detected; task "a" depends on "c""#),
    (
      ["x"],
      "couldn't add link between a and x: task a depends on x but x wasn't present in Pipeline"
    ),
  ])
  func `what does not fit is described`(_ first: [String], _ message: String) {
    #expect(TaskGraph.mistake(in: [("a", first), ("b", ["a"]), ("c", ["b"])]) == message)
  }

  @Test func `a cycle far from the first task is found`() {
    #expect(
      TaskGraph.mistake(in: [("a", []), ("b", ["a", "c"]), ("c", ["b", "d"]), ("d", ["c"])])
        == #"cycle detected; task "b" depends on "c""#)
  }
}

struct FieldViolationsTests {
  @Test func `paths grow from the inside out`() {
    let violations = FieldViolations.missing("name").via("params", index: 1).via("spec")
    #expect(violations.description == "missing field(s): spec.params[1].name")
    #expect(
      FieldViolations("m", "").via("when", index: 0).via("tasks", key: "a").description
        == "m: tasks[a].when[0]")
    #expect(FieldViolations("m", paths: []).via("spec").description == "m: ")
  }

  @Test func `equal messages are one, in order`() {
    let violations =
      FieldViolations.missing("b") + .invalid("x", "c") + .missing("a") + .missing("b")
    #expect(violations.description == "invalid value: x: c\nmissing field(s): a, b")
  }
}
