import HTTPWire
import JSON
import Testing

@testable import Kubernetes

@Suite struct AnswerDecoderTests {
  static let create = KubernetesRequest(
    .create, resource: .pipelineRuns, namespace: "ci", path: "/x")
  static let get = KubernetesRequest(
    .get, resource: .secrets, namespace: "ci", name: "a", path: "/x")

  private func failure(
    _ status: Int, _ body: String = "", fields: HTTPFields = [:],
    to request: KubernetesRequest = create
  ) throws -> KubernetesError {
    let answer = KubernetesAnswer(
      status: HTTPStatus(rawValue: status), fields: fields, body: Array(body.utf8))
    return try #require(throws: KubernetesError.self) {
      try AnswerDecoder.object(in: answer, to: request)
    }
  }

  private func status(_ code: Int, reason: String?, _ message: String) -> String {
    let reason = reason.map { "\"reason\":\"\($0)\"," } ?? ""
    return
      "{\"kind\":\"Status\",\"status\":\"Failure\",\(reason)\"message\":\"\(message)\",\"code\":\(code)}"
  }

  @Test
  func `a Status's words are cut and printable`() throws {
    let long = String(repeating: "a", count: 100_000)
    let error = try failure(
      400,
      """
      {"kind": "Status", "status": "Failure", "reason": "\\u001b[31m\(long)", "details":
      {"kind": "\(long)", "name": "\(long)", "causes": [{"reason": "\(long)", "field": "\(long)"}]}}
      """)
    #expect(error.reason?.hasPrefix("\\u{1b}[31maaa") == true)
    #expect(String(reflecting: error).utf8.count < 10_000)
  }

  @Test(arguments: [
    ("2", KubernetesError.RetryAdvice.after(.seconds(2))), ("0", .after(.zero)),
    ("3600", .after(.seconds(3600))), ("3601", .backoff), ("9999999", .backoff), ("-1", .backoff),
    ("+1", .backoff), ("1.5", .backoff), ("", .backoff), ("soon", .backoff),
    ("Tue, 24 Nov 2026 13:42:37 GMT", .backoff), ("99999999999999999999999", .backoff),
  ])
  func `only a sensible number of seconds is taken from Retry-After`(
    _ value: String, _ advice: KubernetesError.RetryAdvice
  ) throws {
    for status in [429, 503] {
      let error = try failure(status, fields: ["Retry-After": value])
      #expect(error.retry == advice, "\(status)")
    }
  }

  @Test
  func `the Status's own delay serves where the line has none`() throws {
    let body =
      "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":503,\"details\":{\"retryAfterSeconds\":4}}"
    #expect(try failure(503, body).retry == .after(.seconds(4)))
    #expect(try failure(503, body, fields: ["Retry-After": "9"]).retry == .after(.seconds(9)))
  }

  @Test(arguments: [
    (500, KubernetesError.Code.serverError), (502, .serverError), (503, .unavailable),
    (504, .timeout), (599, .serverError), (408, .timeout), (700, .undecodable),
  ])
  func `trouble of the server's own leaves a write open and is repeated`(
    _ status: Int, _ code: KubernetesError.Code
  ) throws {
    let error = try failure(status, "<html>Bad Gateway</html>")
    #expect(error.code == code)
    #expect(error.retry == .backoff)
    #expect(error.outcome == .ambiguous)
    #expect(try failure(status, to: Self.get).outcome == .notPerformed)
  }

  @Test(arguments: [301, 302, 307, 308])
  func `a redirect is a failure`(_ status: Int) throws {
    let error = try failure(status, fields: ["Location": "https://evil.test/"])
    #expect(error.code == .redirected)
    #expect(error.isPermanent)
    #expect(error.description.contains("correct the server's address"))
  }

  @Test(arguments: [
    "etcdserver: leader changed", "etcdserver: request timed out", "context deadline exceeded",
    "rpc error: code = Unavailable desc = error reading from server: EOF",
  ])
  func `a store that is in trouble is not taken for our mistake`(_ message: String) throws {
    let error = try failure(500, status(500, reason: nil, message))
    #expect(error.code == .serverError)
    #expect(error.retry == .backoff)
    #expect(error.outcome == .ambiguous)
  }

  @Test
  func `a create that loses the race for a quota is repeated, an update is not`() throws {
    let body = status(409, reason: "Conflict", "Operation cannot be fulfilled on resourcequotas")
    #expect(try failure(409, body).retry == .backoff)
    #expect(try failure(409, body).outcome == .notPerformed)
    let patch = KubernetesRequest(.patch, resource: .pipelineRuns, namespace: "ci", path: "/x")
    #expect(try failure(409, body, to: patch).isPermanent)
  }

  @Test(arguments: [
    "", "null", "[]", "<html>login</html>", "{", "{\"a\":1}x", "\"text\"", "{\"a\":",
  ])
  func `a success that is no object leaves a create open`(_ body: String) throws {
    let error = try failure(201, body)
    #expect(error.code == .undecodable)
    #expect(error.retry == .backoff)
    #expect(error.outcome == .ambiguous)
    #expect(error.httpStatus == 201)
    #expect(try failure(200, body, to: Self.get).outcome == .notPerformed)
  }

  @Test
  func `a successful answer that cannot be read is not quoted`() throws {
    let fields: HTTPFields = ["Content-Type": "application/yaml"]
    let error = try failure(200, "data:\n  token: czNjcjN0\n", fields: fields, to: Self.get)
    #expect(error.message == "the answer is not a JSON object: \"application/yaml\", 24 bytes")
    let half = try failure(200, "{\"data\":{\"token\":\"czNjcjN0", fields: fields, to: Self.get)
    #expect(!half.description.contains("czNj"))
  }

  @Test
  func `what a Status quotes is cut`() throws {
    let long = String(repeating: "ä", count: 200_000)
    let causes = Array(repeating: "{\"message\":\"\(long)\"}", count: 40).joined(separator: ",")
    let error = try failure(
      422,
      "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Invalid\",\"message\":\"\(long)\","
        + "\"details\":{\"causes\":[\(causes)]}}")
    #expect(error.message.utf8.count < 17_000)
    #expect(error.message.hasSuffix("bytes more)"))
    #expect(error.causes.count == 32)
    #expect(error.causes.allSatisfy { $0.message.utf8.count < 2200 })
  }

  @Test
  func `a failure in a successful answer is a failure`() throws {
    let error = try failure(200, status(410, reason: "Expired", "too old"))
    #expect(error.code == .expired)
    #expect(error.httpStatus == 410)
  }

  @Test
  func `a delete's success is returned as it is`() throws {
    let body = "{\"kind\":\"Status\",\"status\":\"Success\",\"details\":{\"uid\":\"u\"}}"
    let answer = KubernetesAnswer(status: .ok, body: Array(body.utf8))
    #expect(try AnswerDecoder.object(in: answer, to: Self.get)["details"]?["uid"] == "u")
  }

  @Test
  func `a long or hostile text is cut and made visible`() throws {
    let error = try failure(502, "a\u{1B}[2Jb\r\n" + String(repeating: "x", count: 5000))
    #expect(error.message.hasPrefix("a\\u{1b}[2Jb\\u{d}\nxxx"))
    #expect(error.message.hasSuffix("x… (3984 bytes more)"))
    #expect(error.message.utf8.count < 1200)
    #expect(try failure(417).message == "the answer has no body")
  }

  @Test(arguments: [
    ("299 - \"unknown field \\\"spec.x\\\"\"", ["unknown field \"spec.x\""]),
    ("299 - \"a\" \"Tue, 24 Nov 2026 13:42:37 GMT\"", ["a"]), ("299 - \"\"", [""]),
    ("299 - open", []), ("299 - \"open", []), ("299 - \"open\\", []), ("", []),
  ])
  func `a Warning line gives its text`(_ value: String, _ texts: [String]) {
    let answer = KubernetesAnswer(status: .ok, fields: ["Warning": value])
    #expect(AnswerDecoder.warnings(in: answer.fields) == texts)
  }

  @Test
  func `a description tells what was attempted, the status and the API's words`() throws {
    let error = try failure(
      403, status(403, reason: "Forbidden", "User x cannot create resource"))
    #expect(
      error.description
        == "create pipelineruns.tekton.dev in namespace \"ci\": 403 Forbidden: User x cannot create "
        + "resource (grant it with a Role and a RoleBinding)")
    #expect(KubernetesError.invalidRequest("kind is empty").description == "kind is empty")
    #expect(
      try failure(502, "oops").description
        == "create pipelineruns.tekton.dev in namespace \"ci\": 502: oops")
  }
}
