// delete and deletecollection.
//
// Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go and pkg/registry/rest/delete.go.

import HTTPWire
import JSON

extension Cluster {
  mutating func delete(_ context: inout RequestContext) throws(StatusError) -> APIResponse {
    let name = context.path.name
    let representation = try context.representation()
    if !context.request.body.isEmpty { _ = try BodyEncoding(context.request.fields) }
    let options = try DeleteOptions(context)
    let key = context.key(name)
    guard let stored = store.object(key) else {
      throw .notFound(context.definition, name: name)
    }
    switch try delete(stored, &context, options) {
    case .gone(let last):
      if context.definition.traits.returnsDeletedObject {
        return try context.answer(try context.visible(last), representation)
      }
      let status = StatusError.success(context.definition, name: name, uid: last.uid)
      return .value(status, encoding: representation.encoding)
    case .waiting(let object):
      return try context.answer(try context.visible(object), representation)
    }
  }

  /// What became of an object.
  enum Deletion {
    case gone(JSONValue)
    /// Something has to happen before it goes.
    case waiting(JSONValue)
  }

  private mutating func delete(
    _ stored: JSONValue, _ context: inout RequestContext, _ options: DeleteOptions
  ) throws(StatusError) -> Deletion {
    try checkPreconditions(stored, context, options)
    try reviewDeletion(stored, &context, options)
    let key = context.key(stored.name)
    var object = stored
    setPropagationFinalizers(&object, options)
    if mustWait(object, context) {
      markDeleted(&object, context)
      if object == stored || options.isDryRun { return .waiting(object) }
      let result = store.put(key, object)
      didStore(result, context)
      return .waiting(result)
    }
    if options.isDryRun { return .gone(stored) }
    guard let last = store.remove(key) else {
      throw .notFound(context.definition, name: stored.name)
    }
    didRemove(stored, context.definition)
    return .gone(last)
  }

  private func checkPreconditions(
    _ stored: JSONValue, _ context: RequestContext, _ options: DeleteOptions
  ) throws(StatusError) {
    if let uid = options.uid, uid != stored.uid {
      throw .preconditionFailed(
        context.definition, name: stored.name,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(stored.uid)). "
          + "The object might have been deleted and then recreated")
    }
    if let version = options.resourceVersion, version != stored.resourceVersion {
      throw .preconditionFailed(
        context.definition, name: stored.name,
        "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion "
          + "in record (\(stored.resourceVersion)). The object might have been modified")
    }
  }

  private func reviewDeletion(
    _ stored: JSONValue, _ context: inout RequestContext, _ options: DeleteOptions
  ) throws(StatusError) {
    let object = try context.visible(stored)
    if context.definition.storageName == "namespaces",
      Self.protectedNamespaces.contains(object.name)
    {
      throw .forbidden(
        context.definition, name: object.name, "this namespace may not be deleted")
    }
    let request = AdmissionRequest(
      operation: .delete, group: context.definition.group, version: context.version.name,
      resource: context.definition.names.plural, kind: context.definition.names.kind,
      namespace: context.namespace, name: object.name, object: object, oldObject: object,
      isDryRun: options.isDryRun, user: context.identity.name)
    do throws(AdmissionDenial) {
      context.warnings += try context.definition.admission.review(request)
    } catch {
      throw StatusError(error)
    }
  }

  static let protectedNamespaces = ["default", "kube-system", "kube-public"]

  private func setPropagationFinalizers(_ object: inout JSONValue, _ options: DeleteOptions) {
    let added: String?
    switch options.propagationPolicy {
    case "Foreground": added = "foregroundDeletion"
    case "Orphan": added = "orphan"
    case nil where options.orphanDependents == true: added = "orphan"
    default: added = nil
    }
    guard options.propagationPolicy != nil || options.orphanDependents != nil else { return }
    var finalizers = object.finalizers.filter { $0 != "foregroundDeletion" && $0 != "orphan" }
    if let added { finalizers.append(added) }
    if finalizers.isEmpty {
      object.setMetadata("finalizers", nil)
    } else {
      object.setMetadata("finalizers", .array(finalizers.map { .string($0) }))
    }
  }

  private func mustWait(_ object: JSONValue, _ context: RequestContext) -> Bool {
    let specFinalizers =
      context.definition.storageName == "namespaces"
      ? object[["spec", "finalizers"]]?.arrayValue ?? [] : []
    return !object.finalizers.isEmpty || !specFinalizers.isEmpty
  }

  private func markDeleted(_ object: inout JSONValue, _ context: RequestContext) {
    guard !object.isBeingDeleted else { return }
    object.setMetadata("deletionTimestamp", .string(context.now.text))
    if context.definition.storageName == "namespaces" {
      object[["status", "phase"]] = "Terminating"
      return
    }
    object.setMetadata("deletionGracePeriodSeconds", 0)
    if object.generation > 0 {
      object.setMetadata("generation", .int(object.generation &+ 1))
    }
  }

  // MARK: deletecollection

  mutating func deleteCollection(
    _ context: inout RequestContext
  ) throws(StatusError) -> APIResponse {
    let representation = try context.representation()
    if !context.request.body.isEmpty { _ = try BodyEncoding(context.request.fields) }
    let listed = try listOptions(context)
    let options = try DeleteOptions(context)
    let page = try self.page(context, listed)
    for object in page.objects {
      guard let stored = store.object(context.key(object.name)) else { continue }
      _ = try delete(stored, &context, options)
    }
    return try context.answer(list: page.objects, metadata: page.metadata, representation)
  }
}
