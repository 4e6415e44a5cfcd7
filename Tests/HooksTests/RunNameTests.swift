import Hooks
import Testing

@Suite struct RunNameTests {
  private static let hook = HookName(namespace: "ci", name: "app")

  private func name(
    _ prefix: String, hook: HookName = RunNameTests.hook, key: String = "72d3162e",
    trigger: String = "build", index: Int = 0
  ) -> String {
    RunName.derive(prefix: prefix, hook: hook, deliveryKey: key, trigger: trigger, index: index)
  }

  private static func isLegal(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }
    return (1...63).contains(bytes.count) && isWord(bytes[0]) && isWord(bytes[bytes.count - 1])
      && bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
  }

  /// The characters are pinned: a run that exists already must keep its name in every version.
  @Test func `the name is the same in every version`() {
    #expect(name("build-") == "build-vrscddrxst")
  }

  @Test(arguments: [
    ("build-", "build-"), ("", ""), ("Build_And.Deploy-", "build-and-deploy-"), ("---", ""),
    ("-a-", "a-"), ("ümlaut/x-", "mlaut-x-"), ("a  b", "a-b"), ("5-", "5-"), ("$(x)", "x-"),
    (String(repeating: "a", count: 53), String(repeating: "a", count: 53)),
    (String(repeating: "a", count: 54), String(repeating: "a", count: 52) + "-"),
    (String(repeating: "é", count: 9000), ""),
  ])
  func `the prefix is made legal and cut`(prefix: String, expected: String) {
    let name = name(prefix)
    #expect(name.dropLast(10) == expected)
    #expect(Self.isLegal(name))
  }

  @Test func `a name is legal for whatever prefix`() {
    var state: UInt64 = 0x1234_5678_9ABC_DEF1
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    for round in 0..<400 {
      let length = round < 300 ? Int(next() % 130) : Int(next() % 10_001)
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: next()) }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(Self.isLegal(name(text, key: text, trigger: text)), "\(text)")
    }
  }

  @Test func `each part makes another name`() {
    let names = [
      name("b-"), name("b-", hook: HookName(namespace: "ci", name: "app2")),
      name("b-", hook: HookName(namespace: "ciapp", name: "")), name("b-", key: "72d3162f"),
      name("b-", trigger: "build2"), name("b-", index: 1),
      name("b-", key: "72d3162ebuild", trigger: ""), name("b-", key: "", trigger: "72d3162ebuild"),
    ]
    #expect(Set(names).count == names.count)
    #expect(name("b-") == name("b-"))
  }
}
