// What `kubectl get` shows of the built-in types that deployments are made of.
//
// Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.

import JSON

/// Columns, and the few rules, of Services, Pods, claims, Deployments and policies.
enum WorkloadColumns {
  private static func column(
    _ name: String, type: String = "string", _ path: [String], default text: JSONValue = ""
  ) -> PrinterColumn {
    PrinterColumn(name: name, type: type, cell: .computed { object, _ in object[path] ?? text })
  }

  private static func count(_ object: JSONValue, _ path: [String]) -> Int {
    object[path]?.intValue ?? 0
  }

  private static func withColumns(
    _ definition: ResourceDefinition, _ columns: [PrinterColumn]
  ) -> ResourceDefinition {
    var definition = definition
    definition.versions = definition.versions.map { version in
      var version = version
      version.columns = columns
      return version
    }
    return definition
  }

  @Sendable static func applyToServices(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = withColumns(
      definition,
      [
        column("Type", ["spec", "type"], default: "ClusterIP"),
        column("Cluster-IP", ["spec", "clusterIP"], default: "<none>"),
        PrinterColumn(
          name: "External-IP",
          cell: .computed { object, _ in object[["spec", "externalName"]] ?? "<none>" }),
        PrinterColumn(name: "Port(s)", cell: .computed { object, _ in ports(object) }), .age,
      ])
    definition.traits.nameRule = .label1035
    return definition
  }

  private static func ports(_ object: JSONValue) -> JSONValue {
    let ports = (object[["spec", "ports"]]?.arrayValue ?? []).map { port in
      "\(port["port"]?.intValue ?? 0)/\(port["protocol"]?.stringValue ?? "TCP")"
    }
    return .string(ports.isEmpty ? "<none>" : ports.joined(separator: ","))
  }

  @Sendable static func applyToPods(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = withColumns(
      definition,
      [
        PrinterColumn(
          name: "Ready",
          cell: .computed { object, _ in
            let statuses = object[["status", "containerStatuses"]]?.arrayValue ?? []
            let ready = statuses.filter { $0["ready"]?.boolValue == true }.count
            let total = object[["spec", "containers"]]?.arrayValue?.count ?? 0
            return .string("\(ready)/\(total)")
          }),
        column("Status", ["status", "phase"], default: "Pending"), .age,
      ])
    definition.versions = definition.versions.map { version in
      var version = version
      version.selectableFields = ["spec.nodeName", "spec.serviceAccountName", "status.phase"]
      return version
    }
    return definition
  }

  @Sendable static func applyToClaims(_ definition: ResourceDefinition) -> ResourceDefinition {
    withColumns(
      definition,
      [
        column("Status", ["status", "phase"], default: "Pending"),
        column("Volume", ["spec", "volumeName"]),
        column("Capacity", ["status", "capacity", "storage"]),
        PrinterColumn(
          name: "Access Modes",
          cell: .computed { object, _ in
            let modes = object[["status", "accessModes"]]?.arrayValue ?? []
            return .string(modes.compactMap(\.stringValue).joined(separator: ","))
          }),
        column("StorageClass", ["spec", "storageClassName"]), .age,
      ])
  }

  @Sendable static func applyToDeployments(_ definition: ResourceDefinition) -> ResourceDefinition {
    withColumns(
      definition,
      [
        PrinterColumn(
          name: "Ready",
          cell: .computed { object, _ in
            let wanted = object[["spec", "replicas"]]?.intValue ?? 1
            return .string("\(count(object, ["status", "readyReplicas"]))/\(wanted)")
          }),
        column("Up-to-date", type: "string", ["status", "updatedReplicas"], default: 0),
        column("Available", type: "string", ["status", "availableReplicas"], default: 0), .age,
      ])
  }

  @Sendable static func applyToNetworkPolicies(
    _ definition: ResourceDefinition
  ) -> ResourceDefinition {
    withColumns(
      definition,
      [
        PrinterColumn(
          name: "Pod-Selector",
          cell: .computed { object, _ in
            let labels = object[["spec", "podSelector", "matchLabels"]]?.objectValue ?? [:]
            let pairs = labels.map { "\($0.key)=\($0.value.stringValue ?? "")" }.sorted()
            return .string(pairs.isEmpty ? "<none>" : pairs.joined(separator: ","))
          }), .age,
      ])
  }

  @Sendable static func applyToDisruptionBudgets(
    _ definition: ResourceDefinition
  ) -> ResourceDefinition {
    func limit(_ key: String) -> @Sendable (JSONValue, Int64) -> JSONValue {
      { object, _ in
        switch object[["spec", key]] {
        case .number(let number)?: .string(number.text)
        case .string(let text)?: .string(text)
        default: "N/A"
        }
      }
    }
    return withColumns(
      definition,
      [
        PrinterColumn(name: "Min Available", cell: .computed(limit("minAvailable"))),
        PrinterColumn(name: "Max Unavailable", cell: .computed(limit("maxUnavailable"))),
        column(
          "Allowed Disruptions", type: "integer", ["status", "disruptionsAllowed"], default: 0),
        .age,
      ])
  }
}
