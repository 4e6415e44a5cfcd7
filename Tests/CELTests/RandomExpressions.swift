// Expressions made at random, well-typed by construction; the same ones in every run.

import CEL

/// Makes expressions of a wanted type from patterns whose holes are filled in the same way.
struct RandomExpressions: Sequence, IteratorProtocol {
  /// A hole in a pattern is a letter between braces.
  enum Kind: Character, CaseIterable {
    case bool = "b"
    case int = "i"
    case uint = "u"
    case double = "d"
    case string = "s"
    case bytes = "y"
    case integers = "L"
    case strings = "S"
    case map = "M"
    case timestamp = "t"
    case duration = "D"
    case optional = "o"

    var type: CELType {
      switch self {
      case .bool: .bool
      case .int: .int
      case .uint: .uint
      case .double: .double
      case .string: .string
      case .bytes: .bytes
      case .integers: .list(.int)
      case .strings: .list(.string)
      case .map: .map(.string, .int)
      case .timestamp: .timestamp
      case .duration: .duration
      case .optional: .optional(.int)
      }
    }
  }

  private var state: UInt64
  private var remaining: Int
  private let kinds: [Kind]
  private let depth: Int

  /// - Parameter kinds: the types that are wanted, each as often.
  init(seed: UInt64, count: Int, depth: Int = 4, kinds: [Kind] = Kind.allCases) {
    state = seed
    remaining = count
    self.kinds = kinds
    self.depth = depth
  }

  mutating func next() -> (text: String, kind: Kind)? {
    guard remaining > 0 else { return nil }
    remaining -= 1
    let kind = kinds[random(kinds.count)]
    return (expression(kind, depth), kind)
  }

  private mutating func random(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  private mutating func expression(_ kind: Kind, _ depth: Int) -> String {
    let patterns = (depth > 0 ? Self.patterns : Self.leaves)[kind] ?? ["null"]
    var text = ""
    var rest = patterns[random(patterns.count)][...]
    while let open = rest.firstIndex(of: "{") {
      text += rest[..<open]
      let letter = rest.index(after: open)
      guard let hole = Kind(rawValue: rest[letter]),
        rest.index(after: letter) < rest.endIndex, rest[rest.index(after: letter)] == "}"
      else {
        text += "{"
        rest = rest[letter...]
        continue
      }
      text += expression(hole, depth - 1)
      rest = rest[rest.index(letter, offsetBy: 2)...]
    }
    return text + rest
  }

  // An empty list or map is of any type until its first use, which with several overloads is the first
  // of them, as in cel-go: `[].sort()` is a list(int). So those stand beside others of their type.
  private static let leaves: [Kind: [String]] = [
    .bool: ["true", "false", "flag"],
    .int: ["0", "1", "-7", "n", "0x1F", "9223372036854775807"],
    .uint: ["0u", "1u", "7U", "0xFFu"],
    .double: ["0.0", "-1.5", "1e3", ".5", "x"],
    .string: ["''", "\"a\\n\"", "r'\\\\'", "s", "'1'", "'\u{E9}\u{301}'", "'''it's'''"],
    .bytes: ["b''", "b'\\xff'", "b\"a\"", "br'\\x'"],
    .integers: ["[-1]", "[1, 2]", "l", "[3, 1, 2,]"],
    .strings: ["['c']", "['a', 'b']", "texts"],
    .map: ["{'': 0}", "{'a': 1, 'b': 2}", "m"],
    .timestamp: ["timestamp('2024-02-29T12:34:56.789Z')", "timestamp(0)"],
    .duration: ["duration('1h2m3.5s')", "duration('-1ms')"],
    .optional: ["optional.of(0)", "optional.of(1)"],
  ]

  private static let patterns: [Kind: [String]] = [
    .bool: [
      "{b} && {b} && {b}", "({b} || {b})", "{i} < {i}", "{i} == {i}", "{u} >= {u}", "{d} != {d}",
      "{s} <= {s}", "{y} == {y}", "{t} > {t}", "{D} < {D}", "!({b})", "!{L}.exists(v, v > {i})",
      "{L}.all(v, {b})", "{S}.exists_one(v, v == {s})", "{s}.contains({s})", "{s}.startsWith({s})",
      "{s}.endsWith({s})", "{i} in {L}", "{s} in {M}", "({b} ? {b} : {b})", "has({M}.a)",
      "{o}.hasValue()", "{s}.matches('^[a-z]*$')", "type({i}) == int", "{L} == {L}", "{M} == {M}",
      "sets.contains({L}, {L})", "math.isNaN({d})", "{o} == {o}", "{L}.all(i, v, i < v)",
      "bool({b})", "{M}.exists(k, k == {s})", "[{b}, {b}] == [{b}]", "isIP({s})",
    ],
    .int: [
      "({i} + {i})", "{i} * {i} - {i}", "{i} / {i}", "{i} % {i}", "size({L})", "{s}.size()",
      "-({i})", "cel.bind(v, {i}, v * 7)", "{L}[{i}]", "{M}.a", "{M}['b']", "({b} ? {i} : {i})",
      "int({d})", "int({u})", "{t}.getFullYear()", "{D}.getSeconds()", "math.abs({i})",
      "math.greatest({i}, {i}, {i})", "math.bitAnd({i}, {i})", "{o}.orValue({i})", "{o}.value()",
      "{s}.indexOf({s})", "{t}.getDayOfWeek('+02:00')", "size({y})", "int({t})",
      "math.least({L} + [{i}])",
    ],
    .uint: [
      "({u} + {u})", "{u} * {u}", "{u} - {u}", "{u} / {u}", "uint({i})", "math.bitOr({u}, {u})",
      "math.bitShiftLeft({u}, {i})", "({b} ? {u} : {u})",
    ],
    .double: [
      "({d} + {d})", "{d} * {d} - {d}", "{d} / {d}", "-({d})", "double({i})", "math.ceil({d})",
      "math.sqrt({d})", "({b} ? {d} : {d})", "math.round({d})", "[{d}, {d}][{i}]",
    ],
    .string: [
      "({s} + {s})", "string({i})", "string({d})", "string({u})", "string({b})", "string({t})",
      "string({D})", "{S}.join({s})", "{s}.lowerAscii()", "{s}.replace({s}, {s})",
      "{s}.substring({i})", "{s}.charAt({i})", "{s}.trim()", "{s}.reverse()", "{S}[{i}]",
      "'%s %d %.2f'.format([{s}, {i}, {d}])", "'%s'.format([{M}])", "base64.encode({y})",
      "strings.quote({s})", "({b} ? {s} : {s})", "cel.bind(v, {s}, v + v)", "json.encode({M})",
      "{s}.upperAscii()", "string({y})",
    ],
    .bytes: ["({y} + {y})", "bytes({s})", "base64.decode({s})", "({b} ? {y} : {y})"],
    .integers: [
      "[{i}, {i}]", "{L}.map(v, v + {i})", "{L}.filter(v, {b})", "({L} + {L})", "([] + {L})",
      "{L}.sort()",
      "{L}.reverse()", "{L}.distinct()", "{L}.slice({i}, {i})", "lists.range(3)",
      "{L}.map(v, v > {i}, v * 2)", "[{L}, {L}].flatten()", "[?{o}, {i}]",
      "{L}.transformList(i, v, i + v)", "{M}.map(k, {M}[k])", "{L}.sortBy(v, -v)",
      "[{o}, {o}].unwrapOpt()",
    ],
    .strings: [
      "[{s}, {s}]", "{S}.map(v, v + {s})", "{S}.filter(v, v != {s})", "({S} + {S})", "{S}.sort()",
      "{s}.split({s})", "{M}.map(k, k)", "{S}.sortBy(v, size(v))",
    ],
    .map: [
      "{'a': {i}, 'b': {i}}", "{'a': {i}, ?'c': {o}}", "{M}.transformMap(k, v, v + {i})",
      "({b} ? {M} : {M})", "({b} ? {M} : {})", "{M}.transformMap(k, v, {b}, v)", "{{s}: {i}}",
    ],
    .timestamp: [
      "({t} + {D})", "({t} - {D})", "timestamp({i} % 1000000)", "({b} ? {t} : {t})", "({D} + {t})",
    ],
    .duration: ["({D} + {D})", "({D} - {D})", "({t} - {t})", "({b} ? {D} : {D})"],
    .optional: [
      "optional.of({i})", "optional.ofNonZeroValue({i})", "{o}.or({o})", "{L}[?{i}]", "{M}.?a",
      "{M}[?{s}]", "{o}.optMap(v, v + {i})", "{o}.optFlatMap(v, {o})", "({b} ? {o} : {o})",
      "({b} ? optional.none() : {o})",
    ],
  ]
}

extension RandomExpressions {
  /// What the expressions use.
  static let environment = CELEnvironment(
    name: "random",
    variables: [
      "n": .int, "l": .list(.int), "s": .string, "x": .double, "flag": .bool,
      "m": .map(.string, .int),
      "texts": .list(.string),
    ],
    libraries: CELEnvironment.language(.specification, zones: .none) + [
      .bindings, .twoVariableMacros, .optionals, .strings(.specification), .encoders, .sets, .lists,
      .math, .network,
    ])

  /// The program of a text; nil when a constant in it has no value, such as `uint(-7)`.
  static func program(_ text: String) throws -> CELProgram? {
    do throws(CELError) {
      return try CELProgram(text, in: environment)
    } catch {
      guard error.phase == .program else { throw error }
      return nil
    }
  }

  static let activation = CELActivation([
    "n": .int(3), "l": .list([.int(5), .int(-1)]), "s": .string("text"), "x": .double(2.5),
    "flag": .bool(true), "m": .map(CELMap([(.string("a"), .int(1)), (.string("z"), .int(-3))])),
    "texts": .list([.string("b"), .string("refs/heads/\u{E9}")]),
  ])
}
