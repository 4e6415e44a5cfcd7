import Crypto
import Hooks
import Testing

@Suite struct SourceTests {
  private let source = Source(kind: .github, secrets: [])

  private func verify(
    _ values: [String], weak: [String] = [], secrets: [String] = ["s3cret"]
  ) -> Verification {
    let fields =
      values.map { ("X-Hub-Signature-256", $0) } + weak.map { ("X-Hub-Signature", $0) }
    return source.authentication(secrets: secrets.map { SecretBytes($0) }).verify(
      fields: Fixture.lookup(fields), body: Array("Hello, World!".utf8), now: 0)
  }

  private static let good = Fixture.signature(Array("Hello, World!".utf8), secret: "s3cret")

  @Test func `the example of GitHub's documentation verifies`() {
    let value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    #expect(verify([value], secrets: ["It's a Secret to Everybody"]) == .verified(index: 0))
  }

  private static let digits = String(good.dropFirst(7))

  private static let malformed: [([String], RefusalReason)] = [
    ([], .missing), ([""], .missing), (["sha256="], .missing), (["sha256"], .malformed),
    (["sha2"], .malformed), (["SHA256=\(digits)"], .malformed), ([digits], .malformed),
    (["sha1=\(digits)"], .malformed), (["md5=\(digits)"], .malformed),
    (["sha256=\(digits.dropLast())"], .malformed), (["sha256=\(digits)0"], .malformed),
    (["sha256=\(digits)00"], .malformed), (["sha256=\(digits.dropLast())g"], .malformed),
    (["sha256= \(digits)"], .malformed), (["\(good), \(good)"], .malformed),
    (["sha256=sha256=\(digits)"], .malformed), ([good, good], .repeated), (["", good], .repeated),
    (["sha256=\(String(repeating: "0", count: 64))"], .wrong),
  ]

  @Test(arguments: malformed)
  func `a signature of another form is refused with its reason`(
    values: [String], reason: RefusalReason
  ) {
    #expect(verify(values) == .refused(reason))
  }

  @Test func `a signature with SHA-1 alone is weak and never stands in`() {
    let sha1 = "sha1=f5e1c4f1e0d7f9d7c0a3e0a4c1f0f8b6c7d8e9f0"
    #expect(verify([], weak: [sha1]) == .refused(.weak))
    #expect(
      verify(["sha256=" + String(repeating: "0", count: 64)], weak: [sha1]) == .refused(.wrong))
    #expect(verify([""], weak: [sha1]) == .refused(.missing))
    #expect(verify([Self.good], weak: ["sha1=nonsense"]) == .verified(index: 0))
  }

  @Test(arguments: [["new", "s3cret"], ["s3cret"], ["other"], [" "]])
  func `a body is verified as it comes, in whatever pieces`(secrets: [String]) throws {
    let body = Array("Hello, World!".utf8)
    let authentication = source.authentication(secrets: secrets.map { SecretBytes($0) })
    for value in [Self.good, "sha256=\(String(repeating: "0", count: 64))", "sha256=", "none"] {
      let fields = Fixture.lookup([("X-Hub-Signature-256", value)])
      let expected = authentication.verify(fields: fields, body: body, now: 0)
      for first in 0...body.count {
        for second in first...body.count {
          var check = try Self.present(authentication.check(fields: fields, now: 0))
          check.update(body.span.extracting(0..<first))
          check.update(body.span.extracting(first..<second))
          check.update(body.span.extracting(second..<body.count))
          #expect(check.finish() == expected)
        }
      }
      // A byte less is another body.
      var check = try Self.present(authentication.check(fields: fields, now: 0))
      check.update(body.span.extracting(1..<body.count))
      let verdict = check.finish()
      if case .verified = verdict { Issue.record("verified without its first byte") }
    }
  }

  private static func present(_ check: consuming SenderCheck?) throws -> SenderCheck {
    guard let check else { throw NoCheck() }
    return check
  }

  private struct NoCheck: Error {}

  @Test func `any of several secrets may have signed`() {
    #expect(verify([Self.good], secrets: ["new", "s3cret", "s3cret"]) == .verified(index: 1))
    #expect(verify([Self.good.uppercasedDigits], secrets: ["s3cret"]) == .verified(index: 0))
    #expect(verify([Self.good], secrets: ["new", "other"]) == .refused(.wrong))
  }

  @Test func `without a usable secret nobody is trusted`() {
    let empty = Fixture.signature(Array("Hello, World!".utf8), secret: "")
    #expect(verify([empty], secrets: []) == .refused(.noSecret))
    #expect(verify([empty], secrets: [""]) == .refused(.noSecret))
    #expect(verify([empty], secrets: ["", " \n"]) == .refused(.noSecret))
    #expect(verify([empty], secrets: ["", "s3cret"]) == .refused(.wrong))
    #expect(verify([], secrets: []) == .refused(.missing))
  }

  @Test(
    arguments: [
      (["application/json"], nil), (["Application/JSON"], nil),
      (["application/json; charset=utf-8"], nil),
      (["application/json;charset=\"UTF-8\""], nil), ([" application/json ;v=1"], nil),
      ([], "the request has no Content-Type: application/json is expected"),
      (["application/json", "application/json"], "the request has more than one Content-Type"),
      (
        ["text/plain"],
        "the Content-Type is not application/json: set it so in GitHub's webhook settings"
      ),
      ([""], "the Content-Type is not application/json: set it so in GitHub's webhook settings"),
      ([";"], "the Content-Type is not application/json: set it so in GitHub's webhook settings"),
      (
        ["application/jsonx"],
        "the Content-Type is not application/json: set it so in GitHub's webhook settings"
      ),
      (
        ["application/x-www-form-urlencoded"],
        "the payload is form-encoded: set the webhook's content type to application/json in GitHub's settings"
      ),
      (
        ["application/json; charset=latin1"],
        "the Content-Type names another character set than UTF-8, which JSON requires"
      ),
    ] as [([String], String?)])
  func `only JSON is accepted`(values: [String], problem: String?) {
    let fields = Fixture.lookup(values.map { ("content-type", $0) })
    #expect(source.mediaTypeProblem(fields) == problem)
  }
}

extension String {
  /// The hexadecimal digits after the prefix in capitals.
  fileprivate var uppercasedDigits: String { "sha256=" + dropFirst(7).uppercased() }
}
