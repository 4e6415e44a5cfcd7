import JSON
import TestSupport
import Testing

@testable import Sandbox

/// The recorded creations, one by one.
@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct TektonReplayTests {
  /// Recordings about metadata and about bytes, which the server looks after before.
  private static let otherScenarios = ["create-bad-metadata.json", "create-malformed-json.json"]

  /// The creations in all recordings whose outcome does not depend on anything but Tekton.
  private static func creations() -> [RecordedExchange] {
    guard SharedData.isPresent,
      let files = try? SharedData.files(in: "kube-api", withSuffix: ".json")
    else { return [] }
    return files.filter { !otherScenarios.contains($0) }
      .flatMap { (try? RecordedExchange.list(String($0.dropLast(5)))) ?? [] }
      .filter(\.isDecidedByTekton)
  }

  @Test(arguments: creations())
  func `a recorded creation ends as it did`(_ exchange: RecordedExchange) throws {
    let stations = try TektonStations(target: exchange.target)
    let result = stations.create(exchange.body)
    switch result.outcome {
    case .stored(let object):
      #expect(exchange.status == 201, "stored, but: \(exchange.message)")
      var shown = object
      if stations.version.name == "v1beta1" {
        let kept = try stations.converted(object, from: "v1beta1", to: "v1")
        shown = try stations.converted(kept, from: "v1", to: "v1beta1")
      }
      #expect(shown.essentials == exchange.answer.essentials)
    case .denied(let message):
      #expect(message == exchange.message)
    case .invalid(let mistakes):
      Issue.record("invalid: \(mistakes.map(\.description))")
    }
    guard !exchange.target.contains("fieldValidation=Ignore") else { return }
    let warnings = result.unknownFields.map { "299 - \(quoted("unknown field \(quoted($0))"))" }
    #expect(
      warnings.sorted() == exchange.warnings.filter { $0.contains("unknown field") }.sorted())
  }

  @Test(arguments: ["webhook-update-rules", "patch-cancel", "status-subresource", "patch-merge"])
  func `recorded changes end as they did`(_ scenario: String) throws {
    var stored: [String: JSONValue] = [:]
    for exchange in try RecordedExchange.listWithSetup(scenario)
    where exchange.target.contains("/pipelineruns") {
      let stations = try TektonStations(target: exchange.target)
      let name = exchange.objectName
      if exchange.method == "POST", exchange.status == 201 {
        if case .stored(let object) = stations.create(exchange.body).outcome {
          stored[name] = object
        }
      }
      guard ["PATCH", "PUT"].contains(exchange.method), let old = stored[name],
        exchange.concernsAdmission
      else { continue }
      let changed = exchange.method == "PUT" ? exchange.body : Self.merged(old, exchange.body)
      var pruned = stations.version.schema.prune(changed).value
      let untouched = exchange.subresource.isEmpty ? "status" : "spec"
      pruned[untouched] = old[untouched]
      switch stations.admit(pruned, old: old, subresource: exchange.subresource) {
      case .stored(let object):
        #expect(exchange.status == 200, "\(exchange.testDescription): \(exchange.message)")
        stored[name] = object
        guard !exchange.isSetup else { continue }
        #expect(object["spec"] == exchange.answer["spec"], "\(exchange.testDescription)")
        #expect(object["status"] == exchange.answer["status"], "\(exchange.testDescription)")
      case .denied(let message):
        #expect(message == exchange.message, "\(exchange.testDescription)")
      case .invalid(let mistakes):
        let texts = mistakes.map(\.description).joined(separator: ", ")
        #expect(
          exchange.message == "PipelineRun.tekton.dev \"run\" is invalid: \(texts)",
          "\(exchange.testDescription)")
      }
    }
  }

  /// RFC 7396.
  private static func merged(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
    guard let members = patch.objectValue else { return patch }
    var result = target.objectValue == nil ? [:] : target
    for member in members {
      guard !member.value.isNull else {
        result[member.key] = nil
        continue
      }
      result[member.key] = merged(result[member.key] ?? .null, member.value)
    }
    return result
  }

  @Test
  func `an object is the same in both versions`() throws {
    let exchanges = try RecordedExchange.list("create-pipelinerun-v1beta1-conversion")
    let stations = try TektonStations(target: exchanges[0].target)
    let legacy = exchanges[0].answer
    let modern = exchanges[1].answer
    #expect(try stations.converted(legacy, from: "v1beta1", to: "v1") == modern)
    #expect(try stations.converted(modern, from: "v1", to: "v1beta1") == legacy)
    #expect(
      try stations.converted(exchanges[2].answer, from: "v1", to: "v1beta1") == exchanges[3].answer)
  }
}
