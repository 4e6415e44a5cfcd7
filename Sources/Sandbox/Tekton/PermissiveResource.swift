// Resources of which only the names are known.

import JSON

extension ResourceDefinition {
  /// A custom resource whose objects may have any fields. All its versions look alike.
  static func permissive(
    _ group: String, _ names: ResourceNames, _ scope: ResourceScope = .namespaced,
    versions: [String], columns: [PrinterColumn] = [.customAge], hasStatus: Bool = false
  ) -> ResourceDefinition {
    var schema = ObjectSchema(type: .object)
    schema.keepsUnknownFields = true
    let convert: ObjectConversion = { (object, _, target) throws(AdmissionDenial) in
      var object = object
      object["apiVersion"] = .string("\(group)/\(target)")
      return object
    }
    var resource = ResourceDefinition(
      group: group, names: names, scope: scope,
      versions: versions.map {
        ResourceVersion(name: $0, schema: schema, columns: columns, hasStatus: hasStatus)
      },
      storageVersion: versions.first ?? "v1", convert: versions.count > 1 ? convert : nil)
    resource.isReplaceable = true
    return resource
  }

  /// Hookline's own kind, as long as no CustomResourceDefinition says more about it.
  static let hook = permissive(
    "hookline.dev", ResourceNames(plural: "hooks", kind: "Hook"), versions: ["v1alpha1"],
    hasStatus: true)
}

extension PrinterColumn {
  /// A column as a CustomResourceDefinition declares it.
  static func path(_ name: String, _ path: String, type: String = "string") -> PrinterColumn {
    PrinterColumn(
      name: name, type: type,
      description: "Custom resource definition column (in JSONPath format): \(path)",
      cell: .path(path))
  }
}
