// Macros: calls that are rewritten when they are parsed.

/// A call that the parser replaces by other syntax.
package struct CELMacro: Sendable {
  /// What a macro makes of its call: the node that replaces it, or nil when the call is no use of
  /// the macro after all and stays a call. `target` is nil for a global macro.
  package typealias Expansion =
    @Sendable (
      _ tree: inout CELTree, _ target: CELTree.Node.ID?, _ arguments: [CELTree.Node.ID]
    ) throws(CELMacroError) -> CELTree.Node.ID?

  /// The name that is called.
  package let name: String
  /// How it is called. `math.greatest(…)` is a member call on the identifier `math`.
  package let style: CELOverload.Style
  /// How many arguments there may be, without the receiver.
  package let arity: ClosedRange<Int>
  /// What replaces the call.
  package let expand: Expansion

  /// A macro.
  package init(
    _ name: String, _ style: CELOverload.Style, arity: ClosedRange<Int>,
    expand: @escaping Expansion
  ) {
    self.name = name
    self.style = style
    self.arity = arity
    self.expand = expand
  }
}

/// A macro that cannot make sense of its arguments.
package struct CELMacroError: Error, Equatable, Sendable {
  /// What is wrong.
  package let message: String
  /// The argument that is.
  package let node: CELTree.Node.ID

  /// An error at an argument.
  package init(_ message: String, at node: CELTree.Node.ID) {
    self.message = message
    self.node = node
  }
}
