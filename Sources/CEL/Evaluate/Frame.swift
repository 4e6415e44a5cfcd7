// One evaluation under way.

/// What an evaluation carries along.
struct Frame {
  /// The steps that are left.
  var meter: CELCostMeter
  /// The values of variables and of names that loops and bindings introduce; nil for a variable that
  /// was not given and a binding that was not needed yet.
  var slots: [CELValue?]
  /// The node that the last error came from.
  var failedNode: CELTree.Node.ID = -1
  /// The values of sub-expressions, when they are asked for; of one in a loop the last.
  var trace: [Result<CELValue, CELEvaluationError>?] = []

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

  /// The value where it is known without evaluating.
  var constant: CELValue? { nil }
}
