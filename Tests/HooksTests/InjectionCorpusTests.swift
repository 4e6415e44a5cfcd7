import Hooks
import JSON
import TestSupport
import Testing

/// The objects that are sent to the API, byte by byte, for every text a stranger can choose.
@Suite struct InjectionCorpusTests {
  /// Where a text comes in.
  enum Channel: CaseIterable {
    case branch
    case file
    case message
    case title
    case label
    case comment

    /// The path of a placeholder.
    var path: String {
      switch self {
      case .branch: "event.branch"
      case .file: "event.files.all[0]"
      case .message: "event.message"
      case .title: "event.title"
      case .label: "event.pullRequest.labels[0]"
      case .comment: "event.comment"
      }
    }

    /// The list that holds the text, where there is one.
    var list: String? {
      switch self {
      case .file: "event.files.all"
      case .label: "event.pullRequest.labels"
      default: nil
      }
    }

    func delivery(_ text: String) -> (event: String, body: JSONValue) {
      switch self {
      case .branch: ("push", Fixture.push("refs/heads/\(text)"))
      case .message: ("push", Fixture.push(message: text))
      case .file:
        ("push", Fixture.push().setting("commits", [["added": [.string(text)]]]))
      case .title, .label:
        (
          "pull_request",
          [
            "action": "opened",
            "pull_request": [
              "number": 7, "title": .string(text), "labels": [["name": .string(text)]],
              "head": ["sha": .string(Fixture.commit), "repo": ["full_name": "acme/app"]],
              "base": ["ref": "main", "repo": ["full_name": "acme/app"]],
            ],
          ]
        )
      case .comment:
        ("issue_comment", ["action": "created", "comment": ["body": .string(text)]])
      }
    }
  }

  private static func decision(
    _ text: String, _ channel: Channel, _ policy: String
  ) throws -> Decision {
    let list = channel.list.map { "$(\($0))" } ?? "[\"$(\(channel.path))\"]"
    let run = """
      apiVersion: tekton.dev/v1
      kind: PipelineRun
      metadata:
        generateName: build-
        labels: { text: "$(\(channel.path))" }
        annotations: { text: "$(\(channel.path))" }
      spec:
        pipelineRef: { name: build }
        taskRunTemplate: { serviceAccountName: builder }
        params:
        - { name: WHOLE, value: "$(\(channel.path))" }
        - { name: MIXED, value: "x $(\(channel.path)) y $(params.own)" }
        - { name: LIST, value: \(list) }
      """
    let fields = """
      on: [push, pull_request, comment]
      skipCI: false
      forks: run
      unsafeValues: \(policy)
      """
    let hook = try Fixture.compiled(Fixture.hook(fields, run: run))
    let (name, body) = channel.delivery(text)
    let event = try #require(Fixture.event(name, body))
    let delivery = Delivery(id: "d-1", sourceID: nil, body: body)
    return try #require(hook.decide(event, at: 0, of: delivery).first?.decision)
  }

  /// The parts of the object that the template writes, as bytes.
  private static func expected(_ text: String) -> String {
    let value = JSONValue.string(text).serializedString()
    let mixed = JSONValue.string("x \(text) y $(params.own)").serializedString()
    return #"{"pipelineRef":{"name":"build"},"taskRunTemplate":{"serviceAccountName":"builder"},"#
      + #""params":[{"name":"WHOLE","value":\#(value)},{"name":"MIXED","value":\#(mixed)},"#
      + #"{"name":"LIST","value":[\#(value)]}]}"#
  }

  @Test(arguments: InjectionCorpus.cases, ["escape", "replace", "refuse"])
  func `a stranger's text is one string, whatever it holds`(
    attempt: InjectionCorpus.Case, policy: String
  ) throws {
    for channel in Channel.allCases {
      let decision = try Self.decision(attempt.text, channel, policy)
      if policy == "refuse", attempt.isUnsafe {
        guard case .fail(let message) = decision else {
          Issue.record("\(channel): \(decision)")
          continue
        }
        #expect(message.contains("unsafeValues: refuse"), "\(channel): \(message)")
        continue
      }
      guard case .run(let runs) = decision, let run = runs.first else {
        Issue.record("\(channel): \(decision)")
        continue
      }
      let text = policy == "replace" ? attempt.replaced : attempt.escaped
      #expect(run.object["spec"]?.serializedString() == Self.expected(text), "\(channel)")
      let metadata = run.object["metadata"]
      #expect(
        metadata?["annotations"]?["text"]?.serializedString()
          == JSONValue.string(text).serializedString(), "\(channel)")
      #expect(Self.isLabel(metadata?["labels"]?["text"]?.stringValue), "\(channel)")
      #expect(run.namespace == "ci")
      #expect(run.name.hasPrefix("build-"))
      #expect(run.object.objectValue?.keys == ["apiVersion", "kind", "metadata", "spec"])
      // What the API server gets is what the object says.
      #expect(try JSONValue.parse(run.object.serialized()).serialized() == run.object.serialized())
    }
  }

  /// Whether the API server takes a value of a label.
  private static func isLabel(_ text: String?) -> Bool {
    guard let bytes = text.map({ Array($0.utf8) }), bytes.count <= 63 else { return false }
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      let scalar = Unicode.Scalar(byte)
      return scalar.isASCII && (scalar.properties.isAlphabetic || (48...57).contains(byte))
    }
    guard let first = bytes.first, let last = bytes.last else { return true }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || [45, 46, 95].contains($0) }
  }

  @Test(
    arguments: [[0xFF], [0xC0, 0xA4], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
  func `bytes that are no text do not get as far`(bytes: [UInt8]) throws {
    let hook = try Fixture.compiled(Fixture.hook("on: [push]"))
    let payload = Array("{\"ref\": \"refs/heads/".utf8) + bytes + Array("\"}".utf8)
    let explanation = hook.explanation(
      header: [(name: "X-GitHub-Event", value: "push")], body: payload, id: "d-1")
    guard case .refused(let message) = explanation.outcome else {
      Issue.record("\(explanation)")
      return
    }
    #expect(message.contains("not JSON"), "\(message)")
  }

  @Test func `an empty branch is no branch`() throws {
    #expect(Fixture.event("push", Fixture.push("refs/heads/"))?.branch == nil)
  }
}

extension JSONValue {
  fileprivate func setting(_ key: String, _ value: JSONValue) -> JSONValue {
    var object = objectValue ?? [:]
    object[key] = value
    return .object(object)
  }
}
