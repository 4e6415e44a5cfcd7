import Crypto
import Logging
import Reactor
import Testing

@testable import Kubernetes

@Suite struct BearerTokenTests {
  let folder: TemporaryFolder
  let clock = ManualClock()
  let log = RecordingLog()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func token(_ name: String = "token", fallback: String? = nil) -> BearerToken {
    let log = log
    return BearerToken(
      .file("\(folder.path)/\(name)", fallback: fallback.map { SecretBytes($0) }),
      logger: Logger(label: "test") { _ in log.handler }, clock: clock)
  }

  private func text(_ token: BearerToken) async throws -> String {
    try await token.current().withBytes { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
  }

  @Test
  func `a token is read without the white space around it`() async throws {
    try folder.write(" \n abc.def-ghi\r\n", to: "token")
    #expect(try await text(token()) == "abc.def-ghi")
  }

  @Test
  func `a replaced token is found within a minute`() async throws {
    try folder.write("one", to: "1/token")
    try folder.write("two", to: "2/token")
    try folder.link("..data", to: "1")
    let token = token("..data/token")
    #expect(try await text(token) == "one")
    try folder.link("..data", to: "2")
    clock.advance(by: .seconds(59))
    #expect(try await text(token) == "one")
    clock.advance(by: .seconds(1))
    #expect(try await text(token) == "two")
  }

  @Test
  func `a refused token is replaced at once, unless it was read since`() async throws {
    try folder.write("one", to: "token")
    let token = token()
    let begun = clock.now
    #expect(try await text(token) == "one")
    try folder.write("two", to: "token")
    clock.advance(by: .seconds(1))
    token.refused(requestBegunAt: begun.advanced(by: .seconds(-1)))
    #expect(try await text(token) == "one")
    token.refused(requestBegunAt: begun)
    #expect(try await text(token) == "two")
  }

  @Test(arguments: ["", " \n", "two\nlines", nil])
  func `a file that is blank or away for a while changes nothing`(_ contents: String?) async throws
  {
    try folder.write("one", to: "token")
    let token = token()
    #expect(try await text(token) == "one")
    if let contents { try folder.write(contents, to: "token") } else { try folder.remove("token") }
    clock.advance(by: .seconds(60))
    #expect(try await text(token) == "one")
    #expect(log.lines.count == 1)
    #expect(log.lines.allSatisfy { !$0.contains("one,") && !$0.contains("\"one\"") })
    try folder.write("two", to: "token")
    clock.advance(by: .seconds(60))
    #expect(try await text(token) == "two")
  }

  @Test
  func `the kubeconfig's own token serves until the file could be read`() async throws {
    let token = token(fallback: "inline")
    #expect(try await text(token) == "inline")
    try folder.write("file", to: "token")
    clock.advance(by: .seconds(60))
    #expect(try await text(token) == "file")
  }

  @Test
  func `a token that stays is never read again`() async throws {
    let token = BearerToken(
      .fixed(SecretBytes("abc")), logger: Logger(label: "test"), clock: clock)
    #expect(!token.isRenewable)
    token.refused(requestBegunAt: clock.now)
    #expect(try await text(token) == "abc")
  }
}
