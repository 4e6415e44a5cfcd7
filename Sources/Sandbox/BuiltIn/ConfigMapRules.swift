// ConfigMaps.
//
// Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateConfigMap.

import Bytes
import JSON

/// What is particular to ConfigMaps.
enum ConfigMapRules {
  @Sendable static func apply(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    definition.setType(
      BuiltInResources.structure(
        "ConfigMap",
        [
          GoField("immutable", .bool, .whenGiven), GoField("data", .map(.string)),
          GoField("binaryData", .map(.bytes)),
        ]), columns: columns)
    definition.admission.validate = { validate($0) }
    return definition
  }

  private static func validate(_ request: AdmissionRequest) -> [FieldError] {
    let data = request.object["data"]?.objectValue ?? JSONObject()
    let binary = request.object["binaryData"]?.objectValue ?? JSONObject()
    var mistakes: [FieldError] = []
    var byteCount = 0
    for member in data.sorted(by: { $0.key < $1.key }) {
      let field = "data[\(member.key)]"
      mistakes += NameRules.configKey(member.key).map { .invalid(field, .string(member.key), $0) }
      if binary[member.key] != nil {
        mistakes.append(
          .invalid(field, .string(member.key), "duplicate of key present in binaryData"))
      }
      byteCount += member.value.stringValue?.utf8.count ?? 0
    }
    for member in binary.sorted(by: { $0.key < $1.key }) {
      let field = "binaryData[\(member.key)]"
      mistakes += NameRules.configKey(member.key).map { .invalid(field, .string(member.key), $0) }
      byteCount += Base64.decode(member.value.stringValue ?? "")?.count ?? 0
    }
    if byteCount > SecretRules.byteLimit {
      mistakes.append(.tooLong("", byteLimit: SecretRules.byteLimit))
    }
    guard let old = request.oldObject else { return mistakes }
    return mistakes
      + ImmutableData.mistakes(request.object, old, fields: ["data", "binaryData"])
  }

  private static let columns: [PrinterColumn] = [
    PrinterColumn(
      name: "Data",
      description: "Data contains the configuration data. Each key must consist of alphanumeric "
        + "characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the "
        + "BinaryData field. The keys stored in Data must not overlap with the keys in the "
        + "BinaryData field, this is enforced during validation process.",
      cell: .computed { object, _ in
        .int(
          (object["data"]?.objectValue?.count ?? 0)
            + (object["binaryData"]?.objectValue?.count ?? 0))
      }), .age,
  ]
}
