import Foundation
import TestSupport
import Testing

/// `hookline serve` when its journal has no room.
@Suite struct DiskFullTests {
  fileprivate static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source: { type: github, secrets: [{ env: WEBHOOK_SECRET }] }
      triggers:
      - name: build
        on: [push]
        run: { apiVersion: v1, kind: ConfigMap, metadata: { generateName: x- } }
    """

  /// A service, and deliveries to it.
  private struct Fixture {
    let folder: TemporaryFolder
    let service: Program
    private let address: String

    init(after script: String) async throws {
      folder = try TemporaryFolder()
      service = try Program(
        [
          "serve", "--sandbox", "--admin", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--state",
          folder.path + "/state", "--config", try folder.write("a.yaml", DiskFullTests.hook),
        ], environment: ["WEBHOOK_SECRET": "s"],
        after: script.replacing("FOLDER", with: folder.path))
      let line = try #require(await service.line(containing: "info listening address="))
      address = try #require(Program.value("address", in: line))
    }

    func send(_ number: Int, byteCount: Int) async throws -> Program.Outcome {
      let text = String(repeating: "x", count: byteCount)
      let payload = try folder.write("payload", "{\"n\":\(number),\"text\":\"\(text)\"}")
      return try await Program.run([
        "send", "--url", "http://\(address)/hooks/ci/app", "--event", "watch", "--secret-file",
        try folder.write("secret", "s"), "--payload", payload,
      ])
    }

    /// Sends until a delivery is refused; what it was answered.
    func refusal(byteCount: Int) async throws -> String? {
      for number in 0..<40 {
        let outcome = try await send(number, byteCount: byteCount)
        if outcome.exitCode != 0 { return outcome.output }
      }
      return nil
    }

    func end() async {
      service.terminate()
      #expect(await service.end().exitCode == 0)
    }
  }

  /// Beyond the limit a process is sent SIGXFSZ, which ends it unless it is ignored.
  @Test func `a file that reaches the limit on sizes is answered 503, and ends nothing`()
    async throws
  {
    // Blocks of 512 bytes: 5 MiB, of which the journal's reserve has 4.
    let fixture = try await Fixture(after: "ulimit -S -f 10240")
    let refusal = try await fixture.refusal(byteCount: 400_000)
    #expect(refusal?.hasPrefix("503 ") == true, "\(refusal ?? "never refused")")
    #expect(refusal?.contains("nothing was accepted") == true)
    await fixture.end()
  }

  @Test func `a full disk is answered 503, and the service recovers when there is room`()
    async throws
  {
    let source = SharedData.packageRoot.appendingPathComponent(
      "Tests/FaultInjection/fault_injection.c")
    let fixture = try await Fixture(
      after: """
        cc -shared -fPIC -O1 -o FOLDER/fault.so \(source.path) -ldl
        export LD_PRELOAD=FOLDER/fault.so FAULT_PATH=FOLDER/state FAULT_KIND=enospc \
          FAULT_AT=110 FAULT_COUNT=4
        """)
    let refusal = try await fixture.refusal(byteCount: 1000)
    #expect(refusal?.hasPrefix("503 ") == true, "\(refusal ?? "never refused")")
    #expect(await fixture.service.line(containing: "journal healthy") != nil)
    #expect(try await fixture.send(1000, byteCount: 1000).exitCode == 0)
    await fixture.end()
  }

}
