// One evaluation under way.

import JSON

/// What an evaluation carries along.
struct Frame {
  /// The steps that are left.
  var meter: CELCostMeter
  /// The values of variables and of names that loops and bindings introduce.
  var slots: [Slot]
  /// The node that the last error came from.
  var failedNode: CELTree.Node.ID = -1
  /// The values of sub-expressions, when they are asked for; of one in a loop the last.
  var trace: [Result<CELValue, CELEvaluationError>?] = []

  /// What a variable or an introduced name stands for.
  enum Slot {
    /// Nothing: a variable that was not given, or a binding that was not needed yet.
    case empty
    case value(CELValue)
    /// What lies in a JSON document that a value of the activation keeps.
    case cursor(JSONCursor)

    /// What is in the activation. It has to be kept as long as the slot and all that is found through
    /// its cursor are in use: ``CELProgram`` keeps the activation while it evaluates.
    @unsafe
    init(activation value: CELValue?) {
      switch value {
      case nil: self = .empty
      case .map(let map)?:
        // SAFETY: the document is kept as said above.
        self = map.view.map { unsafe .cursor(JSONCursor($0)) } ?? .value(.map(map))
      case .list(let list)?:
        // SAFETY: as above.
        self = list.view.map { unsafe .cursor(JSONCursor($0)) } ?? .value(.list(list))
      case let value?: self = .value(value)
      }
    }

    /// The value, nil when there is none.
    var value: CELValue? {
      switch self {
      case .empty: nil
      case .value(let value): value
      case .cursor(let cursor): CELValue(json: cursor.view)
      }
    }
  }

  /// Notes where an error comes from, on its way out.
  @inline(never)
  mutating func failed(
    _ error: CELEvaluationError, at node: CELTree.Node.ID
  ) -> CELEvaluationError {
    failedNode = node
    return error
  }

  /// Takes a step, or several.
  @inline(__always)
  mutating func step(
    at node: CELTree.Node.ID, _ count: Int = 1
  ) throws(CELEvaluationError) {
    do throws(CELEvaluationError) {
      try meter.charge(count)
    } catch {
      throw failed(error, at: node)
    }
  }
}

/// A piece of a program. The tree of them mirrors the checked expression, with names resolved to
/// slots, constants computed and operators bound.
///
/// `@unchecked Sendable`: every stored property, here and in the subclasses, is an immutable value or
/// another node; nothing guards them because nothing changes.
class Evaluator: @unchecked Sendable {
  let id: CELTree.Node.ID

  init(_ id: CELTree.Node.ID) { self.id = id }

  /// The value. One step for each node at the least.
  func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    throw .internalError("a node without meaning")
  }

  /// The value as a condition; nil, when it is no truth value.
  func condition(_ frame: inout Frame) throws(CELEvaluationError) -> Bool? {
    guard case .bool(let value) = try evaluate(&frame) else { return nil }
    return value
  }

  /// Where the value lies in a JSON document of the activation, with the steps for it taken. Nil, with
  /// no step taken, when it does not lie in one or the steps do not suffice: then ``evaluate(_:)``
  /// tells.
  func cursor(_ frame: inout Frame) -> JSONCursor? { nil }

  /// The value where it is known without evaluating.
  var constant: CELValue? { nil }
}

/// A piece whose value is a truth value in every case.
class ConditionEvaluator: Evaluator, @unchecked Sendable {
  /// The truth value.
  func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    throw .internalError("a condition without meaning")
  }

  final override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    .bool(try holds(&frame))
  }

  final override func condition(_ frame: inout Frame) throws(CELEvaluationError) -> Bool? {
    try holds(&frame)
  }
}
