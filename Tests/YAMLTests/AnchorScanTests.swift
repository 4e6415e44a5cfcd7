import Testing

@testable import YAML

@Suite struct AnchorScanTests {
  @Test(arguments: [
    ("", 0), ("a: b", 0), ("&a x", 1), ("- &a x\n- *a", 1), ("[&a x,&b y]", 2), ("{&a k: &b v}", 2),
    ("a: !!str &a x", 1), ("a:\t&a x", 1), ("\u{FEFF}&a x", 1), ("a:\u{2028}&a x", 1),
    ("a && b & c &", 0), ("2>&1", 0), ("?a=1&b=2", 0), ("a: '&'", 0), ("run: sleep &wait", 1),
  ])
  func `what may be an anchor is counted, other ampersands are not`(text: String, count: Int) {
    #expect(AnchorScan.count(text) == count)
  }

  @Test func `a chain of anchors, which would exhaust the stack, is refused`() {
    let chain = (1..<60_000).map { "- &a\($0) [*a\($0 - 1)]\n" }.joined()
    #expect(throws: YAMLError(file: "a.yaml", position: nil, reason: .tooManyAnchors)) {
      try parseDocuments("- &a0 [x]\n" + chain, file: "a.yaml")
    }
  }

  @Test func `the longest chain that is allowed, each link as deep as it can be, is read`() {
    let depth = 990
    let open = String(repeating: "[", count: depth)
    let close = String(repeating: "]", count: depth)
    var text = "- &a0 \(open)x\(close)\n"
    for index in 1..<YAMLLimits.anchorCount {
      text += "- &a\(index) \(open)*a\(index - 1)\(close)\n"
    }
    // Too deep for us, and nothing worse.
    #expect(throws: YAMLError.self) { try parseDocuments(text, file: "a.yaml") }
  }
}
