// The shape of the types compiled into a real API server, as far as clients notice it.

import JSON

/// A Go type as `encoding/json` sees it: what it accepts, and how it is named in errors.
package indirect enum GoType: Sendable {
  case string
  /// A string type with a name of its own, such as `types.UID`.
  case named(String)
  case bool
  case integer(bits: Int)
  case float
  /// `[]byte`: base64 text.
  case bytes
  /// `metav1.Time`: whole seconds.
  case time
  /// `metav1.MicroTime`: exactly six digits of fraction.
  case microTime
  /// `resource.Quantity` and `intstr.IntOrString`: text or a number.
  case scalar(name: String)
  /// Kept as it is.
  case raw
  case list(GoType, ObjectSchema.ListType)
  case map(GoType)
  case structure(GoStructure)

  package static let integer64 = GoType.integer(bits: 64)
  package static let integer32 = GoType.integer(bits: 32)

  /// A list that is replaced as a whole.
  package static func list(_ element: GoType) -> GoType { .list(element, .atomic) }

  /// The type as Go's errors name it.
  var name: String {
    switch self {
    case .string: "string"
    case .named(let name): name
    case .bool: "bool"
    case .integer(let bits): "int\(bits)"
    case .float: "float64"
    case .bytes: "[]uint8"
    case .time: "v1.Time"
    case .microTime: "v1.MicroTime"
    case .scalar(let name): name
    case .raw: "interface {}"
    case .list(let element, _): "[]\(element.name)"
    case .map(let element): "map[string]\(element.name)"
    case .structure(let structure): structure.qualifiedName
    }
  }

  /// The same shape as a schema, for the bookkeeping that both kinds of resource share.
  var schema: ObjectSchema {
    switch self {
    case .string, .named, .bytes, .time, .microTime: return .string
    case .bool: return .boolean
    case .integer: return .integer
    case .float: return .number
    case .scalar:
      var schema = ObjectSchema()
      schema.isIntegerOrString = true
      return schema
    case .raw: return .anything
    case .list(let element, let listType): return .list(of: element.schema, listType)
    case .map(let element): return .map(of: element.schema)
    case .structure(let structure): return structure.schema
    }
  }
}

/// A Go struct.
package struct GoStructure: Sendable {
  /// `ObjectMeta`.
  package var name: String
  /// `v1.ObjectMeta`.
  package var qualifiedName: String
  package var fields: [GoField]
  /// Whether what is not a field is kept. No Go struct does that; it stands for the parts of a
  /// type that are not written down here.
  package var keepsUnknownFields: Bool
  /// Whether bookkeeping treats the struct as one value.
  package var isAtomic: Bool

  package init(
    _ name: String, package packageName: String = "v1", keepsUnknownFields: Bool = false,
    isAtomic: Bool = false, _ fields: [GoField]
  ) {
    self.name = name
    qualifiedName = "\(packageName).\(name)"
    self.fields = fields
    self.keepsUnknownFields = keepsUnknownFields
    self.isAtomic = isAtomic
  }

  func field(_ key: String) -> GoField? {
    fields.first { $0.key == key }
  }

  var schema: ObjectSchema {
    var schema = ObjectSchema(type: .object)
    for field in fields { schema.properties[field.key] = field.type.schema }
    schema.keepsUnknownFields = keepsUnknownFields
    schema.isAtomic = isAtomic
    return schema
  }
}

/// A field of a Go struct.
package struct GoField: Sendable {
  /// When the field is written.
  package enum Presence: Sendable {
    /// `omitempty`: not while it holds the zero value.
    case whenNotEmpty
    /// A pointer with `omitempty`: whenever it was given.
    case whenGiven
    /// Without `omitempty`. A struct of this kind exists in every object.
    case always
  }

  package var key: String
  package var type: GoType
  package var presence: Presence

  package init(_ key: String, _ type: GoType, _ presence: Presence = .whenNotEmpty) {
    self.key = key
    self.type = type
    self.presence = presence
  }
}
