// The operators and functions of the language, as declared to the checker (cel-spec, "Standard
// Definitions"). Conversions and the functions over timestamps and durations are libraries of their
// own.

extension CELLibrary {
  /// Operators, `size`, `in`, and the functions over text.
  package static let core = CELLibrary(
    name: "core",
    functions: equalityAndLogic + ordering + arithmetic + access + text,
    constants: [
      "bool": .type(.bool), "int": .type(.int), "uint": .type(.uint), "double": .type(.double),
      "string": .type(.string), "bytes": .type(.bytes), "list": .type(.list(.dyn)),
      "map": .type(.map(.dyn, .dyn)), "null_type": .type(.null), "type": .type(.type(.dyn)),
      "google.protobuf.Timestamp": .type(.timestamp),
      "google.protobuf.Duration": .type(.duration),
    ])

  private static let a = CELType.parameter("A")
  private static let b = CELType.parameter("B")

  private static let equalityAndLogic = [
    CELFunction(
      "_==_",
      .global(
        "equals", [a, a], .bool,
        .binary {
          left, right, meter throws(CELEvaluationError) in
          .bool(try CELValue.equals(left, right, &meter))
        })),
    CELFunction(
      "_!=_",
      .global(
        "not_equals", [a, a], .bool,
        .binary {
          left, right, meter throws(CELEvaluationError) in
          .bool(!(try CELValue.equals(left, right, &meter)))
        })),
    CELFunction("_?_:_", .global("conditional", [.bool, a, a], a, .none)),
    CELFunction("!_", .global("logical_not", [.bool], .bool, .none)),
  ]

  private static let ordered: [(CELType, String)] = [
    (.bool, "bool"), (.int, "int64"), (.uint, "uint64"), (.double, "double"), (.string, "string"),
    (.bytes, "bytes"), (.timestamp, "timestamp"), (.duration, "duration"),
  ]

  private static let ordering: [CELFunction] = [
    ("_<_", "less"), ("_<=_", "less_equals"), ("_>_", "greater"), ("_>=_", "greater_equals"),
  ].map { name, id in
    CELFunction(
      name,
      overloads: ordered.map { type, suffix in
        .global("\(id)_\(suffix)", [type, type], .bool, .none)
      })
  }

  private static let arithmetic: [CELFunction] = [
    CELFunction(
      "_+_",
      overloads: [
        .global("add_int64", [.int, .int], .int, .none),
        .global("add_uint64", [.uint, .uint], .uint, .none),
        .global("add_double", [.double, .double], .double, .none),
        .global("add_string", [.string, .string], .string, .none),
        .global("add_bytes", [.bytes, .bytes], .bytes, .none),
        .global("add_list", [.list(a), .list(a)], .list(a), .none),
        .global("add_duration_duration", [.duration, .duration], .duration, .none),
        .global("add_duration_timestamp", [.duration, .timestamp], .timestamp, .none),
        .global("add_timestamp_duration", [.timestamp, .duration], .timestamp, .none),
      ]),
    CELFunction(
      "_-_",
      overloads: [
        .global("subtract_int64", [.int, .int], .int, .none),
        .global("subtract_uint64", [.uint, .uint], .uint, .none),
        .global("subtract_double", [.double, .double], .double, .none),
        .global("subtract_duration_duration", [.duration, .duration], .duration, .none),
        .global("subtract_timestamp_duration", [.timestamp, .duration], .timestamp, .none),
        .global("subtract_timestamp_timestamp", [.timestamp, .timestamp], .duration, .none),
      ]),
    CELFunction("_*_", overloads: numbers("multiply", [.int, .uint, .double])),
    CELFunction("_/_", overloads: numbers("divide", [.int, .uint, .double])),
    CELFunction("_%_", overloads: numbers("modulo", [.int, .uint])),
    CELFunction(
      "-_", .global("negate_int64", [.int], .int, .none),
      .global("negate_double", [.double], .double, .none)),
  ]

  private static func numbers(_ id: String, _ types: [CELType]) -> [CELOverload] {
    types.map { .global("\(id)_\($0.name)", [$0, $0], $0, .none) }
  }

  private static let access: [CELFunction] = [
    CELFunction(
      "_[_]",
      overloads: [
        .global("index_list", [.list(a), .int], a, .none),
        .global("index_map", [.map(a, b), a], b, .none),
      ]),
    CELFunction(
      "@in", .global("in_list", [a, .list(a)], .bool, .none),
      .global("in_map", [a, .map(a, b)], .bool, .none)),
    CELFunction(
      "size",
      overloads: [
        (CELType.string, "string"), (.bytes, "bytes"), (.list(a), "list"), (.map(a, b), "map"),
      ]
      .flatMap { type, id -> [CELOverload] in
        [
          .global("size_\(id)", [type], .int, .unary(TextOperations.size)),
          .member("\(id)_size", [type], .int, .unary(TextOperations.size)),
        ]
      }),
  ]

  /// `a[?b]`, and indexing what is in an optional; environments with the syntax of optionals have it.
  static let optionalAccess: [CELFunction] = [
    CELFunction(
      "_[?_]",
      overloads: [
        .global("list_optindex_optional_int", [.list(a), .int], .optional(a), .none),
        .global("map_optindex_optional_value", [.map(a, b), a], .optional(b), .none),
        .global(
          "optional_list_optindex_optional_int", [.optional(.list(a)), .int], .optional(a), .none),
        .global(
          "optional_map_optindex_optional_value", [.optional(.map(a, b)), a], .optional(b), .none),
      ]),
    CELFunction(
      "_[_]",
      overloads: [
        .global("optional_list_index_int", [.optional(.list(a)), .int], .optional(a), .none),
        .global("optional_map_index_value", [.optional(.map(a, b)), a], .optional(b), .none),
      ]),
  ]

  private static let text: [CELFunction] = [
    CELFunction(
      "startsWith",
      .member(
        "starts_with_string", [.string, .string], .bool, .binary(TextOperations.startsWith))),
    CELFunction(
      "endsWith",
      .member("ends_with_string", [.string, .string], .bool, .binary(TextOperations.endsWith))),
    CELFunction(
      "contains",
      .member("contains_string", [.string, .string], .bool, .binary(TextOperations.contains))),
    CELFunction(
      "matches",
      .global("matches", [.string, .string], .bool, .binary(TextOperations.matches)),
      .member("matches_string", [.string, .string], .bool, .binary(TextOperations.matches))),
  ]
}
