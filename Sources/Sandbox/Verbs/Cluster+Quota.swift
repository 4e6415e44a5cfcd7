// Resource quotas, as far as they count objects.
//
// Source: k8s.io/apiserver/pkg/admission/plugin/resourcequota.

import JSON

extension Cluster {
  /// Refuses an object that would exceed a quota of its namespace, and counts one that does not.
  ///
  /// Only quotas whose status states limit and usage count; controllers fill that in.
  mutating func charge(
    _ object: JSONValue, _ context: RequestContext, _ options: WriteOptions
  ) throws(StatusError) {
    guard !context.namespace.isEmpty else { return }
    let key = Self.quotaKey(context.definition)
    for quota in store.objects(of: "resourcequotas", namespace: context.namespace) {
      guard let hard = Self.count(quota, "hard", key), let used = Self.count(quota, "used", key)
      else { continue }
      guard used < hard else {
        throw .forbidden(
          context.definition, name: object.name,
          "exceeded quota: \(quota.name), requested: \(key)=1, used: \(key)=\(used), "
            + "limited: \(key)=\(hard)")
      }
      if options.isDryRun { continue }
      var counted = quota
      counted[["status", "used", key]] = .string(String(used &+ 1))
      _ = store.put(self.key(of: quota, in: "resourcequotas"), counted)
    }
  }

  /// Fills in the status of quotas as the quota controller does.
  mutating func countQuotas() {
    for quota in store.objects(of: "resourcequotas") {
      let hard = quota[["spec", "hard"]] ?? [:]
      var used = JSONObject()
      for definition in catalogue.definitions where definition.scope == .namespaced {
        let key = Self.quotaKey(definition)
        guard hard[key] != nil else { continue }
        let objects = store.objects(of: definition.storageName, namespace: quota.namespace)
        used[key] = .string(String(objects.count))
      }
      var counted = quota
      counted["status"] = ["hard": hard, "used": .object(used)]
      if counted != quota {
        _ = store.put(key(of: quota, in: "resourcequotas"), counted)
      }
    }
  }

  /// `count/pipelineruns.tekton.dev`.
  private static func quotaKey(_ definition: ResourceDefinition) -> String {
    "count/\(definition.qualifiedPlural)"
  }

  private static func count(_ quota: JSONValue, _ part: String, _ key: String) -> Int? {
    switch quota[["status", part, key]] {
    case .string(let text)?: Int(text)
    case .number(let number)?: number.int
    default: nil
    }
  }
}
