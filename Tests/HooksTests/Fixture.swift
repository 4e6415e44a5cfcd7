import Crypto
import Foundation
import Hooks
import JSON
import TestSupport
import YAML

/// Building blocks that the suites share.
enum Fixture {
  /// A whole Hook document around one trigger's fields.
  static func hook(_ trigger: String, run: String = run, spec: String = "") -> String {
    """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
        type: github
        secrets:
        - secretRef: { name: github-webhook, key: token }
        api: { token: { env: GITHUB_TOKEN } }
    \(indented(spec, by: 2))
      triggers:
      - name: build
    \(indented(trigger, by: 4))
        run:
    \(indented(run, by: 6))
    """
  }

  static let run = """
    apiVersion: tekton.dev/v1
    kind: PipelineRun
    metadata: { generateName: build- }
    """

  static func indented(_ text: String, by columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String(repeating: " ", count: columns) + $0 }.joined(separator: "\n")
  }

  /// The diagnostics of one file, as they are printed.
  static func diagnostics(_ text: String) -> [String] {
    HookSet.compile(files: [(name: "app.yaml", text: text)]).diagnostics.map(\.description)
  }

  /// The hook of one file without errors.
  static func compiled(_ text: String) throws -> Hook {
    let (set, diagnostics) = HookSet.compile(files: [(name: "app.yaml", text: text)])
    guard !diagnostics.contains(where: { $0.severity == .error }), let hook = set.hooks.values.first
    else { throw Unusable(diagnostics: diagnostics.map(\.description)) }
    return hook
  }

  struct Unusable: Error {
    let diagnostics: [String]
  }

  static func lookup(_ fields: [(String, String)]) -> HeaderLookup {
    { name in fields.filter { $0.0.lowercased() == name.lowercased() }.map(\.1) }
  }

  static func signature(_ body: [UInt8], secret: String) -> String {
    let code = HMAC.sha256(key: SecretBytes(secret), message: body)
    return "sha256=" + code.map { String(format: "%02x", $0) }.joined()
  }

  /// The headers of a payload of the shared data.
  static func headers(of file: String, provider: String = "github") throws -> [(String, String)] {
    let all = try JSONValue.parse(SharedData.bytes("payloads/\(provider)/headers.json"))
    return (all[file]?.objectValue ?? [:]).map { ($0.key, $0.value.stringValue ?? "") }
  }

  static func payload(_ file: String, of provider: String = "github") throws -> JSONValue {
    try JSONValue.parse(SharedData.bytes("payloads/\(provider)/\(file)"))
  }

  /// The names of all payloads of GitHub.
  static let payloads = payloads(of: "github")

  /// The names of all payloads of a host.
  static func payloads(of provider: String) -> [String] {
    ((try? SharedData.files(in: "payloads/\(provider)", withSuffix: ".json")) ?? [])
      .filter { $0 != "headers.json" }
  }

  /// The hosts that there are payloads of.
  static let hosts: [SourceKind] = [
    .github, .gitlab, .bitbucketCloud, .bitbucketServer, .gitea, .forgejo, .gogs, .azureDevOps,
  ]

  /// A delivery with one event of a kind, made from a body.
  static func events(_ name: String, _ body: JSONValue) -> SourceDelivery {
    let source = Source(kind: .github, secrets: [])
    return source.delivery(fields: lookup([("X-GitHub-Event", name)]), body: body)
  }

  static func event(_ name: String, _ body: JSONValue) -> Event? {
    if case .events(let events, _) = events(name, body) { events.first } else { nil }
  }

  static func delivery(_ body: JSONValue = [:], inputs: JSONObject? = nil) -> Delivery {
    Delivery(id: "d-1", sourceID: "guid-1", body: body, inputs: inputs)
  }

  /// A push of one commit.
  static func push(_ ref: String = "refs/heads/main", message: String = "Fix it") -> JSONValue {
    [
      "ref": .string(ref), "before": .string(String(repeating: "a", count: 40)),
      "after": .string(commit), "deleted": false,
      "head_commit": ["id": .string(commit), "message": .string(message)],
      "commits": [["added": ["new.txt"], "modified": ["a.txt", "b.txt"], "removed": []]],
      "repository": [
        "full_name": "acme/app", "clone_url": "https://github.com/acme/app.git",
        "html_url": "https://github.com/acme/app", "owner": ["login": "acme"],
      ],
      "sender": ["login": "octocat"],
    ]
  }

  static let commit = "1234567890abcdef1234567890abcdef12345678"
}

// MARK: - Bodies that are written as values

extension JSONValue {
  /// The value as a delivery has it.
  fileprivate var view: JSONView {
    let limits = JSONLimits(depth: JSONLimits.greatestDepth)
    guard let document = try? JSONDocument.parse(serialized(), limits: limits) else {
      preconditionFailure("what is printed does not parse")
    }
    return document.root
  }
}

extension Delivery {
  init(
    id: String, sourceID: String?, key: String? = nil, body: JSONValue,
    header: [(name: String, value: String)] = [], query: [(name: String, value: String)] = [],
    inputs: JSONObject? = nil
  ) {
    self.init(
      id: id, sourceID: sourceID, key: key, body: body.view, header: header,
      query: query, inputs: inputs)
  }
}

extension Source {
  func delivery(fields: @escaping HeaderLookup, body: JSONValue) -> SourceDelivery {
    delivery(fields: fields, body: body.view)
  }
}
