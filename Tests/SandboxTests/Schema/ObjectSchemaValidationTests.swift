import JSON
import Testing

@testable import Sandbox

struct ObjectSchemaValidationTests {
  private static func schema(_ change: (inout ObjectSchema) -> Void) -> ObjectSchema {
    var inner = ObjectSchema()
    change(&inner)
    return .object(["f": inner])
  }

  @Test(
    arguments: [
      ("string", 1, #"f: Invalid value: "integer": f in body must be of type string: "integer""#),
      ("string", 1.5, #"f: Invalid value: "number": f in body must be of type string: "number""#),
      ("integer", 1.5, #"f: Invalid value: "number": f in body must be of type integer: "number""#),
      ("integer", 2.0, ""),
      ("boolean", "x", #"f: Invalid value: "string": f in body must be of type boolean: "string""#),
      ("array", [:], #"f: Invalid value: "object": f in body must be of type array: "object""#),
      ("object", nil, #"f: Invalid value: "null": f in body must be of type object: "null""#),
    ] as [(String, JSONValue, String)])
  func `a value has its type`(_ type: String, _ value: JSONValue, _ message: String) {
    let schema = Self.schema { $0.type = ObjectSchema.ValueType(rawValue: type) }
    let found = schema.violations(of: ["f": value], at: "").map(\.description)
    #expect(found.joined() == message)
  }

  @Test func `limits are named`() {
    let cases: [(ObjectSchema, JSONValue, String)] = [
      (
        Self.schema {
          $0.type = .integer; $0.minimum = 1
        }, 0,
        "f: Invalid value: 0: f in body should be greater than or equal to 1"
      ),
      (
        Self.schema {
          $0.type = .integer; $0.maximum = 1; $0.isMaximumExclusive = true
        }, 1,
        "f: Invalid value: 1: f in body should be less than 1"
      ),
      (
        Self.schema {
          $0.type = .string; $0.minimumLength = 2
        }, "a",
        #"f: Invalid value: "a": f in body should be at least 2 chars long"#
      ),
      (
        Self.schema {
          $0.type = .string; $0.maximumLength = 1
        }, "ab",
        "f: Too long: may not be more than 1 bytes"
      ),
      (
        Self.schema {
          $0.type = .string; $0.pattern = "^[a-z]+$"
        }, "A",
        #"f: Invalid value: "A": f in body should match '^[a-z]+$'"#
      ),
      (
        Self.schema {
          $0.type = .string; $0.enumeration = ["a", "b"]
        }, "c",
        #"f: Unsupported value: "c": supported values: "a", "b""#
      ),
      (
        Self.schema {
          $0.type = .array; $0.maximumItems = 1
        }, [1, 2],
        "f: Too many: 2: must have at most 1 items"
      ),
      (
        Self.schema {
          $0.type = .string; $0.format = "date-time"
        }, "soon",
        #"f: Invalid value: "soon": f in body must be of type date-time: "soon""#
      ),
    ]
    for (schema, value, message) in cases {
      #expect(schema.violations(of: ["f": value], at: "").map(\.description) == [message])
    }
  }

  @Test func `required fields, sets and nulls are looked at`() {
    var set = ObjectSchema.list(of: .string, .set)
    set.isNullable = true
    let schema = ObjectSchema.object(["a": .string, "s": set], required: ["a"])
    #expect(schema.violations(of: ["s": nil], at: "").map(\.description) == ["a: Required value"])
    #expect(
      schema.violations(of: ["a": "x", "s": ["p", "p"]], at: "").map(\.description)
        == [#"s[1]: Duplicate value: "p""#])
  }

  @Test func `a part that is looked at alone keeps its place`() {
    let schema = ObjectSchema.object(["c": .list(of: .object(["t": .string]))])
    #expect(
      schema.violations(of: ["c": [["t": nil]]], at: "status").map(\.description) == [
        #"status.c[0].t: Invalid value: "null": c[0].t in body must be of type string: "null""#
      ])
  }

  @Test func `defaults are filled in where there is nothing`() {
    var name = ObjectSchema.string
    name.defaultValue = "x"
    let schema = ObjectSchema.object([
      "name": name, "list": .list(of: .object(["name": name])),
      "map": .map(of: .object(["name": name])),
    ])
    #expect(
      schema.withDefaults(["list": [[:], ["name": "y"]], "map": ["k": ["name": nil]]])
        == ["name": "x", "list": [["name": "x"], ["name": "y"]], "map": ["k": ["name": "x"]]])
  }
}
