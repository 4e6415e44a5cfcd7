import Testing

import Bytes
@testable import Hooks

@Suite struct KubernetesNamesTests {
  @Test(arguments: [
    ("main", "main"), ("", ""), ("feature/x", "feature-x"), ("a//b", "a-b"), ("-_.", ""),
    ("_a_", "a"), ("Ümlaut", "mlaut"),
    ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    (String(repeating: "a", count: 63), String(repeating: "a", count: 63)),
    ("a b\nc", "a-b-c"), ("$(x)", "x"), ("v1.2_3", "v1.2_3"),
  ])
  func `a label value is legal and recognisable`(text: String, value: String) {
    #expect(KubernetesNames.labelValue(text) == value)
    #expect(KubernetesNames.isLabelValue(value))
  }

  @Test func `long label values are cut and stay different`() {
    let first = KubernetesNames.labelValue(String(repeating: "a", count: 100) + "1")
    let second = KubernetesNames.labelValue(String(repeating: "a", count: 100) + "2")
    #expect(first != second && first.utf8.count == 63 && KubernetesNames.isLabelValue(first))
    let dashes = KubernetesNames.labelValue("a" + String(repeating: "-", count: 100) + "b")
    #expect(KubernetesNames.isLabelValue(dashes) && dashes.utf8.count <= 63)
  }

  @Test func `the labels of different deliveries are different and legal`() {
    let keys = ["", "-", "a/b", "a-b", "a b", "/a-b", "a-b/", "\u{e9}", "\u{fc}", "A-B"]
    let labels = keys.map(RunMark.deliveryLabel)
    #expect(Set(labels).count == keys.count)
    #expect(labels.allSatisfy(KubernetesNames.isLabelValue) && !labels.contains(""))
    #expect(RunMark.deliveryLabel("72d3162e-cc78-11e3") == "72d3162e-cc78-11e3")
  }

  @Test(arguments: [
    ("a", true), ("a-b", true), ("0", true), (String(repeating: "a", count: 63), true), ("", false),
    ("-a", false), ("a-", false), ("A", false), ("a.b", false), ("a_b", false), ("é", false),
    ("a\n", false), (String(repeating: "a", count: 64), false), ("a\u{301}", false),
  ])
  func `DNS labels are told from other texts`(text: String, isLabel: Bool) {
    #expect(KubernetesNames.isDNSLabel(text) == isLabel)
  }

  @Test(arguments: [
    ("a.b-c.d", true), ("a", true), ("a..b", false), (".a", false), ("a.", false), ("", false),
    (Array(repeating: "a", count: 127).joined(separator: "."), true),
    (Array(repeating: "a", count: 128).joined(separator: "."), false),
  ])
  func `DNS subdomains are told from other texts`(text: String, isSubdomain: Bool) {
    #expect(KubernetesNames.isDNSSubdomain(text) == isSubdomain)
  }

  @Test(
    arguments: [
      ("brnches", ["branches", "tags"], "branches"), ("Name", ["name", "on"], "name"),
      ("actoins", ["actions", "inputs"], "actions"), ("zzz", ["name", "on"], nil),
      ("", ["on"], nil),
      ("psh", ["push"], "push"), ("on", ["no"], "no"), ("x", ["y"], "y"),
      (String(repeating: "a", count: 65), [String(repeating: "a", count: 65)], nil),
    ] as [(String, [String], String?)])
  func `a near spelling is suggested`(word: String, candidates: [String], expected: String?) {
    #expect(Suggestion.nearest(to: word, among: candidates) == expected)
  }
}
