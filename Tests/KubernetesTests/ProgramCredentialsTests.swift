import Crypto
import JSON
import Logging
import Reactor
import Synchronization
import Testing

@testable import Kubernetes

@Suite struct ProgramCredentialsTests {
  /// A program made of answers written down beforehand.
  final class Script: Sendable {
    private let outputs: Mutex<[Result<ChildProcess.Outcome, Errno>]>
    private let count = Mutex(0)
    let gate: Gate?

    init(_ outputs: [Result<ChildProcess.Outcome, Errno>], gate: Gate? = nil) {
      self.outputs = Mutex(outputs)
      self.gate = gate
    }

    var runCount: Int { count.withLock { $0 } }

    func run() async -> Result<ChildProcess.Outcome, Errno> {
      count.withLock { $0 += 1 }
      await gate?.pass()
      return outputs.withLock { $0.isEmpty ? .failure(.noSuchFile) : $0.removeFirst() }
    }
  }

  let clock = ManualClock()
  static let wallStart: Int64 = 1_795_527_901  // 2026-11-24T13:45:01Z

  private func credentials(
    _ script: Script, installHint: String? = nil, version: CredentialProgram.Version = .v1
  ) -> ProgramCredentials {
    var program = CredentialProgram(version: version, command: "cloud-auth")
    program.installHint = installHint
    let clock = clock
    return ProgramCredentials(
      program, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock,
      wallSeconds: { Self.wallStart + clock.now.nanoseconds / 1_000_000_000 },
      run: { _ in await script.run() })
  }

  private static func prints(_ text: String) -> Result<ChildProcess.Outcome, Errno> {
    .success(ChildProcess.Outcome(ending: .exited(code: 0), output: Array(text.utf8), errors: []))
  }

  private static func gives(
    _ token: String, until end: String? = nil
  )
    -> Result<ChildProcess.Outcome, Errno>
  {
    let expiry = end.map { ", \"expirationTimestamp\": \"\($0)\"" } ?? ""
    return prints(
      """
      {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
       "status": {"token": "\(token)"\(expiry)}}
      """)
  }

  private func token(_ credentials: ProgramCredentials) async throws -> String {
    String(decoding: try #require(try await credentials.current().token).copy(), as: UTF8.self)
  }

  @Test func `a token without an end is used until it is refused`() async throws {
    let script = Script([Self.gives("one"), Self.gives("two")])
    let credentials = credentials(script)
    let begun = clock.now
    #expect(try await token(credentials) == "one")
    clock.advance(by: .seconds(1_000_000))
    #expect(try await token(credentials) == "one")
    credentials.refused(requestBegunAt: begun.advanced(by: .seconds(-1)))
    #expect(try await token(credentials) == "one")
    credentials.refused(requestBegunAt: clock.now)
    #expect(try await token(credentials) == "two")
    #expect(script.runCount == 2)
  }

  @Test func `a token is renewed ten seconds before its end`() async throws {
    let script = Script([
      Self.gives("one", until: "2026-11-24T13:55:01Z"),
      Self.gives("two", until: "2026-11-24T14:45:01Z"),
    ])
    let credentials = credentials(script)
    #expect(try await token(credentials) == "one")
    clock.advance(by: .seconds(589))
    #expect(try await token(credentials) == "one")
    clock.advance(by: .seconds(1))
    #expect(try await token(credentials) == "two")
  }

  @Test func `a token of a short life is not asked for in a circle`() async throws {
    let script = Script([Self.gives("one", until: "2026-11-24T13:45:09Z"), Self.gives("two")])
    let credentials = credentials(script)
    #expect(try await token(credentials) == "one")
    clock.advance(by: .seconds(3))
    #expect(try await token(credentials) == "one")
    clock.advance(by: .seconds(1))
    #expect(try await token(credentials) == "two")
  }

  @Test func `many callers wait for one run`() async throws {
    let gate = Gate()
    let script = Script([Self.gives("one")], gate: gate)
    let credentials = credentials(script)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<20 {
        group.addTask { try await credentials.current().token?.count ?? 0 }
      }
      await gate.open()
      for try await count in group { #expect(count == 3) }
    }
    #expect(script.runCount == 1)
  }

  @Test func `a failure is believed for a while, and then the program is run again`() async throws {
    let script = Script([.failure(.noSuchFile), Self.gives("one")])
    let credentials = credentials(script, installHint: "see https://cloud.test/install")
    let error = await #expect(throws: KubernetesError.self) { try await credentials.current() }
    #expect(error?.code == .credentialsUnreadable)
    #expect(error?.retry == .backoff)
    #expect(
      error?.message
        == "the program \"cloud-auth\" gives no credentials: there is no such program. "
        + "see https://cloud.test/install")
    clock.advance(by: .milliseconds(4999))
    await #expect(throws: KubernetesError.self) { try await credentials.current() }
    #expect(script.runCount == 1)
    clock.advance(by: .milliseconds(1))
    #expect(try await token(credentials) == "one")
  }

  @Test(arguments: [
    ("", "it printed no JSON (0 bytes)"), ("s3cret", "it printed no JSON (6 bytes)"),
    ("{\"kind\": \"Secret\"}", "it printed no ExecCredential"),
    (
      "{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1beta1\"}",
      "its answer is not of client.authentication.k8s.io/v1, which it was asked for"
    ),
    (Self.answer("null"), "its answer has no status"),
    (Self.answer("{}"), "its answer has neither a token nor a certificate with its key"),
    (
      Self.answer("{\"token\": \"\"}"),
      "its answer has neither a token nor a certificate with its key"
    ),
    (Self.answer("{\"token\": \"s3 cret\"}"), "its token has characters that no token has"),
    (
      Self.answer("{\"clientCertificateData\": \"s3cret\"}"),
      "its answer has a certificate or a key, but not both"
    ),
    (
      Self.answer("{\"token\": \"s3cret\", \"expirationTimestamp\": \"soon\"}"),
      "its expirationTimestamp is no time of RFC 3339"
    ),
    (
      Self.answer("{\"token\": \"s3cret\", \"expirationTimestamp\": \"2026-11-24T13:45:01Z\"}"),
      "its credentials have ended already; is the clock right?"
    ),
  ])
  func `an answer that is none is refused, and never quoted`(
    _ output: String, _ problem: String
  ) async throws {
    let credentials = credentials(Script([Self.prints(output)]))
    let error = await #expect(throws: KubernetesError.self) { try await credentials.current() }
    #expect(error?.message == "the program \"cloud-auth\" gives no credentials: \(problem)")
    #expect(error?.message.contains("s3cret") == false)
  }

  private static func answer(_ status: String) -> String {
    """
    {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": \(status)}
    """
  }

  @Test(arguments: [
    (ChildProcess.Ending.exited(code: 2), "it ended with 2, it said: log in first"),
    (.killed(signal: 9), "signal 9 ended it, it said: log in first"),
    (.timedOut, "it took more than 60.0 seconds, it said: log in first"),
    (.outputTooLong, "it printed more than 1048576 bytes"),
  ])
  func `a program that fails says why`(
    _ ending: ChildProcess.Ending, _ problem: String
  ) async throws {
    let outcome = ChildProcess.Outcome(
      ending: ending, output: [], errors: Array("log in first\n".utf8))
    let credentials = credentials(Script([.success(outcome)]))
    let error = await #expect(throws: KubernetesError.self) { try await credentials.current() }
    #expect(error?.message == "the program \"cloud-auth\" gives no credentials: \(problem)")
  }

  @Test func `a real program is told about the cluster and its variables`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      """
      #!/bin/sh
      case "$KUBERNETES_EXEC_INFO" in
        *'"interactive":false'*'"server":"https://api.test"'*) ;;
        *) echo "told: $KUBERNETES_EXEC_INFO" >&2; exit 1;;
      esac
      echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1",
       "status": {"token": "'$PREFIX-$OUR-$1'"}}'
      """, to: "bin/auth")
    try folder.makeExecutable("bin/auth")
    var program = CredentialProgram(version: .v1beta1, command: file)
    program.arguments = ["main"]
    program.environment = [CredentialProgram.Variable(name: "PREFIX", value: "for")]
    program.cluster = ["server": "https://api.test"]
    let credentials = ProgramCredentials(
      program, logger: Logger(label: "test"), clock: clock,
      run: ProgramCredentials.process(environment: ["OUR": "us", "PREFIX": "x"]))
    #expect(try await token(credentials) == "for-us-main")
  }
}
