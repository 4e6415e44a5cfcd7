// Label and field selectors.

import JSON
import Testing

@testable import Sandbox

struct LabelSelectorTests {
  private static let labels: JSONObject = ["app": "shop", "n": "3", "empty": ""]

  @Test(arguments: [
    ("", true), ("app", true), ("!app", false), ("!missing", true), ("app=shop", true),
    ("app==shop", true), ("app!=shop", false), ("missing!=x", true), ("app in (shop, blog)", true),
    ("app notin (shop)", false), ("missing notin (x)", true), ("n>2", true), ("n<3", false),
    ("app>1", false), ("app=shop,n=4", false), ("empty=", true), ("empty", true),
    ("app in (),n", false),
  ])
  func `a selector chooses by labels`(text: String, expected: Bool) throws {
    #expect(try LabelSelector(text).matches(Self.labels) == expected)
  }

  @Test(arguments: [
    ("app===shop", "found '=', expected: identifier"),
    ("bad key=x", "found 'key', expected: in, notin, =, ==, !=, gt, lt"),
    ("a in x", "found 'x', expected: '('"),
    ("a in (x", "found '', expected: ',' or ')'"),
    ("=x", "found '=', expected: !, identifier, or 'end of string'"),
    ("a=b,", "found '', expected: identifier after ','"),
    (
      "n>x",
      "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"
    ),
  ])
  func `a selector that does not parse is refused with the place`(text: String, fault: String) {
    #expect(throws: SelectorError(description: "unable to parse requirement: \(fault)")) {
      try LabelSelector(text)
    }
  }
}

struct FieldSelectorTests {
  private func matches(_ text: String) throws -> Bool {
    try FieldSelector(text).matches { ["metadata.name": "web", "type": "a,b"][$0] ?? "" }
  }

  @Test(arguments: [
    ("", true), ("metadata.name=web", true), ("metadata.name==web", true),
    ("metadata.name!=web", false), ("type=a\\,b", true), ("metadata.name=web,type=x", false),
    ("absent=", true),
  ])
  func `a selector chooses by fields`(text: String, expected: Bool) throws {
    #expect(try matches(text) == expected)
  }

  @Test func `a term without an operator is refused`() {
    #expect(
      throws: SelectorError(
        description: "invalid selector: 'nonsense'; can't understand 'nonsense'")
    ) { try FieldSelector("nonsense") }
  }

  @Test(arguments: [
    ("metadata.name=web", "web"), ("metadata.name!=web", nil), ("metadata.name=..", nil),
    ("x", nil),
  ])
  func `the name that a selector narrows to is known to authorization`(
    text: String, name: String?
  ) {
    #expect(FieldSelector.exactName(text) == name)
  }
}
