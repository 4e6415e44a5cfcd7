// CustomResourceDefinitions: objects that add resources.
//
// Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions.

import JSON

/// What is particular to CustomResourceDefinitions.
enum CustomResourceRules {
  @Sendable static func apply(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    definition.admission.mutate = { (request) throws(AdmissionDenial) in
      AdmissionAnswer(object: prepared(request))
    }
    definition.admission.validate = { validate($0) }
    return definition
  }

  // MARK: On the way in

  /// Fills in names, and the conditions that controllers would set a moment later.
  private static func prepared(_ request: AdmissionRequest) -> JSONValue {
    var object = request.object
    guard request.subresource.isEmpty else { return object }
    let kind = object[["spec", "names", "kind"]]?.stringValue ?? ""
    for (key, value) in [("singular", kind.lowercased()), ("listKind", "\(kind)List")]
    where (object[["spec", "names", key]]?.stringValue ?? "").isEmpty && !kind.isEmpty {
      object[["spec", "names", key]] = .string(value)
    }
    if object[["spec", "conversion"]] == nil {
      object[["spec", "conversion"]] = ["strategy": "None"]
    }
    if let old = request.oldObject {
      object["status"] = old["status"]
    } else {
      object["status"] = status(of: object)
    }
    return object
  }

  private static func status(of object: JSONValue) -> JSONValue {
    let storage = versions(of: object).filter { $0["storage"]?.boolValue == true }
    return [
      "acceptedNames": object[["spec", "names"]] ?? [:],
      "conditions": [
        [
          "type": "NamesAccepted", "status": "True", "reason": "NoConflicts",
          "message": "no conflicts found",
        ],
        [
          "type": "Established", "status": "True", "reason": "InitialNamesAccepted",
          "message": "the initial names have been accepted",
        ],
      ],
      "storedVersions": .array(storage.compactMap { $0["name"] }),
    ]
  }

  private static func versions(of object: JSONValue) -> [JSONValue] {
    object[["spec", "versions"]]?.arrayValue ?? []
  }

  private static func validate(_ request: AdmissionRequest) -> [FieldError] {
    let object = request.object
    func text(_ path: String...) -> String { object[["spec"] + path]?.stringValue ?? "" }
    var mistakes: [FieldError] = []
    for path in [["group"], ["scope"], ["names", "plural"], ["names", "kind"]]
    where (object[["spec"] + path]?.stringValue ?? "").isEmpty {
      mistakes.append(.required("spec.\(path.joined(separator: "."))"))
    }
    let expected = "\(text("names", "plural")).\(text("group"))"
    if object.name != expected {
      mistakes.append(
        .invalid(
          "metadata.name", .string(object.name),
          "must be spec.names.plural+\".\"+spec.group"))
    }
    if !["Namespaced", "Cluster", ""].contains(text("scope")) {
      mistakes.append(
        .notSupported("spec.scope", .string(text("scope")), supported: ["Cluster", "Namespaced"]))
    }
    let versions = versions(of: object)
    let storageCount = versions.filter { $0["storage"]?.boolValue == true }.count
    if storageCount != 1 {
      mistakes.append(
        .invalid(
          "spec.versions", .array(versions),
          "must have exactly one version marked as storage version"))
    }
    for (index, version) in versions.enumerated()
    where version[["schema", "openAPIV3Schema"]] == nil {
      mistakes.append(
        .required(
          "spec.versions[\(index)].schema.openAPIV3Schema", "schemas are required"))
    }
    return mistakes
  }

  // MARK: The resource that it defines

  /// The resource that a definition makes; `nil` while it serves no version.
  static func resource(of object: JSONValue) -> ResourceDefinition? {
    let spec = object["spec"]
    func text(_ path: String...) -> String { spec?[path]?.stringValue ?? "" }
    func list(_ key: String) -> [String] {
      spec?[["names", key]]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
    let versions = versions(of: object).filter { $0["served"]?.boolValue == true }
    guard let first = versions.first?["name"]?.stringValue else { return nil }
    let storage = Self.versions(of: object).first { $0["storage"]?.boolValue == true }
    var resource = ResourceDefinition(
      group: text("group"),
      names: ResourceNames(
        plural: text("names", "plural"), singular: text("names", "singular"),
        kind: text("names", "kind"), listKind: text("names", "listKind"),
        shortNames: list("shortNames"), categories: list("categories")),
      scope: text("scope") == "Cluster" ? .cluster : .namespaced,
      versions: versions.map(version), storageVersion: storage?["name"]?.stringValue ?? first)
    resource.isReplaceable = true
    return resource
  }

  private static func version(_ version: JSONValue) -> ResourceVersion {
    let schema = version[["schema", "openAPIV3Schema"]].map { ObjectSchema(openAPI: $0) }
    let columns = version["additionalPrinterColumns"]?.arrayValue ?? []
    return ResourceVersion(
      name: version["name"]?.stringValue ?? "", schema: schema ?? .anything,
      columns: columns.isEmpty ? [.customAge] : columns.map(column),
      hasStatus: version[["subresources", "status"]] != nil,
      selectableFields: (version["selectableFields"]?.arrayValue ?? []).compactMap {
        $0["jsonPath"]?.stringValue.map { String($0.drop { $0 == "." }) }
      })
  }

  private static func column(_ column: JSONValue) -> PrinterColumn {
    func text(_ key: String) -> String { column[key]?.stringValue ?? "" }
    let path = text("jsonPath")
    return PrinterColumn(
      name: text("name"), type: text("type"), format: text("format"),
      description: text("description").isEmpty
        ? "Custom resource definition column (in JSONPath format): \(path)" : text("description"),
      priority: column["priority"]?.intValue ?? 0, cell: .path(path))
  }
}
