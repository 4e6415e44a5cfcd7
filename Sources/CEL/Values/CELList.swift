// Lists that may lie in a JSON document.

package import JSON

/// A CEL list. Reading an element of a JSON array converts that element alone.
package struct CELList: Sendable, RandomAccessCollection {
  private enum Storage {
    case native([CELValue])
    case values([JSONValue])
    /// An array.
    case view(JSONView)
  }

  private let storage: Storage

  /// A list of values.
  package init(_ elements: [CELValue]) { storage = .native(elements) }

  /// The list of a JSON array.
  package init(json elements: [JSONValue]) { storage = .values(elements) }

  /// The list of an array in a JSON document.
  init(array: JSONView) { storage = .view(array) }

  /// The array in a JSON document that it is, if it is one.
  var view: JSONView? { if case .view(let array) = storage { array } else { nil } }

  package var startIndex: Int { 0 }

  package var endIndex: Int {
    switch storage {
    case .native(let elements): elements.count
    case .values(let elements): elements.count
    case .view(let array): array.count
    }
  }

  package subscript(position: Int) -> CELValue {
    switch storage {
    case .native(let elements): elements[position]
    case .values(let elements): CELValue(json: elements[position])
    case .view(let array): array[position].map(CELValue.init(json:)) ?? .null
    }
  }
}
