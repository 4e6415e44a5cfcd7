// `benchmarks hooks [WORD]`: from the bytes of a request to those of a run, for a push of 8 KB; with a
// word only the rows that have it.

import Bytes
import Crypto
import Hooks
import JSON

enum HooksBenchmark {
  static func run(_ arguments: [String]) async throws {
    let report = BenchmarkReport(filter: arguments.first ?? "")
    guard let body = try Payloads.files("github", "push.update.").first, let hook = hook,
      let source = hook.source
    else { fatalError("no payload or no hook") }
    let secret = SecretBytes("s3cret")
    let signature = "sha256=" + Hex.encode(HMAC.sha256(key: secret, message: body))
    let header = [
      ("Content-Type", "application/json"), ("X-GitHub-Event", "push"),
      ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
      ("X-Hub-Signature-256", signature),
    ]
    let fields: HeaderLookup = { name in
      header.filter { $0.0.lowercased() == name.lowercased() }.map(\.1)
    }
    let authentication = source.authentication(secrets: [secret])
    func verify() {
      guard authentication.verify(fields: fields, body: body, now: 0) == .verified(index: 0) else {
        fatalError("the signature is refused")
      }
    }
    func events(_ document: JSONDocument) -> ([Event], id: String?) {
      guard case .events(let events, let id) = source.delivery(fields: fields, body: document.root)
      else { fatalError("no event") }
      return (events, id)
    }
    func decide(_ document: JSONDocument, _ event: Event, id: String?) -> RenderedRun {
      let delivery = Delivery(
        id: "ours", sourceID: id, body: document.root,
        header: header.map { (name: $0.0, value: $0.1) })
      guard case .run(let runs) = hook.decide(event, at: 0, of: delivery).first?.decision,
        let run = runs.first
      else { fatalError("no run") }
      return run
    }

    let document = try JSONDocument.parse(body)
    let (read, id) = events(document)
    let run = decide(document, read[0], id: id)
    report.measure("verify", byteCount: body.count) { verify() }
    try report.measure("parse", byteCount: body.count) { keep(try JSONDocument.parse(body)) }
    report.measure("read the event") { keep(events(document)) }
    let long = try JSONDocument.parse(push(of: 20, like: body))
    report.measure("read the event, 20 commits") { keep(events(long)) }
    report.measure("decide and render") { keep(decide(document, read[0], id: id)) }
    report.measure("serialise") { keep(run.object.serialized()) }
    filters(report, document, read[0])
    try report.measure("all", byteCount: body.count) {
      verify()
      let document = try JSONDocument.parse(body)
      let (read, id) = events(document)
      keep(decide(document, read[0], id: id).object.serialized())
    }
  }

  /// What objects to an event: its cost, and that of the sentence that says why.
  private static func filters(_ report: BenchmarkReport, _ document: JSONDocument, _ event: Event) {
    let delivery = Delivery(id: "ours", sourceID: nil, body: document.root)
    func skip(_ hook: Hook?, _ event: Event) {
      guard case .skip(_, let message) = hook?.triggers.first?.decide(event, at: 0, of: delivery)
      else { fatalError("no skip") }
      keep(message)
    }
    let branches = compiled("branches: [\"release/**\"]")
    report.measure("skip a branch") { skip(branches, event) }
    let condition = compiled("when: event.branch == 'release'")
    report.measure("skip by a false condition, explained") { skip(condition, event) }
    var many = event
    many.files = ChangedFiles(
      all: (0..<1000).map { "services/billing/internal/ledger/\($0)/entry_\($0).go" })
    let patterns = (0..<20).map { index in
      ["services/api\(index)/**", "**/*_\(index).{md,txt}", "!docs/\(index)/**"][index % 3]
    }
    let paths = compiled("paths: [\(patterns.map { "\"\($0)\"" }.joined(separator: ", "))]")
    report.measure("skip by 1,000 files and 20 patterns") { skip(paths, many) }
  }

  /// A push of so many commits, each of which adds a file, changes one and shares one with the others.
  private static func push(of count: Int, like body: [UInt8]) throws -> [UInt8] {
    var push = try JSONValue.parse(body)
    guard let commit = push["commits"]?.arrayValue?.first else { fatalError("no commit") }
    push["commits"] = .array(
      (0..<count).map { index in
        var commit = commit
        commit["added"] = [.string("Sources/Feature/Added\(index).swift")]
        commit["modified"] = [.string("Sources/Feature/Changed\(index).swift"), "CHANGELOG.md"]
        return commit
      })
    return push.serialized()
  }

  private static let hook = compiled("branches: [\"**\"]")

  private static func compiled(_ filter: String) -> Hook? {
    let text = """
      apiVersion: hookline.dev/v1alpha1
      kind: Hook
      metadata: { name: my-app, namespace: ci }
      spec:
        source: { type: github, secrets: [{ env: SECRET }] }
        triggers:
        - name: build-and-deploy
          "on": [push, tag]
          \(filter)
          run:
            apiVersion: tekton.dev/v1
            kind: PipelineRun
            metadata: { generateName: build-and-deploy- }
            spec:
              pipelineRef: { name: build-and-deploy-app }
              taskRunTemplate: { serviceAccountName: tekton-deployer }
              params:
              - { name: REPOSITORY, value: $(event.cloneURL) }
              - { name: REF, value: $(event.ref) }
              - { name: MESSAGE, value: "$(event.title ?? \\"none\\") by $(event.sender)" }
              - { name: PUSHER, value: "$(body.pusher.name)" }
      """
    return HookSet.compile(files: [("hook.yaml", text)]).set
      .hook(namespace: "ci", name: "my-app")
  }
}
