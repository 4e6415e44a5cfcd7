// Reads the schema of a CustomResourceDefinition.

package import JSON

extension ObjectSchema {
  /// The schema that an `openAPIV3Schema` states. Members that this server does not use are passed
  /// over; what they would forbid is allowed.
  package init(openAPI value: JSONValue) {
    self.init(type: value["type"]?.stringValue.flatMap(ValueType.init(rawValue:)))
    description = value["description"]?.stringValue ?? ""
    for member in value["properties"]?.objectValue ?? JSONObject() {
      properties[member.key] = ObjectSchema(openAPI: member.value)
    }
    items = value["items"].map { ObjectSchema(openAPI: $0) }
    switch value["additionalProperties"] {
    case .bool(true): additionalProperties = .anything
    case .object?: additionalProperties = value["additionalProperties"].map { .init(openAPI: $0) }
    default: break
    }
    isNullable = value["nullable"]?.boolValue ?? false
    required = value["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
    enumeration = value["enum"]?.arrayValue ?? []
    defaultValue = value["default"]
    readLimits(value)
    readExtensions(value)
  }

  private mutating func readLimits(_ value: JSONValue) {
    format = value["format"]?.stringValue
    pattern = value["pattern"]?.stringValue
    minimum = value["minimum"]?.doubleValue
    maximum = value["maximum"]?.doubleValue
    isMinimumExclusive = value["exclusiveMinimum"]?.boolValue ?? false
    isMaximumExclusive = value["exclusiveMaximum"]?.boolValue ?? false
    minimumLength = value["minLength"]?.intValue
    maximumLength = value["maxLength"]?.intValue
    minimumItems = value["minItems"]?.intValue
    maximumItems = value["maxItems"]?.intValue
    minimumProperties = value["minProperties"]?.intValue
    maximumProperties = value["maxProperties"]?.intValue
  }

  private mutating func readExtensions(_ value: JSONValue) {
    keepsUnknownFields = value["x-kubernetes-preserve-unknown-fields"]?.boolValue ?? false
    isEmbeddedResource = value["x-kubernetes-embedded-resource"]?.boolValue ?? false
    isIntegerOrString = value["x-kubernetes-int-or-string"]?.boolValue ?? false
    isAtomic = value["x-kubernetes-map-type"]?.stringValue == "atomic"
    switch value["x-kubernetes-list-type"]?.stringValue {
    case "set": listType = .set
    case "map":
      listType = .map(
        keys: value["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    default: listType = .atomic
    }
  }
}
