// What holds for any expression.

import CEL
import JSON
import Testing

@Suite struct PropertyTests {
  static let environment = RandomExpressions.environment
  static let activation = RandomExpressions.activation

  @Test(arguments: 1..<9 as Range<UInt64>)
  func `printing and parsing again changes nothing`(seed: UInt64) throws {
    for (text, _) in RandomExpressions(seed: seed, count: 500) {
      guard let program = try RandomExpressions.program(text) else { continue }
      let printed = program.tree.printed()
      let again = try CELProgram(printed, in: Self.environment)
      #expect(again.tree.printed() == printed, "from \(text)")
      #expect(again.resultType == program.resultType, "from \(text)")
    }
  }

  @Test(arguments: 11..<19 as Range<UInt64>)
  func `what is well-typed finds its overloads`(seed: UInt64) throws {
    var values = 0
    for (text, kind) in RandomExpressions(seed: seed, count: 500) {
      guard let program = try RandomExpressions.program(text) else { continue }
      // An empty list, map or optional alone says nothing of its elements.
      #expect(Self.fits(program.resultType, kind.type), "\(text): \(program.resultType)")
      do throws(CELError) {
        let value = try program.evaluate(Self.activation)
        #expect(value.type.name == kind.type.name, "\(text)")
        values += 1
      } catch {
        #expect(!error.message.hasPrefix("no such overload"), "\(text): \(error.message)")
        if case .internalError? = error.cause { Issue.record("\(text): \(error.message)") }
      }
    }
    // The others are divisions by zero, positions outside and the like.
    #expect(values > 200)
  }

  private static func fits(_ type: CELType, _ wanted: CELType) -> Bool {
    switch (type, wanted) {
    case (.dyn, _): true
    case (.list(let element), .list(let other)), (.optional(let element), .optional(let other)):
      fits(element, other)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      fits(key, otherKey) && fits(value, otherValue)
    default: type == wanted
    }
  }

  @Test(arguments: [1, 7, 20, 100, 1000])
  func `no evaluation takes more steps than it may`(limit: Int) throws {
    for (text, _) in RandomExpressions(seed: UInt64(limit), count: 800) {
      guard let program = try RandomExpressions.program(text) else { continue }
      var meter = CELCostMeter(limit: limit)
      let result = Result { () throws(CELError) in
        try program.evaluate(Self.activation, &meter)
      }
      #expect(meter.used <= limit + 1)
      if case .failure(let error) = result, case .costLimit = error.cause { continue }
      guard case .success = result else { continue }
      // What fits its limit is not refused when there is no more than that, and is with one less.
      var exact = CELCostMeter(limit: meter.used)
      #expect(throws: Never.self, "\(text)") { try program.evaluate(Self.activation, &exact) }
      var less = CELCostMeter(limit: meter.used - 1)
      #expect(throws: CELError.self, "\(text)") { try program.evaluate(Self.activation, &less) }
    }
  }

  /// A payload whose strings have escapes here and there, and whose keys repeat.
  private static let payload = #"""
    {"ref": "refs/heads/main", "esc": "refs\/heads\/\u00e9", "n": 1, "d": 2.50, "big": 12345678901234567890,
    "t": true, "f": false, "z": null, "e": "", "o": {}, "l": ["a", "src\/x", 1, null, [true], {"k": 1}],
    "r": 1, "r": {"x": 2}, "c": [{"m": ["docs/a"]}, {"m": ["docs/b", "src/c"]}, {"m": []}, {}]}
    """#

  @Test(arguments: [
    "body.%", "body.% == 'refs/heads/main'", "body.% == ''", "body.% == 1", "body.% == 2.5",
    "body.% != null", "body.% == true", "body.% == 12345678901234567890.0", "body.%.x == 2",
    "body.%.startsWith('refs/')", "body.%.endsWith('\u{E9}')", "body.%.startsWith('')",
    "has(body.%)", "has(body.%.x)", "body.%.x", "!body.%", "body.% ? 1 : 2", "body.% && true",
    "body.% || false", "body.%.all(v, v == 'a' || true)", "body.%.exists(v, v.startsWith('src/'))",
    "body.%.exists(v, v.m.exists(w, w.startsWith('src/')))", "body.%.filter(v, v == 'a')",
    "body.%.map(v, v)", "body.%.exists_one(v, v == 1)", "body.%.all(i, v, i < 3)",
    "body.%.map(v, has(v.m), v.m.size())", "body.%[0]", "size(body.%)", "body.% in ['a', 1, '']",
    "body.%.map(v, v == v)", "cel.bind(b, body.%, b == b)", "body.%.transformList(i, v, v)",
    "body.%.filter(v, v.m.filter(w, w.endsWith('c')) == ['src/c'])", "body.% == body.%",
  ])
  func `a document's values are the same in place as apart`(pattern: String) throws {
    let document = try JSONDocument.parse(Self.payload)
    let inPlace = CELActivation(["body": CELValue(json: document.root)])
    let apart = CELActivation(["body": CELValue(json: document.root.materialised)])
    for key in ["ref", "esc", "n", "d", "big", "t", "f", "z", "e", "o", "l", "r", "c", "absent"] {
      let text = pattern.split(separator: "%", omittingEmptySubsequences: false).joined(
        separator: key)
      let program = try CELProgram(text, in: core)
      for limit in [3, 5, 8, 20, 100_000] {
        let first = Self.outcome(program, inPlace, limit)
        let second = Self.outcome(program, apart, limit)
        #expect(first == second, "\(text) with \(limit) steps")
      }
    }
  }

  /// The value or the error, and the steps taken for a value.
  private static func outcome(
    _ program: CELProgram, _ activation: CELActivation, _ limit: Int
  ) -> String {
    var meter = CELCostMeter(limit: limit)
    do throws(CELError) {
      let value = try program.evaluate(activation, &meter)
      return "\(value.literalText) \(meter.used)"
    } catch {
      return error.message
    }
  }

  @Test(arguments: [
    "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, "
      + "[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f,"
      + "[1,2,3,4,5,6,7,8,9,10].all(g, a + b + c + d + e + f + g > 0)))))))",
    "cel.bind(a, s + s + s + s, cel.bind(b, a + a + a + a, cel.bind(c, b + b + b + b, "
      + "cel.bind(d, c + c + c + c, cel.bind(e, d + d + d + d, cel.bind(f, e + e + e + e, "
      + "cel.bind(g, f + f + f + f, cel.bind(h, g + g + g + g, cel.bind(i, h + h + h + h, "
      + "cel.bind(j, i + i + i + i, cel.bind(k, j + j + j + j, k + k + k + k == s)))))))))))",
  ])
  func `work that grows is stopped`(text: String) throws {
    let program = try CELProgram(text, in: Self.environment)
    let error = #expect(throws: CELError.self) { try program.evaluate(Self.activation) }
    #expect(error?.cause == .costLimit(CELCostMeter.defaultLimit))
  }

  @Test(arguments: ["(", "[", "-(", "!(", "{1: ", "a.b(", "1 + (", "true ? 1 : ("])
  func `nesting ends in an error`(opening: String) {
    let text = String(repeating: opening, count: 20_000)
    #expect(throws: CELError.self) { try CELProgram(text, in: Self.environment) }
  }

  @Test(arguments: ["1", "s", "l[0]", "n.a", "!true"])
  func `long chains end in an error or a value`(operand: String) {
    for joint in [" + ", " || ", " && ", ".x", "[0]", " == ", " ? 1 : "] {
      let text = String(repeating: operand + joint, count: 2000) + operand
      _ = try? CELProgram(text, in: Self.environment).evaluate(Self.activation)
    }
  }
}
