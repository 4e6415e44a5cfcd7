// Expressions that are ready to be evaluated.

import Synchronization

/// A compiled expression: parsed, checked, its constants computed.
///
/// *Limits:* the source has at most ``CELEnvironment/sourceLimit`` code points and is nested at most
/// ``CELCostMeter/depthLimit`` deep; an evaluation takes at most ``CELEnvironment/costLimit`` steps.
///
/// *Concurrency:* compile once, evaluate from any thread, at the same time too. Nothing suspends, and
/// nothing locks but the first explanation, which others wait for.
package struct CELProgram: Sendable {
  /// Whether types are checked before the first evaluation.
  package enum Checking: Sendable {
    /// Undeclared names and types that cannot fit are errors.
    case checked
    /// They are left to the evaluation.
    case unchecked
  }

  /// The source.
  package let source: CELSource
  /// What it was compiled in.
  package let environment: CELEnvironment
  let checked: CheckedTree
  private let plan: Plan
  private let watched = WatchedPlan()

  /// Compiles an expression.
  ///
  /// *Errors:* ``CELError`` of the phases parse, check and program, the fault of the expression's
  /// author.
  package init(
    _ source: CELSource, in environment: CELEnvironment, checking: Checking = .checked
  ) throws(CELError) {
    self.source = source
    self.environment = environment
    let tree = try Parser.parse(source, in: environment)
    checked = try Checker.check(
      tree, of: source, in: environment, checking == .checked ? .checked : .unchecked)
    plan = try Self.plan(checked, source, environment, .fast)
  }

  /// Compiles an expression.
  package init(_ text: String, in environment: CELEnvironment) throws(CELError) {
    try self.init(CELSource(text), in: environment)
  }

  private static func plan(
    _ checked: CheckedTree, _ source: CELSource, _ environment: CELEnvironment, _ mode: Planner.Mode
  ) throws(CELError) -> Plan {
    var planner = Planner(checked, in: environment, mode)
    do throws(Planner.Failure) {
      let root = try planner.plan()
      return Plan(root: root, variables: planner.variables, slotCount: planner.slotCount)
    } catch {
      throw CELError(
        .program, in: source, cause: error.error, hint: nil,
        offset: Int(checked.tree[error.node].offset))
    }
  }

  /// The syntax tree.
  package var tree: CELTree { checked.tree }

  /// The type that the checker found.
  package var resultType: CELType { checked.types[Int(checked.tree.root)] }

  /// The names of the variables that the expression uses, so that what is costly to provide is
  /// provided only where it is wanted.
  package var variableNames: Set<String> { Set(plan.variables.map(\.name)) }

  /// The value for an activation.
  ///
  /// *Errors:* ``CELError`` of the phase evaluate.
  package func evaluate(_ activation: CELActivation) throws(CELError) -> CELValue {
    var meter = CELCostMeter(limit: environment.costLimit)
    return try evaluate(activation, &meter)
  }

  /// The value for an activation, with a meter of the caller's: for a limit of one's own, or one for
  /// several expressions together.
  package func evaluate(
    _ activation: CELActivation, _ meter: inout CELCostMeter
  ) throws(CELError) -> CELValue {
    var frame = frame(plan, activation, meter)
    defer { meter = frame.meter }
    do throws(CELEvaluationError) {
      return try plan.root.evaluate(&frame)
    } catch {
      throw located(error, at: frame.failedNode, activation)
    }
  }

  private func frame(
    _ plan: Plan, _ activation: CELActivation, _ meter: CELCostMeter
  ) -> Frame {
    var frame = Frame(meter: meter, slots: Array(repeating: .empty, count: plan.slotCount))
    for variable in plan.variables {
      // SAFETY: the callers have the activation as an argument, which is kept until they return, and no
      // slot outlives them; the value they return keeps what it needs itself.
      frame.slots[variable.slot] = unsafe Frame.Slot(activation: activation[variable.name])
    }
    return frame
  }

  /// An error of the evaluation with its place, and in environments that say so with the whole path
  /// of a missing key and the key that was probably meant.
  private func located(
    _ error: CELEvaluationError, at node: CELTree.Node.ID, _ activation: CELActivation
  ) -> CELError {
    guard node >= 0 else {
      return CELError(.evaluate, in: source, cause: error, hint: nil, offset: 0)
    }
    var hint: String?
    if case .noSuchKey(let key) = error, environment.rules.missingKeys == .pathWithHint {
      hint = MissingKey(tree: checked.tree, node: node, key: key, activation: activation).hint
    }
    return CELError(
      .evaluate, in: source, cause: error, hint: hint, offset: Int(checked.tree[node].offset))
  }

  /// Evaluates and keeps the value of every sub-expression.
  ///
  /// Takes several times as long as ``evaluate(_:)``: it is for a person who asks why.
  package func explain(_ activation: CELActivation) throws(CELError) -> CELExplanation {
    let plan = try watched.plan { () throws(CELError) in
      try Self.plan(checked, source, environment, .watched)
    }
    var frame = frame(plan, activation, CELCostMeter(limit: environment.costLimit))
    frame.trace = Array(repeating: nil, count: checked.tree.nodes.count)
    do throws(CELEvaluationError) {
      let value = try plan.root.evaluate(&frame)
      return CELExplanation(tree: checked.tree, trace: frame.trace, outcome: .success(value))
    } catch {
      let located = located(error, at: frame.failedNode, activation)
      return CELExplanation(tree: checked.tree, trace: frame.trace, outcome: .failure(located))
    }
  }
}

/// The evaluators of an expression with what their frame needs.
private struct Plan: Sendable {
  let root: Evaluator
  let variables: [(name: String, slot: Int)]
  let slotCount: Int
}

/// The plan with which sub-expressions are watched: made when it is asked for first, as most programs
/// are never explained, and kept, as compiling patterns again would take longer than all the rest.
private final class WatchedPlan: Sendable {
  private let known = Mutex<Plan?>(nil)

  func plan(_ make: () throws(CELError) -> Plan) throws(CELError) -> Plan {
    try known.withLock { known throws(CELError) in
      if let known { return known }
      let plan = try make()
      known = plan
      return plan
    }
  }
}
