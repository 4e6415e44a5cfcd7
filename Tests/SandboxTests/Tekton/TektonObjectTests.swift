import JSON
import TestSupport
import Testing

@testable import Sandbox

/// Defaults, conversion, schemas and names.
struct TektonObjectTests {
  private func defaulted(_ kind: TektonKind, _ object: JSONValue) throws -> JSONValue {
    let request = AdmissionRequest(
      operation: .create, group: "tekton.dev", version: "v1", resource: "", kind: kind.rawValue,
      namespace: "ci", name: "x", object: object)
    return try TektonWebhook(kind: kind).mutated(request)
  }

  @Test func `a run of a task gains its defaults`() throws {
    let run = try defaulted(
      .taskRun, ["metadata": ["name": "x"], "spec": ["taskRef": ["name": "t"]]])
    #expect(
      run["spec"] == [
        "serviceAccountName": "default", "taskRef": ["kind": "Task", "name": "t"],
        "timeout": "1h0m0s",
      ])
    #expect(run[["metadata", "labels"]] == ["app.kubernetes.io/managed-by": "tekton-pipelines"])
    #expect(run["kind"] == "TaskRun")
  }

  @Test func `types of parameters and results are inferred`() throws {
    let task = try defaulted(
      .task,
      [
        "spec": [
          "params": [
            ["name": "s"], ["name": "l", "default": ["a"]], ["name": "o", "default": ["k": "v"]],
            ["name": "p", "properties": ["k": [:]]],
          ],
          "results": [["name": "r"], ["name": "q", "properties": ["k": [:]]]],
        ]
      ])
    let parameters = task[["spec", "params"]]?.arrayValue ?? []
    #expect(parameters.map { $0["type"] } == ["string", "array", "object", "object"])
    #expect(parameters.last?[["properties", "k", "type"]] == "string")
    let results = task[["spec", "results"]]?.arrayValue ?? []
    #expect(results.map { $0["type"] } == ["string", "object"])
  }

  @Test func `reserved annotations are dropped from new runs only`() throws {
    let run = try defaulted(
      .pipelineRun,
      [
        "metadata": ["annotations": ["chains.tekton.dev/signed": "true", "a": "b"]],
        "spec": ["pipelineRef": ["name": "p"]],
      ])
    #expect(run[["metadata", "annotations"]] == ["a": "b"])
    let bare = try defaulted(
      .pipelineRun, ["metadata": ["annotations": ["results.tekton.dev/log": "x"]]])
    #expect(bare["metadata"] == [:])
  }

  @Test func `renamed fields move both ways`() throws {
    let legacy: JSONValue = [
      "apiVersion": "tekton.dev/v1beta1", "kind": "PipelineRun", "metadata": ["name": "x"],
      "spec": [
        "pipelineSpec": [
          "tasks": [
            [
              "name": "t",
              "taskSpec": [
                "metadata": [:], "spec": nil,
                "steps": [["name": "s", "resources": ["limits": ["cpu": "1"]]]],
              ],
            ]
          ]
        ],
        "serviceAccountName": "builder", "timeouts": ["pipeline": "1h0m0s"],
        "taskRunSpecs": [
          [
            "pipelineTaskName": "t", "taskServiceAccountName": "other",
            "stepOverrides": [["name": "s", "resources": ["limits": ["cpu": "2"]]]],
          ]
        ],
      ],
      "status": ["pipelineResults": [["name": "r", "value": "v"]]],
    ]
    let modern = try TektonConversion.convert(legacy, .pipelineRun, from: .v1beta1, to: .v1)
    #expect(modern[["spec", "taskRunTemplate", "serviceAccountName"]] == "builder")
    let task = modern[["spec", "taskRunSpecs"]]?[0]
    #expect(task?["serviceAccountName"] == "other")
    #expect(task?["stepSpecs"]?[0]?[["computeResources", "limits", "cpu"]] == "2")
    #expect(modern[["status", "results"]]?[0]?["value"] == "v")
    #expect(try TektonConversion.convert(modern, .pipelineRun, from: .v1, to: .v1beta1) == legacy)
  }

  @Test func `schemas keep embedded specifications and drop the rest`() throws {
    let definition = try #require(TektonResources.all.first { $0.names.plural == "pipelineruns" })
    let schema = try #require(definition.version("v1")).schema
    let object: JSONValue = [
      "spec": [
        "pipelineSpec": ["anything": 1], "colour": "red",
        "params": [["name": "a", "value": ["b": 1], "type": "x"]],
        "workspaces": [
          ["name": "w", "volumeClaimTemplate": ["anything": 1], "emptyDir": ["a": 1]]
        ],
        "taskRunTemplate": ["podTemplate": ["affinity": ["x": 1], "hostNetwork": true]],
      ]
    ]
    let pruned = schema.prune(object)
    #expect(
      pruned.unknownFields
        == ["spec.colour", "spec.params[0].type", "spec.workspaces[0].emptyDir.a"])
    #expect(pruned.value[["spec", "pipelineSpec", "anything"]] == 1)
    #expect(schema.violations(of: pruned.value, at: "").isEmpty)
  }

  @Test func `the resources have the names of the real ones`() {
    let names = TektonResources.all.prefix(6).map(\.names.plural)
    #expect(
      names == ["tasks", "taskruns", "stepactions", "pipelineruns", "pipelines", "customruns"])
    let runs = TektonResources.all.first { $0.names.plural == "pipelineruns" }
    #expect(runs?.names.shortNames == ["pr", "prs"])
    #expect(runs?.storageVersion == "v1")
    #expect(
      runs?.version("v1beta1")?.columns.map(\.name)
        == ["Succeeded", "Reason", "StartTime", "CompletionTime"])
    #expect(Set(TektonResources.all.map(\.qualifiedPlural)).count == TektonResources.all.count)
  }

  /// Each member of a large run, taken away or replaced by a value of each other type.
  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func `no mutation of a run brings the rules down`() throws {
    var sources = try RecordedExchange.list("create-pipelinerun-v1").map(\.body)
    sources += try RecordedExchange.list("webhook-denials-pipelinespec").suffix(6).map(\.body)
    var count = 0
    for source in sources where source["spec"] != nil {
      for version in ["v1", "v1beta1"] {
        let target = "/apis/tekton.dev/\(version)/namespaces/ci/pipelineruns"
        let stations = try TektonStations(target: target)
        for mutation in source.mutations {
          _ = stations.create(mutation)
          _ = try? stations.converted(
            mutation, from: version, to: version == "v1" ? "v1beta1" : "v1")
          count += 1
        }
      }
    }
    #expect(count > 3_000)
  }
}

extension JSONValue {
  /// The value with one part missing or of another type, for every part and every type.
  fileprivate var mutations: [JSONValue] {
    let others: [JSONValue] = [nil, true, 7, -1.5, "", "$(params.x)", [], [nil], [:], ["a": [[:]]]]
    var result: [JSONValue] = others
    switch self {
    case .object(let object):
      for member in object {
        var without = self
        without[member.key] = nil
        result.append(without)
        for inner in member.value.mutations {
          var changed = self
          changed[member.key] = inner
          result.append(changed)
        }
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        for inner in element.mutations {
          var changed = elements
          changed[index] = inner
          result.append(.array(changed))
        }
      }
    default: break
    }
    return result
  }
}
