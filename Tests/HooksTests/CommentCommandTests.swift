import Hooks
import JSON
import Testing

@Suite struct CommentCommandTests {
  private static let fields = """
    on: [comment]
    forks: run
    authors: [octocat]
    comments: ["/deploy <environment> <replicas>", /retest]
    inputs:
    - { name: environment, enum: [staging, production], default: staging }
    - { name: replicas, type: number, default: 1 }
    - { name: fast, type: boolean, default: false }
    - { name: reason }
    """

  /// The inputs that a comment gives, as JSON, or why it starts nothing.
  private static func outcome(_ comment: String, _ fields: String = fields) throws -> String {
    let hook = try Fixture.compiled(Fixture.hook(fields))
    let trigger = try #require(hook.triggers.first)
    let explanation = trigger.explain(
      FilterTests.comment(comment), at: 0, of: Fixture.delivery())
    return explanation.decision.sentence ?? JSONValue.object(explanation.inputs).serializedString()
  }

  @Test(arguments: [
    ("/retest", #"{"environment":"staging","replicas":1,"fast":false}"#),
    ("/deploy", #"{"environment":"staging","replicas":1,"fast":false}"#),
    ("/deploy production", #"{"environment":"production","replicas":1,"fast":false}"#),
    ("/deploy production 3", #"{"environment":"production","replicas":3,"fast":false}"#),
    (
      "/deploy replicas=2 production fast=true",
      #"{"environment":"production","replicas":2,"fast":true}"#
    ),
    (
      "/deploy\tproduction   reason=\"a  fix=b\"",
      #"{"environment":"production","replicas":1,"fast":false,"reason":"a  fix=b"}"#
    ),
    (
      "/deploy reason=a\"b c\"d=e",
      #"{"environment":"staging","replicas":1,"fast":false,"reason":"ab cd=e"}"#
    ),
    (
      "/deploy reason=\"\"",
      #"{"environment":"staging","replicas":1,"fast":false,"reason":""}"#
    ),
    (
      "Looks good.\r\n/deploy production\r\nThanks!",
      #"{"environment":"production","replicas":1,"fast":false}"#
    ),
    (
      "```\n/deploy production\n```\n/retest",
      #"{"environment":"staging","replicas":1,"fast":false}"#
    ),
    (
      "/deploy production\n/deploy staging",
      #"{"environment":"production","replicas":1,"fast":false}"#
    ),
  ])
  func `a line of a comment gives inputs by place and by name`(
    comment: String, inputs: String
  ) throws {
    #expect(try Self.outcome(comment) == inputs)
  }

  @Test(arguments: [
    "deploy", "/deployment", "please /deploy", " /deploy", "> /deploy", "/Deploy", "", "/",
    "```\n/deploy\n```", "~~~\n/deploy", "/deploy\u{301} production", "/deploy=production",
  ])
  func `what does not begin with the word is no command`(comment: String) throws {
    #expect(
      try Self.outcome(comment) == "comment: no line of the comment begins with /deploy, /retest")
  }

  @Test(arguments: [
    (
      "/deploy prod two maybe fast=yes nope=1 fast=true",
      "inputs: /deploy <environment> <replicas>: there is no input for \"maybe\"; "
        + "inputs.fast: is given twice; inputs.nope: unknown; "
        + "inputs.environment: \"prod\" is not one of \"staging\", \"production\"; "
        + "inputs.replicas: expected a number, found a string, \"two\""
    ),
    (
      "/deploy reason=\"open",
      "inputs: /deploy <environment> <replicas>: a quote is not closed"
    ),
    (
      "/deploy " + String(repeating: "x ", count: 65),
      "inputs: /deploy <environment> <replicas>: has 65 arguments, at most 64 are allowed"
    ),
    (
      "/retest \u{1B}[2J\u{202E}x",
      "inputs: /retest: there is no input for \"\u{FFFD}[2J\u{FFFD}x\""
    ),
  ])
  func `everything that is wrong with the arguments is said at once`(
    comment: String, sentence: String
  ) throws {
    let outcome = try Self.outcome(comment)
    #expect(outcome == sentence)
  }

  @Test func `what is beyond the length of any comment is not looked at`() throws {
    let lines = String(repeating: "a\n", count: 100_000)
    #expect(try Self.outcome(lines + "/retest").hasPrefix("{"))
    #expect(try Self.outcome(lines + lines + "/retest").hasPrefix("comment: no line"))
  }

  @Test func `many problems are cut`() throws {
    let comment = "/deploy " + (0..<20).map { "n\($0)=1" }.joined(separator: " ")
    let sentence = try Self.outcome(comment)
    #expect(sentence.hasSuffix("inputs.n7: unknown; and 12 more"), "\(sentence)")
  }

  @Test func `a stranger learns nothing about the inputs`() throws {
    let hook = try Fixture.compiled(Fixture.hook(Self.fields))
    let event = FilterTests.comment("/deploy nonsense") { $0.sender = "mallory" }
    #expect(
      hook.triggers.first?.decide(event, at: 0, of: Fixture.delivery()).sentence
        == "author: author mallory matches none of [octocat]")
  }

  @Test func `an edited comment is no command unless the actions say so`() throws {
    for on in ["comment", "\"github:issue_comment\""] {
      let fields = Self.fields.replacing("[comment]", with: "[\(on)]")
      let event = FilterTests.comment("/retest", action: "edited")
      #expect(
        try FilterTests.decision(fields, event).sentence
          == "action: action edited is none of [created]")
      #expect(try FilterTests.decision("\(fields)\nactions: [edited]", event).sentence == nil)
    }
  }

  @Test func `other events of the trigger need no command`() throws {
    let fields = Self.fields.replacing("[comment]", with: "[comment, push]")
    #expect(
      try FilterTests.decision(fields, FilterTests.push { $0.sender = "octocat" }).sentence == nil)
    #expect(
      try FilterTests.decision(fields, FilterTests.comment(nil)).sentence
        == "comment: the event has no comment")
  }

  @Test func `an input that every command has needs no default`() throws {
    let inputs = "inputs: [{ name: x, required: true }]\ncomments: [\"/x <x>\"]\nauthors: [a]"
    let run = Fixture.run + "\nspec: { a: $(inputs.x) }"
    func findings(_ on: String) -> [String] {
      Fixture.diagnostics(Fixture.hook("on: [\(on)]\n\(inputs)", run: run))
    }
    #expect(findings("review") == [])
    #expect(findings("review, push").count == 1)
  }
}
