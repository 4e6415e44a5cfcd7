// Secrets.
//
// Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateSecret; the registry's strategy.

import Bytes
import JSON

/// What is particular to Secrets.
enum SecretRules {
  /// All values of one Secret together.
  static let byteLimit = 1024 * 1024

  @Sendable static func apply(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    definition.setType(
      BuiltInResources.structure(
        "Secret",
        [
          GoField("immutable", .bool, .whenGiven), GoField("data", .map(.bytes)),
          GoField("stringData", .map(.string)), GoField("type", .named("v1.SecretType")),
        ]),
      columns: columns, selectableFields: ["type"], defaults: { defaulted($0) })
    definition.admission.validate = { validate($0) }
    return definition
  }

  /// Writes `stringData` into `data`, and fills in the type.
  private static func defaulted(_ object: JSONValue) -> JSONValue {
    var object = object
    if let texts = object["stringData"]?.objectValue {
      var data = object["data"]?.objectValue ?? JSONObject()
      for member in texts {
        data[member.key] = .string(Base64.encode(Array((member.value.stringValue ?? "").utf8)))
      }
      object["stringData"] = nil
      object["data"] = .object(
        JSONObject(data.sorted { precedes($0.key, $1.key) }.map { ($0.key, $0.value) }))
    }
    if (object["type"]?.stringValue ?? "").isEmpty { object["type"] = "Opaque" }
    return object
  }

  private static func validate(_ request: AdmissionRequest) -> [FieldError] {
    let data = request.object["data"]?.objectValue ?? JSONObject()
    var mistakes: [FieldError] = []
    var byteCount = 0
    for member in data.sorted(by: { $0.key < $1.key }) {
      mistakes += NameRules.configKey(member.key).map {
        .invalid("data[\(member.key)]", .string(member.key), $0)
      }
      byteCount += Base64.decode(member.value.stringValue ?? "")?.count ?? 0
    }
    if byteCount > byteLimit { mistakes.append(.tooLong("data", byteLimit: byteLimit)) }
    mistakes += typeMistakes(request.object, data)
    if let old = request.oldObject { mistakes += changeMistakes(request.object, old) }
    return mistakes
  }

  private static func typeMistakes(_ object: JSONValue, _ data: JSONObject) -> [FieldError] {
    func required(_ keys: String...) -> [FieldError] {
      keys.filter { data[$0] == nil }.map { .required("data[\($0)]") }
    }
    switch object["type"]?.stringValue {
    case "kubernetes.io/tls": return required("tls.crt", "tls.key")
    case "kubernetes.io/ssh-auth": return required("ssh-privatekey")
    case "kubernetes.io/dockercfg": return jsonMistakes(data, ".dockercfg")
    case "kubernetes.io/dockerconfigjson": return jsonMistakes(data, ".dockerconfigjson")
    case "kubernetes.io/basic-auth" where data["username"] == nil && data["password"] == nil:
      return [.required("data[username]"), .required("data[password]")]
    case "kubernetes.io/service-account-token":
      let annotation = "kubernetes.io/service-account.name"
      let name = object.metadata["annotations"]?[annotation]?.stringValue ?? ""
      return name.isEmpty ? [.required("metadata.annotations[\(annotation)]")] : []
    default: return []
    }
  }

  private static func jsonMistakes(_ data: JSONObject, _ key: String) -> [FieldError] {
    guard let text = data[key]?.stringValue, let bytes = Base64.decode(text) else {
      return [.required("data[\(key)]")]
    }
    return GoJSONScanner.fault(in: bytes).map {
      [FieldError.invalid("data[\(key)]", "<secret contents redacted>", $0)]
    } ?? []
  }

  private static func changeMistakes(_ object: JSONValue, _ old: JSONValue) -> [FieldError] {
    var mistakes: [FieldError] = []
    if object["type"] != old["type"] {
      mistakes.append(.invalid("type", object["type"] ?? "", "field is immutable"))
    }
    return mistakes + ImmutableData.mistakes(object, old, fields: ["data"])
  }

  private static let columns: [PrinterColumn] = [
    PrinterColumn(
      name: "Type",
      description: "Used to facilitate programmatic handling of secret data. More info: "
        + "https://kubernetes.io/docs/concepts/configuration/secret/#secret-types",
      cell: .computed { object, _ in object["type"] ?? "" }),
    PrinterColumn(
      name: "Data",
      description: "Data contains the secret data. Each key must consist of alphanumeric "
        + "characters, '-', '_' or '.'. The serialized form of the secret data is a base64 "
        + "encoded string, representing the arbitrary (possibly non-string) data value here. "
        + "Described in https://tools.ietf.org/html/rfc4648#section-4",
      cell: .computed { object, _ in .int(object["data"]?.objectValue?.count ?? 0) }),
    .age,
  ]
}

/// The rule for objects that were declared immutable.
enum ImmutableData {
  static func mistakes(
    _ object: JSONValue, _ old: JSONValue, fields: [String]
  ) -> [FieldError] {
    guard old["immutable"]?.boolValue == true else { return [] }
    var mistakes: [FieldError] = []
    let why = "field is immutable when `immutable` is set"
    if object["immutable"]?.boolValue != true { mistakes.append(.forbidden("immutable", why)) }
    for field in fields where object[field] != old[field] {
      mistakes.append(.forbidden(field, why))
    }
    return mistakes
  }
}
