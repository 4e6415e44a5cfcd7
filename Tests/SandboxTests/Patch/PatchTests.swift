// The forms of a patch.

import JSON
import Testing

@testable import Sandbox

struct JSONPatchTests {
  private static let value: JSONValue = ["a": ["x": 1], "list": ["p", "q"], "s/l": 1, "t~d": 2]

  @Test(
    arguments: [
      ([["op": "add", "path": "/b", "value": 2]], ["a": ["x": 1], "b": 2]),
      ([["op": "add", "path": "/a/y", "value": nil]], ["a": ["x": 1, "y": nil]]),
      ([["op": "remove", "path": "/a/x"]], ["a": [:]]),
      ([["op": "replace", "path": "/a", "value": 3]], ["a": 3]),
      ([["op": "test", "path": "/a/x", "value": 1]], ["a": ["x": 1]]),
      ([["op": "move", "from": "/a/x", "path": "/c"]], ["a": [:], "c": 1]),
      ([["op": "copy", "from": "/a", "path": "/c"]], ["a": ["x": 1], "c": ["x": 1]]),
      ([["op": "replace", "path": "", "value": "whole"]], "whole"),
    ] as [(JSONValue, JSONValue)])
  func `operations change the value`(operations: JSONValue, expected: JSONValue) throws {
    let patch = JSONPatch(operations.arrayValue ?? [])
    #expect(try patch.apply(to: ["a": ["x": 1]]) == expected)
  }

  @Test(
    arguments: [
      (["op": "add", "path": "/list/-", "value": "r"], ["p", "q", "r"]),
      (["op": "add", "path": "/list/0", "value": "o"], ["o", "p", "q"]),
      (["op": "remove", "path": "/list/1"], ["p"]),
      (["op": "replace", "path": "/list/0", "value": "z"], ["z", "q"]),
    ] as [(JSONValue, JSONValue)])
  func `elements of lists are named by their place`(
    operation: JSONValue, expected: JSONValue
  ) throws {
    #expect(try JSONPatch([operation]).apply(to: Self.value)["list"] == expected)
  }

  @Test func `slashes and tildes in names are escaped`() throws {
    let patch = JSONPatch([
      ["op": "remove", "path": "/s~1l"], ["op": "replace", "path": "/t~0d", "value": 3],
    ])
    let result = try patch.apply(to: Self.value)
    #expect(result["s/l"] == nil)
    #expect(result["t~d"] == 3)
  }

  @Test(
    arguments: [
      ["op": "test", "path": "/a/x", "value": 2], ["op": "remove", "path": "/none"],
      ["op": "replace", "path": "/none", "value": 1],
      ["op": "add", "path": "/none/x", "value": 1], ["op": "add", "path": "/list/9", "value": 1],
      ["op": "add", "path": "/list/-1", "value": 1], ["op": "frobnicate", "path": "/a"],
      ["op": "add", "path": "/b"], ["op": "remove", "path": "a"], ["path": "/a"], "x",
      ["op": "move", "from": "/none", "path": "/b"],
    ] as [JSONValue])
  func `an operation that cannot be carried out fails`(operation: JSONValue) {
    #expect(throws: JSONPatchError()) { try JSONPatch([operation]).apply(to: Self.value) }
  }
}

struct MergePatchTests {
  /// The examples of RFC 7396, appendix A.
  @Test(
    arguments: [
      (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
      (["a": "b"], ["a": nil], [:]), (["a": "b", "b": "c"], ["a": nil], ["b": "c"]),
      (["a": ["b"]], ["a": "c"], ["a": "c"]), (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
      (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
      (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]), (["a": "foo"], nil, nil),
      (["e": nil], ["a": 1], ["e": nil, "a": 1]),
      ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
    ] as [(JSONValue, JSONValue, JSONValue)])
  func `null removes and objects merge`(
    target: JSONValue, patch: JSONValue, expected: JSONValue
  ) {
    #expect(MergePatch.apply(patch, to: target) == expected)
  }
}

struct StrategicMergePatchTests {
  private static let pod: JSONValue = [
    "spec": [
      "containers": [["name": "a", "image": "one"], ["name": "b", "image": "two"]],
      "tolerations": ["x"],
    ]
  ]

  private func containers(_ patch: JSONValue) -> JSONValue? {
    StrategicMergePatch.apply(
      ["spec": ["containers": patch]], to: Self.pod, .anything)[["spec", "containers"]]
  }

  @Test func `lists with a merge key merge element by element`() {
    #expect(
      containers([["name": "b", "image": "three"], ["name": "c", "image": "four"]]) == [
        ["name": "a", "image": "one"], ["name": "b", "image": "three"],
        ["name": "c", "image": "four"],
      ])
  }

  @Test func `directives delete and replace`() {
    #expect(
      containers([["name": "a", "$patch": "delete"]]) == [["name": "b", "image": "two"]])
    #expect(containers([["$patch": "replace"], ["name": "z"]]) == [["name": "z"]])
  }

  @Test func `an order can be asked for`() {
    let patch: JSONValue = [
      "spec": [
        "$setElementOrder/containers": [["name": "b"], ["name": "a"]],
        "containers": [["name": "a", "image": "one"]],
      ]
    ]
    let result = StrategicMergePatch.apply(patch, to: Self.pod, .anything)
    let names = result[["spec", "containers"]]?.arrayValue?.compactMap { $0["name"]?.stringValue }
    #expect(names == ["b", "a"])
  }

  @Test func `other lists are replaced, and null removes`() {
    let patch: JSONValue = ["spec": ["tolerations": ["y"], "containers": nil]]
    #expect(
      StrategicMergePatch.apply(patch, to: Self.pod, .anything) == ["spec": ["tolerations": ["y"]]])
  }

  @Test func `single values are taken out of a list of values`() {
    let patch: JSONValue = ["metadata": ["$deleteFromPrimitiveList/finalizers": ["a"]]]
    let target: JSONValue = ["metadata": ["finalizers": ["a", "b"]]]
    #expect(
      StrategicMergePatch.apply(patch, to: target, .anything)
        == ["metadata": ["finalizers": ["b"]]])
  }
}
