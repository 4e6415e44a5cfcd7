// What holds for any expression.

import CEL
import JSON
import Testing

@Suite struct PropertyTests {
  /// Expressions made at random from a grammar; the same ones in every run.
  struct Expressions: Sequence, IteratorProtocol {
    var state: UInt64
    var remaining: Int

    private mutating func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }

    mutating func next() -> String? {
      guard remaining > 0 else { return nil }
      remaining -= 1
      return bool(4)
    }

    private mutating func bool(_ depth: Int) -> String {
      guard depth > 0 else { return ["true", "false", "!true"][random(3)] }
      switch random(9) {
      case 0: return "\(bool(depth - 1)) && \(bool(depth - 1)) && \(bool(depth - 1))"
      case 1: return "(\(bool(depth - 1)) || \(bool(depth - 1)))"
      case 2: return "\(int(depth - 1)) \(["<", "==", ">=", "!="][random(4)]) \(int(depth - 1))"
      case 3: return "!(\(bool(depth - 1)))"
      case 4: return "\(list(depth - 1)).exists(x, x > \(int(depth - 1)))"
      case 5: return "\(list(depth - 1)).all(x, \(bool(depth - 1)))"
      case 6: return "\(text(depth - 1)).contains(\(text(depth - 1)))"
      case 7: return "\(int(depth - 1)) in \(list(depth - 1))"
      default: return "(\(bool(depth - 1)) ? \(bool(depth - 1)) : \(bool(depth - 1)))"
      }
    }

    private mutating func int(_ depth: Int) -> String {
      guard depth > 0 else { return ["0", "1", "-7", "n", "0x1F"][random(5)] }
      switch random(6) {
      case 0: return "(\(int(depth - 1)) + \(int(depth - 1)))"
      case 1: return "\(int(depth - 1)) * \(int(depth - 1)) - \(int(depth - 1))"
      case 2: return "size(\(list(depth - 1)))"
      case 3: return "\(text(depth - 1)).size()"
      case 4: return "-(\(int(depth - 1)))"
      default: return "cel.bind(b, \(int(depth - 1)), b % 7)"
      }
    }

    private mutating func list(_ depth: Int) -> String {
      guard depth > 0 else { return ["[]", "[1, 2]", "l"][random(3)] }
      switch random(4) {
      case 0: return "[\(int(depth - 1)), \(int(depth - 1))]"
      case 1: return "\(list(depth - 1)).map(x, x + \(int(depth - 1)))"
      case 2: return "\(list(depth - 1)).filter(x, \(bool(depth - 1)))"
      default: return "(\(list(depth - 1)) + \(list(depth - 1)))"
      }
    }

    private mutating func text(_ depth: Int) -> String {
      guard depth > 0 else { return ["''", "\"a\\n\"", "r'\\\\'", "s"][random(4)] }
      return "(\(text(depth - 1)) + \(text(depth - 1)))"
    }
  }

  static let environment = CELEnvironment(
    name: "property", variables: ["n": .int, "l": .list(.int), "s": .string],
    libraries: [.core, .standardMacros, .bindings])

  static let activation = CELActivation([
    "n": .int(3), "l": .list([.int(5), .int(-1)]), "s": .string("text"),
  ])

  @Test func `printing and parsing again changes nothing`() throws {
    for text in Expressions(state: 1, remaining: 500) {
      let printed = try CELProgram(text, in: Self.environment).tree.printed()
      let again = try CELProgram(printed, in: Self.environment).tree.printed()
      #expect(again == printed, "from \(text)")
    }
  }

  @Test func `what is well-typed finds its overloads`() throws {
    for text in Expressions(state: 2, remaining: 500) {
      let program = try CELProgram(text, in: Self.environment)
      #expect(program.resultType == .bool)
      do throws(CELError) {
        #expect(try program.evaluate(Self.activation).type == .bool)
      } catch {
        switch error.cause {
        case .integerOverflow, .divisionByZero, .modulusByZero: break
        default: Issue.record("\(text): \(error.message)")
        }
      }
    }
  }

  @Test(arguments: [1, 7, 100, 1000])
  func `no evaluation takes more steps than it may`(limit: Int) throws {
    for text in Expressions(state: 3, remaining: 100) {
      let program = try CELProgram(text, in: Self.environment)
      var meter = CELCostMeter(limit: limit)
      let result = Result { () throws(CELError) in
        try program.evaluate(Self.activation, &meter)
      }
      #expect(meter.used <= limit + 1)
      if case .failure(let error) = result, case .costLimit = error.cause { continue }
      // What fits its limit is not refused when there is no more than that.
      var exact = CELCostMeter(limit: meter.used)
      if case .success = result {
        #expect(throws: Never.self) { try program.evaluate(Self.activation, &exact) }
      }
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
