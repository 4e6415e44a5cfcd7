// What the checker finds out.

/// A tree whose names and types are known.
struct CheckedTree: Sendable {
  /// What a node refers to.
  enum Reference: Sendable {
    /// Nothing: the node is evaluated for what it is.
    case none
    /// A variable of the environment, or one that only the activation can tell.
    case variable(String)
    /// A variable that was not declared, by the names it may have.
    case undeclared([String])
    case constant(CELValue)
    /// A function; a member call may turn out to be one in a namespace (`math.abs`), and then its
    /// target is no argument.
    case function(FunctionEntry, isNamespaced: Bool)
  }

  let tree: CELTree
  var types: [CELType]
  var references: [Reference]
}
