import Foundation
import JSON
import Testing

@Suite struct CelCommandTests {
  private static func run(
    _ expression: String, body: String = "{}", _ options: String...
  ) async throws -> Program.Outcome {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try body.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await Program.run(["cel", expression, "--body", file.path] + options)
  }

  @Test(arguments: [
    ("body.n", #"{"value":1.5,"type":"double"}"#), ("1u + 2u", #"{"value":3,"type":"uint"}"#),
    ("9007199254740993", #"{"value":"9007199254740993","type":"int"}"#),
    ("[null, true, b'hi']", #"{"value":[null,true,"aGk="],"type":"list"}"#),
    ("{'a': {1: duration('1.5s')}}", #"{"value":{"a":{"1":"1.5s"}},"type":"map"}"#),
    ("type(1)", #"{"value":"int","type":"type"}"#),
    ("0.0 / 0.0", #"{"value":"NaN","type":"double"}"#),
    (
      "timestamp('2023-05-06T07:08:09Z')",
      #"{"value":"2023-05-06T07:08:09Z","type":"google.protobuf.Timestamp"}"#
    ),
  ])
  func `json holds value and type`(expression: String, output: String) async throws {
    let outcome = try await Self.run(expression, body: #"{"n": 1.5}"#, "--output", "json")
    #expect(outcome.output == output + "\n")
    #expect(outcome.exitCode == 0)
  }

  @Test(arguments: [
    ("1 +", "parse"), ("nope", "check"), ("int('x') == 1", "program"), ("body.x", "evaluate"),
  ])
  func `json names the phase of an error, and the exit code is 1`(
    expression: String, phase: String
  ) async throws {
    let outcome = try await Self.run(
      expression, "--environment", "tekton", "--output", "json")
    let error = try JSONValue.parse(outcome.output)["error"]
    #expect(error?["phase"]?.stringValue == phase)
    #expect(error?["message"]?.stringValue?.isEmpty == false)
    #expect(outcome.exitCode == 1)
  }

  @Test(arguments: [
    ("-5 / 2", #"{"value":-2,"type":"int"}"#), ("--1", #"{"value":1,"type":"int"}"#),
    ("-body.n", #"{"value":-1.5,"type":"double"}"#), ("-1", #"{"value":-1,"type":"int"}"#),
    ("-(1)", #"{"value":-1,"type":"int"}"#),
  ])
  func `an expression may begin with a minus`(expression: String, output: String) async throws {
    let outcome = try await Self.run(expression, body: #"{"n": 1.5}"#, "--output", "json")
    #expect(outcome.output == output + "\n")
  }

  @Test func `headers, extensions and the URL are tekton's variables`() async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try #"{"a": {"b": "c"}}"#.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome = try await Self.run(
      "header['X-Test'].join() + header.canonical('x-TEST') + extensions.a.b + requestURL",
      "--environment", "tekton", "--header", "x-test: one", "--header", "X-TEST: two",
      "--extensions", file.path, "--request-url", "/hook")
    #expect(outcome.output == "\"onetwoonec/hook\"\n")
  }

  @Test func `text prints a literal, and an explanation when asked for`() async throws {
    let outcome = try await Self.run(
      "body.ref == 'refs/heads/main'", body: #"{"ref": "refs/heads/docs"}"#, "--explain")
    #expect(outcome.output.hasPrefix("false\nfalse: body.ref is"))
    #expect(outcome.output.contains("refs/heads/docs"))
  }

  @Test(arguments: [
    ["cel", "1", "--body", "/nowhere"], ["cel", "1", "--header", "nothing"],
    ["cel", "1", "--environment", "mars"], ["cel", "1", "--explian"], ["cel", "1", "2"],
  ])
  func `wrong usage is exit code 2`(arguments: [String]) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.exitCode == 2)
    #expect(!outcome.errors.isEmpty)
  }

  @Test func `a body that is no object is exit code 2`() async throws {
    let outcome = try await Self.run("1", body: "[1]")
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("expected an object, found an array"))
  }

  @Test func `without an expression lines are read as they come`() async throws {
    let input = Pipe()
    input.fileHandleForWriting.write(Data("1 + 1\n\nnope\n'a' + 'b'".utf8))
    try input.fileHandleForWriting.close()
    let program = try Program(["cel"], input: input.fileHandleForReading)
    let outcome = await program.end()
    #expect(outcome.output == "2\n\"ab\"\n")
    #expect(outcome.errors.contains("undeclared reference to 'nope'"))
    #expect(outcome.exitCode == 0)
  }
}
