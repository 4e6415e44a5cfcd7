import Foundation
import JSON
import Testing

/// What the commands say about schedules.
@Suite struct ScheduleCommandTests {
  private static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      triggers:
      - name: nightly
        schedule: "0 12 29 2 *"
        timeZone: "+02:00"
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: nightly- }
          spec: { pipelineRef: { name: build }, params: [{ name: time, value: $(event.time) }] }
    """

  private let folder: TemporaryFolder
  private let file: String

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("a.yaml", Self.hook)
  }

  @Test func `validate prints when each schedule is due next`() async throws {
    let text = try await Program.run(["validate", file])
    #expect(text.exitCode == 0, "\(text.errors)")
    let lines = text.output.split(separator: "\n")
    #expect(lines.first == "valid: 1 hook, 1 trigger")
    #expect(lines.last?.hasPrefix("ci/app nightly (0 12 29 2 * +02:00): 20") == true)
    #expect(lines.last?.components(separatedBy: "-02-29T12:00:00+02:00").count == 4)
    let json = try await Program.run(["validate", file, "--output", "json"])
    let schedule = try JSONValue.parse(Array(json.output.utf8))["schedules"]?[0]
    #expect(schedule?["trigger"] == "nightly" && schedule?["missed"] == "latest")
    #expect(schedule?["next"]?.arrayValue?.count == 3)
  }

  @Test(arguments: ["render", "explain"])
  func `a due time can be tried out`(command: String) async throws {
    let arguments = [
      command, "--config", file, "--hook", "ci/app", "--event", "schedule", "--trigger",
    ]
    let outcome = try await Program.run(arguments + ["nightly"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("nightly-"))
    if command == "render" {
      #expect(outcome.output.contains("-02-29T10:00:00Z"), "\(outcome.output)")
    } else {
      #expect(outcome.output.contains("-02-29T12:00:00+02:00"), "\(outcome.output)")
    }
    let unknown = try await Program.run(arguments + ["daily"])
    #expect(unknown.exitCode != 0)
  }

  @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
  func `time zones come from the system's database`(zone: String) async throws {
    let text = Self.hook.replacing("\"+02:00\"", with: zone)
    let outcome = try await Program.run(["validate", try folder.write("b.yaml", text)])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("-02-29T12:00:00"))
  }
}
