// The bound on work.

/// Counts the steps of one evaluation.
///
/// Every node of the expression is a step. A function whose work grows with its input charges one
/// step for each ``bytesPerStep`` bytes or for each element it touches, before it does the work.
package struct CELCostMeter {
  /// How many steps are allowed.
  package let limit: Int
  /// How many are left.
  package private(set) var remaining: Int

  /// A meter that allows so many steps.
  package init(limit: Int = CELCostMeter.defaultLimit) {
    self.limit = limit
    remaining = limit
  }

  /// How many steps were taken.
  package var used: Int { limit - remaining }

  /// Takes steps; an error when there are not so many left.
  @inline(__always)
  package mutating func charge(_ steps: Int = 1) throws(CELEvaluationError) {
    guard steps <= remaining else { throw .costLimit(limit) }
    remaining &-= steps
  }

  /// Takes steps if there are so many left, and says whether there were.
  @inline(__always)
  mutating func take(_ steps: Int) -> Bool {
    guard steps <= remaining else { return false }
    remaining &-= steps
    return true
  }

  /// Takes the steps for reading or writing so many bytes.
  @inline(__always)
  package mutating func charge(bytes count: Int) throws(CELEvaluationError) {
    try charge(count / Self.bytesPerStep)
  }

  /// One million: some tens of milliseconds. The expressions people write take hundreds.
  package static let defaultLimit = 1_000_000

  /// Comparing or copying so many bytes costs about as much as evaluating a node.
  package static let bytesPerStep = 16

  /// How deep values may be nested where they are walked, and expressions.
  package static let depthLimit = 250
}
