import Crypto
import Hooks
import JSON
import TestSupport
import Testing

/// Every payload of every Git host through its source, with a right signature and a broken one.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct SignedMutationTests {
  private static let hosts: [(String, SourceKind)] = SourceKind.allCases.compactMap { kind in
    let folder = "payloads/\(kind.rawValue)"
    let files = (try? SharedData.files(in: folder, withSuffix: ".json")) ?? []
    return files.isEmpty ? nil : (kind.rawValue, kind)
  }

  private static func secret(_ kind: SourceKind) -> String {
    kind == .azureDevOps ? "user:password" : "secret"
  }

  private static func fields(
    _ kind: SourceKind, _ file: String, _ body: [UInt8]
  ) throws
    -> [(String, String)]
  {
    let named = try Fixture.headers(of: file, provider: kind.rawValue)
    let message = UnprovenMessage(
      fields: named.map { (name: $0.0, value: $0.1) }, body: body, id: "d-1", time: 1_000_000)
    let proof = try #require(
      kind.profile.proof(of: message, secret: SecretBytes(secret(kind))))
    return named + proof.map { ($0.name, $0.value) }
  }

  private static func isVerified(_ verification: Verification) -> Bool {
    if case .verified = verification { true } else { false }
  }

  @Test(arguments: hosts.map(\.0))
  func `a payload broken in any field is answered, and one with a flipped bit is refused`(
    host: String
  ) throws {
    let kind = try #require(SourceKind(rawValue: host))
    let source = Source(kind: kind, secrets: [])
    let authentication = source.authentication(secrets: [SecretBytes(Self.secret(kind))])
    let files = try SharedData.files(in: "payloads/\(host)", withSuffix: ".json")
      .filter { $0 != "headers.json" }
    var mutation = Mutation()
    var answers = 0
    for file in files {
      let bytes = try SharedData.bytes("payloads/\(host)/\(file)")
      let fields = try Self.fields(kind, file, bytes)
      let lookup = Fixture.lookup(fields)
      func verify(_ body: [UInt8], _ lookup: @escaping HeaderLookup) -> Bool {
        Self.isVerified(
          authentication.verify(fields: lookup, body: body, now: 1_000_000))
      }
      #expect(verify(bytes, lookup), "\(file)")
      if case .signature = kind.profile.methods[0], kind != .gitlab {
        for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 64)) {
          var flipped = bytes
          flipped[place] ^= 1 << UInt8(place % 8)
          #expect(!verify(flipped, lookup), "\(file) byte \(place)")
        }
      }
      let proof = try #require(fields.last)
      for place in proof.1.utf8.indices {
        var value = Array(proof.1.utf8)
        let offset = proof.1.utf8.distance(from: proof.1.utf8.startIndex, to: place)
        value[offset] ^= 1
        let changed = fields.dropLast() + [(proof.0, String(decoding: value, as: UTF8.self))]
        #expect(!verify(bytes, Fixture.lookup(Array(changed))), "\(file) digit \(offset)")
      }
      mutation.forEach(in: try JSONValue.parse(bytes)) { body in
        switch source.delivery(fields: lookup, body: body) {
        case .ping, .challenge, .malformed: answers += 1
        case .events(let events, _):
          answers += events.isEmpty ? 0 : 1
        }
      }
    }
    #expect(answers == mutation.count && answers > 0)
  }
}
