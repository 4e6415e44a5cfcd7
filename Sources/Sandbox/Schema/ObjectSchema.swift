// The structure of objects, as a CustomResourceDefinition's `openAPIV3Schema` states it.

package import JSON

/// A structural schema: what fields an object has and of which types.
///
/// The shape is a tree. An empty schema, `ObjectSchema()`, accepts no field; ``anything`` accepts
/// every one. Unknown fields are dropped or refused by ``prune(_:at:)``, never by validation.
///
/// *Source:* "structural schema" in `k8s.io/apiextensions-apiserver`.
package struct ObjectSchema: Sendable {
  /// The types that JSON values have in a schema.
  package enum ValueType: String, Sendable {
    case object, array, string, integer, number, boolean
  }

  /// How server-side bookkeeping sees a list.
  package enum ListType: Sendable, Equatable {
    case atomic
    case set
    case map(keys: [String])
  }

  package var type: ValueType?
  package var properties: [String: ObjectSchema]
  package var isNullable: Bool
  package var required: [String]
  package var enumeration: [JSONValue]
  package var format: String?
  package var pattern: String?
  package var minimum: Double?
  package var maximum: Double?
  package var isMinimumExclusive: Bool
  package var isMaximumExclusive: Bool
  package var minimumLength: Int?
  package var maximumLength: Int?
  package var minimumItems: Int?
  package var maximumItems: Int?
  package var minimumProperties: Int?
  package var maximumProperties: Int?
  package var defaultValue: JSONValue?
  package var description: String
  /// `x-kubernetes-preserve-unknown-fields`: what is not in ``properties`` is kept.
  package var keepsUnknownFields: Bool
  /// `x-kubernetes-embedded-resource`: has `apiVersion`, `kind` and `metadata` of its own.
  package var isEmbeddedResource: Bool
  /// `x-kubernetes-int-or-string`.
  package var isIntegerOrString: Bool
  package var listType: ListType
  /// `x-kubernetes-map-type: atomic`, or `x-kubernetes-struct-type`.
  package var isAtomic: Bool

  // Boxes, since a struct cannot hold itself. Each has at most one element.
  private var itemsBox: [ObjectSchema]
  private var additionalBox: [ObjectSchema]

  /// The schema of a list's elements.
  package var items: ObjectSchema? {
    get { itemsBox.first }
    set { itemsBox = newValue.map { [$0] } ?? [] }
  }

  /// The schema of a map's values; `nil` when only ``properties`` are allowed.
  package var additionalProperties: ObjectSchema? {
    get { additionalBox.first }
    set { additionalBox = newValue.map { [$0] } ?? [] }
  }

  package init(type: ValueType? = nil) {
    self.type = type
    properties = [:]
    isNullable = false
    required = []
    enumeration = []
    isMinimumExclusive = false
    isMaximumExclusive = false
    description = ""
    keepsUnknownFields = false
    isEmbeddedResource = false
    isIntegerOrString = false
    listType = .atomic
    isAtomic = false
    itemsBox = []
    additionalBox = []
  }

  /// Accepts any value and keeps all of it.
  package static let anything: ObjectSchema = {
    var schema = ObjectSchema()
    schema.keepsUnknownFields = true
    return schema
  }()

  package static let string = ObjectSchema(type: .string)
  package static let integer = ObjectSchema(type: .integer)
  package static let number = ObjectSchema(type: .number)
  package static let boolean = ObjectSchema(type: .boolean)

  /// An object with these fields and no others.
  package static func object(
    _ properties: [String: ObjectSchema], required: [String] = []
  ) -> ObjectSchema {
    var schema = ObjectSchema(type: .object)
    schema.properties = properties
    schema.required = required
    return schema
  }

  /// A map from any key to values of one schema.
  package static func map(of values: ObjectSchema) -> ObjectSchema {
    var schema = ObjectSchema(type: .object)
    schema.additionalProperties = values
    return schema
  }

  /// A list.
  package static func list(
    of items: ObjectSchema, _ listType: ListType = .atomic
  ) -> ObjectSchema {
    var schema = ObjectSchema(type: .array)
    schema.items = items
    schema.listType = listType
    return schema
  }
}
