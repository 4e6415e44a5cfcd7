// What follows from a write: new resources, and what a real cluster's controllers would do.

import JSON

extension Cluster {
  /// Takes note of an object that was stored.
  mutating func didStore(_ object: JSONValue, _ context: RequestContext) {
    guard context.definition.storageName == Self.definitionsName else { return }
    serveResource(of: object)
  }

  /// Takes note of an object that is gone.
  mutating func didRemove(_ object: JSONValue, _ definition: ResourceDefinition) {
    guard definition.storageName == Self.definitionsName,
      let resource = CustomResourceRules.resource(of: object),
      catalogue.definition(group: resource.group, plural: resource.names.plural)?.isReplaceable
        == true
    else { return }
    for object in store.objects(of: resource.storageName) {
      _ = store.remove(key(of: object, in: resource.storageName))
    }
    catalogue.remove(group: resource.group, plural: resource.names.plural)
  }

  static let definitionsName = "customresourcedefinitions.apiextensions.k8s.io"

  private mutating func serveResource(of object: JSONValue) {
    guard let resource = CustomResourceRules.resource(of: object) else { return }
    let known = catalogue.definition(group: resource.group, plural: resource.names.plural)
    if known?.isReplaceable != false { catalogue.add(resource) }
  }

  /// Serves the resources of all stored definitions again, after a start from disk.
  mutating func serveStoredDefinitions() {
    for object in store.objects(of: Self.definitionsName) { serveResource(of: object) }
  }

  func key(of object: JSONValue, in resource: String) -> ObjectKey {
    ObjectKey(resource: resource, namespace: object.namespace, name: object.name)
  }

  // MARK: Controllers

  /// How long a namespace, or an object that is deleted in the foreground, stays after its
  /// deletion. Long enough to be seen, short enough not to be waited for.
  static let finalizationDelay: Int64 = 2

  /// Does what controllers would have done by now. Gives whether anything changed.
  mutating func runControllers() -> Bool {
    let before = store.version
    let now = environment.now()
    countQuotas()
    for namespace in store.objects(of: "namespaces") where isDue(namespace, now) {
      finish(namespace: namespace.name)
    }
    for name in Set(catalogue.definitions.map(\.storageName)) {
      for object in store.objects(of: name) where isDue(object, now) {
        releaseCollector(object, name)
      }
    }
    return store.version != before
  }

  private func isDue(_ object: JSONValue, _ now: Timestamp) -> Bool {
    guard let text = object.metadata["deletionTimestamp"]?.stringValue else { return false }
    do throws(GoTimeError) {
      return try parseGoTime(text, .seconds).adding(seconds: Self.finalizationDelay) <= now
    } catch {
      return false
    }
  }

  private mutating func finish(namespace: String) {
    for definition in catalogue.definitions where definition.scope == .namespaced {
      for object in store.objects(of: definition.storageName, namespace: namespace) {
        _ = store.remove(key(of: object, in: definition.storageName))
      }
    }
    _ = store.remove(ObjectKey(resource: "namespaces", namespace: "", name: namespace))
  }

  /// Takes away the finalizers that belong to the garbage collector.
  private mutating func releaseCollector(_ object: JSONValue, _ resource: String) {
    let left = object.finalizers.filter { $0 != "foregroundDeletion" && $0 != "orphan" }
    guard left.count != object.finalizers.count else { return }
    let key = key(of: object, in: resource)
    if left.isEmpty {
      _ = store.remove(key)
    } else {
      var object = object
      object.setMetadata("finalizers", .array(left.map { .string($0) }))
      _ = store.put(key, object)
    }
  }
}
