// The syntax tree.

/// An expression's syntax, macros expanded.
///
/// Shape: nodes lie in one array, children before parents, and name each other by position; lists of
/// children lie in a second array. Nothing is allocated for a node of its own.
package struct CELTree: Sendable {
  /// A piece of syntax with its place in the source.
  package struct Node: Sendable {
    /// A node's position in ``CELTree/nodes``.
    package typealias ID = Int32

    /// What it is.
    package var kind: Kind
    /// Where it is: an offset in UTF-8 bytes. Of a call it is that of the operator or of the
    /// parenthesis, of a selection that of the dot, as in cel-go.
    package var offset: Int32
  }

  /// A run of node positions in the tree's list of children.
  package struct Children: Sendable, Equatable {
    var start: Int32
    /// How many there are.
    package var count: Int32
  }

  /// What a node is.
  package enum Kind: Sendable {
    /// A constant.
    case literal(CELValue)
    /// A name, with its dot where it has a leading one.
    case identifier(String)
    /// `operand.field`
    case select(operand: Node.ID, field: String)
    /// `has(operand.field)`
    case test(operand: Node.ID, field: String)
    /// `f(arguments)`, and operators under the names of cel-spec (`_+_`); `_&&_` and `_||_` may have
    /// more than two operands.
    case call(function: String, arguments: Children)
    /// `target.f(arguments)`
    case memberCall(function: String, target: Node.ID, arguments: Children)
    /// `[a, b]`
    case list(Children)
    /// `{k: v}`: keys and values in turn.
    case map(Children)
    /// `?a` within a list, `?k` as a map's key.
    case optionalElement(Node.ID)
    /// A loop over a list or map, by its position in the tree's table of loops.
    case comprehension(Int32)
    /// A name for a value: `cel.bind(name, value, body)`. The value is evaluated once.
    case bind(name: String, value: Node.ID, body: Node.ID)
    /// A message literal of this name, which the checker refuses: messages are not supported.
    case message(String)
    /// Stands for syntax that could not be parsed.
    case invalid
  }

  /// A loop.
  package struct Comprehension: Sendable {
    /// What it computes.
    package enum Kind: Sendable, Equatable {
      case all, exists, existsOne, map, filter
      case transformList, transformMap, transformMapEntry
    }

    /// What it computes.
    package var kind: Kind
    /// What it runs over.
    package var range: Node.ID
    /// The element, or of a map the key; with two variables the index or key.
    package var variable: String
    /// The element or value, where there are two variables.
    package var secondVariable: String?
    /// Which elements count; nil for all.
    package var condition: Node.ID?
    /// What becomes of them; nil where the condition says all.
    package var result: Node.ID?
  }

  /// A macro's call as it was written, for printing.
  package struct MacroCall: Sendable {
    package var name: String
    package var target: Node.ID?
    package var arguments: [Node.ID]
  }

  package internal(set) var nodes: [Node] = []
  var childTable: [Node.ID] = []
  package internal(set) var comprehensions: [Comprehension] = []
  /// Calls of macros by the nodes that replaced them, where the nodes alone do not tell.
  package internal(set) var macroCalls: [Node.ID: MacroCall] = [:]
  /// The whole expression.
  package internal(set) var root: Node.ID = 0
  /// Where new nodes are placed; within a macro's expansion, where its call is.
  package internal(set) var offset: Int32 = 0

  /// The node at a position.
  package subscript(id: Node.ID) -> Node { nodes[Int(id)] }

  /// What the node at a position is.
  package func kind(_ id: Node.ID) -> Kind { nodes[Int(id)].kind }

  /// The positions of a run of children.
  package subscript(children: Children) -> ArraySlice<Node.ID> {
    childTable[Int(children.start)..<Int(children.start + children.count)]
  }

  /// The name when the node is one without a leading dot.
  package func identifier(_ id: Node.ID) -> String? {
    if case .identifier(let name) = kind(id), !name.hasPrefix(".") { name } else { nil }
  }

  /// Adds a node at ``offset``.
  @inline(__always)
  package mutating func add(_ kind: Kind) -> Node.ID {
    nodes.append(Node(kind: kind, offset: offset))
    return Node.ID(truncatingIfNeeded: nodes.count &- 1)
  }

  /// Notes a run of children.
  package mutating func addChildren(_ ids: some Collection<Node.ID>) -> Children {
    let start = Int32(truncatingIfNeeded: childTable.count)
    childTable.append(contentsOf: ids)
    return Children(start: start, count: Int32(truncatingIfNeeded: ids.count))
  }

  /// Adds `function(arguments)`.
  package mutating func call(_ function: String, _ arguments: [Node.ID]) -> Node.ID {
    let children = addChildren(arguments)
    return add(.call(function: function, arguments: children))
  }

  /// Adds `target.function(arguments)`.
  package mutating func call(
    _ function: String, on target: Node.ID, _ arguments: [Node.ID]
  ) -> Node.ID {
    let children = addChildren(arguments)
    return add(.memberCall(function: function, target: target, arguments: children))
  }

  /// Adds a list.
  package mutating func list(_ elements: [Node.ID]) -> Node.ID {
    let children = addChildren(elements)
    return add(.list(children))
  }

  /// Adds a loop.
  package mutating func comprehension(_ comprehension: Comprehension) -> Node.ID {
    comprehensions.append(comprehension)
    return add(.comprehension(Int32(truncatingIfNeeded: comprehensions.count &- 1)))
  }
}

extension CELTree {
  /// Calls `body` with each child of a node, in the order of the source.
  func forEachChild(of id: Node.ID, _ body: (Node.ID) -> Void) {
    switch kind(id) {
    case .literal, .identifier, .message, .invalid: break
    case .select(let operand, _), .test(let operand, _), .optionalElement(let operand):
      body(operand)
    case .call(_, let children), .list(let children), .map(let children):
      for child in self[children] { body(child) }
    case .memberCall(_, let target, let children):
      body(target)
      for child in self[children] { body(child) }
    case .comprehension(let index):
      let loop = comprehensions[Int(index)]
      body(loop.range)
      if let condition = loop.condition { body(condition) }
      if let result = loop.result { body(result) }
    case .bind(_, let value, let body_):
      body(value)
      body(body_)
    }
  }

  /// A node that has more than `limit` levels below it, if there is one.
  ///
  /// Children come before parents, so that one pass finds the heights of all nodes.
  func deepNode(limit: Int) -> Node.ID? {
    guard nodes.count > limit else { return nil }
    var heights = [Int32](repeating: 0, count: nodes.count)
    for index in nodes.indices {
      var height: Int32 = 0
      forEachChild(of: Node.ID(truncatingIfNeeded: index)) { child in
        height = max(height, heights[Int(child)] &+ 1)
      }
      if height > limit { return Node.ID(truncatingIfNeeded: index) }
      heights[index] = height
    }
    return nil
  }

  /// Whether the printer needs the call of a macro to print the node that replaced it.
  func needsCall(_ id: Node.ID) -> Bool {
    switch kind(id) {
    case .test: false
    case .comprehension(let index):
      switch comprehensions[Int(index)].kind {
      case .all, .exists, .existsOne, .map, .filter: false
      default: true
      }
    default: true
    }
  }
}
