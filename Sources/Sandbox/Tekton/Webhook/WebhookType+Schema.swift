// Structural schemas out of Go types, as `controller-gen` makes them.

import JSON

extension WebhookStructure {
  /// The schema of a resource's objects, without what the server itself checks.
  var resourceSchema: ObjectSchema {
    let own = fields.filter { !Self.serverFields.contains($0.name) }
    return Self.schema(of: own)
  }

  private static let serverFields = ["apiVersion", "kind", "metadata"]

  fileprivate static func schema(of fields: [WebhookField]) -> ObjectSchema {
    ObjectSchema.object(
      Dictionary(
        fields.map { ($0.name, $0.schema) }, uniquingKeysWith: { first, _ in first }),
      required: fields.filter { $0.presence == .always && !$0.defaultsToEmptyText }.map(\.name))
  }
}

extension WebhookField {
  fileprivate var schema: ObjectSchema {
    guard !isSchemaless else { return .anything }
    var schema = type.schema
    if defaultsToEmptyText { schema.defaultValue = "" }
    return schema
  }
}

extension WebhookType {
  fileprivate var schema: ObjectSchema {
    switch self {
    case .text, .duration: return .string
    case .flag: return .boolean
    case .integer(let name):
      var schema = ObjectSchema.integer
      schema.format = name == "int" ? nil : name
      return schema
    case .list(let element, _): return .list(of: element.schema)
    case .map(let element, _): return .map(of: element.schema)
    case .structure(let structure): return WebhookStructure.schema(of: structure.fields)
    case .pointer(let target): return target.schema
    case .time:
      var schema = ObjectSchema.string
      schema.format = "date-time"
      return schema
    case .quantity:
      var schema = ObjectSchema()
      schema.isIntegerOrString = true
      schema.pattern = ResourceQuantity.pattern
      return schema
    case .integerOrString:
      var schema = ObjectSchema()
      schema.isIntegerOrString = true
      return schema
    case .raw, .opaque:
      var schema = ObjectSchema(type: .object)
      schema.keepsUnknownFields = true
      return schema
    case .recursive, .parameterValue: return .anything
    }
  }
}
