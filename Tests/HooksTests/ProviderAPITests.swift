import Bytes
import Testing

@testable import Hooks

@Suite struct ProviderAPITests {
  private static func hook(_ type: String, api: String, trigger: String = "on: [push]") -> String {
    let document = Fixture.hook(trigger)
    return document.replacing("type: github", with: "type: \(type)")
      .replacing("api: { token: { env: GITHUB_TOKEN } }", with: api)
  }

  @Test(
    arguments: [
      ("github", "api: { token: { env: T } }", "https://api.github.com"),
      ("gitlab", "api: { token: { env: T } }", "https://gitlab.com/api/v4"),
      ("bitbucket-cloud", "api: { token: { env: T } }", "https://api.bitbucket.org/2.0"),
      (
        "gitea", "api: { url: \"https://git.example:3000/api/v1/\", token: { env: T } }",
        "https://git.example:3000/api/v1"
      ),
      ("github", "", nil),
    ] as [(String, String, String?)])
  func `the API is the public instance's, or the one that is named`(
    type: String, api: String, address: String?
  ) throws {
    let hook = try Fixture.compiled(Self.hook(type, api: api))
    #expect(hook.source?.api?.address.description == address)
  }

  @Test(
    arguments: [
      ("gitea", "api: { token: { env: T } }", "url: missing"),
      ("github", "api: { url: \"http://ghe.example/api/v3\", token: { env: T } }", "unprotected"),
      ("github", "api: { url: \"https://me@ghe.example\", token: { env: T } }", "user name"),
      ("github", "api: { url: \"https://api.github.com\" }", "token: missing"),
      ("github", "api: { token: { env: T }, redirects: true }", "redirects"),
      ("stripe", "api: { token: { env: T } }", "nothing is asked of stripe"),
    ])
  func `an API that cannot be asked is an error`(type: String, api: String, words: String) {
    let found = HookSet.compile(files: [(name: "a.yaml", text: Self.hook(type, api: api))])
      .diagnostics.map(\.description)
    #expect(found.contains { $0.contains(words) }, "\(found)")
  }

  @Test func `a trigger that asks for files needs an API`() {
    let trigger = "on: [push]\npaths: [a]\nwhenTruncated: fetch"
    let found = HookSet.compile(
      files: [(name: "a.yaml", text: Self.hook("github", api: "", trigger: trigger))]
    ).diagnostics.map(\.description)
    #expect(found.count == 1)
    #expect(found.first?.contains("spec.source.api: missing: the trigger \"build\"") == true)
  }
}
