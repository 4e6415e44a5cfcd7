// Lists that may lie in a JSON document.

package import JSON

/// A CEL list. Reading an element of a JSON array converts that element alone.
package struct CELList: Sendable, RandomAccessCollection {
  private enum Storage {
    case native([CELValue])
    case json([JSONValue])
  }

  private let storage: Storage

  /// A list of values.
  package init(_ elements: [CELValue]) { storage = .native(elements) }

  /// The list of a JSON array.
  package init(json elements: [JSONValue]) { storage = .json(elements) }

  package var startIndex: Int { 0 }

  package var endIndex: Int {
    switch storage {
    case .native(let elements): elements.count
    case .json(let elements): elements.count
    }
  }

  package subscript(position: Int) -> CELValue {
    switch storage {
    case .native(let elements): elements[position]
    case .json(let elements): CELValue(json: elements[position])
    }
  }
}
