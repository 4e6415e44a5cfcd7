// `when` and `vars`: the expressions of a trigger, in the order in which they are evaluated.

import CEL
import JSON

/// The expressions of one trigger, compiled.
///
/// *Limits:* each takes at most ``CELEnvironment/costLimit`` steps, whatever the payload is.
struct TriggerExpressions: Sendable {
  /// A variable of the trigger.
  struct Variable: Sendable {
    let name: String
    let program: CELProgram
  }

  /// What the evaluation leads to.
  enum Outcome: Equatable, Sendable {
    /// The condition is true, or there is none; with the variables for the template.
    case proceed(JSONObject)
    /// The condition is false; the text says what decided.
    case skip(String)
    /// An expression has no value.
    case fail(String)
  }

  var condition: CELProgram?
  var variables: [Variable] = []

  /// Evaluates the condition and then the variables, each of which sees those before it.
  ///
  /// - Parameters:
  ///   - event: as templates see it.
  ///   - inputs: the inputs of a manual call, or their defaults.
  func evaluate(event: JSONValue, of delivery: Delivery, inputs: JSONObject) -> Outcome {
    guard condition != nil || !variables.isEmpty else { return .proceed([:]) }
    var activation = CELActivation([
      "event": CELValue(json: event), "body": CELValue(json: delivery.body),
      "header": CELValue(json: delivery.header), "query": CELValue(json: delivery.query),
      "inputs": CELValue(json: .object(inputs)),
    ])
    if let condition {
      switch Self.judge(condition, activation) {
      case .proceed: break
      case let other: return other
      }
    }
    var values: [(CELValue, CELValue)] = []
    var results = JSONObject()
    for variable in variables {
      activation["vars"] = .map(CELMap(values))
      do throws(CELError) {
        let value = try variable.program.evaluate(activation)
        var meter = CELCostMeter(limit: variable.program.environment.costLimit)
        do throws(CELEvaluationError) {
          results[variable.name] = try value.nestedJSON(&meter)
        } catch {
          return .fail("vars.\(variable.name): \(error)")
        }
        values.append((.string(CELString(variable.name)), value))
      } catch {
        return .fail("vars.\(variable.name): \(Self.text(error))")
      }
    }
    return .proceed(results)
  }

  private static func judge(_ condition: CELProgram, _ activation: CELActivation) -> Outcome {
    do throws(CELError) {
      switch try condition.evaluate(activation) {
      case .bool(true): return .proceed([:])
      case .bool(false):
        return .skip("when is \(try condition.explain(activation).summary)")
      case let value:
        return .fail("when: the value is of type \(value.type.name), a bool is expected")
      }
    } catch {
      return .fail("when: \(text(error))")
    }
  }

  /// The reason alone: whoever reads it has the expression in the configuration.
  private static func text(_ error: CELError) -> String {
    error.issues.map(\.message).joined(separator: "; ")
  }
}
