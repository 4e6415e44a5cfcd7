// update, and what updates and patches have in common.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/update.go, pkg/registry/rest/update.go and
// pkg/registry/generic/registry/store.go.

import HTTPWire
import JSON

extension Cluster {
  mutating func update(_ context: inout RequestContext) throws(StatusError) -> APIResponse {
    let name = context.path.name
    guard !name.isEmpty else { throw .badRequest("name must be provided") }
    let representation = try context.representation()
    _ = try BodyEncoding(context.request.fields)
    let options = try WriteOptions(context.query, .update)
    var object = try decodedBody(&context, options)
    try checkNamespace(of: &object, context)
    try checkName(of: object, name)
    guard store.object(context.key(name)) != nil else {
      guard context.definition.traits.allowsCreateOnUpdate, context.path.subresource.isEmpty else {
        throw .notFound(context.definition, name: name)
      }
      object.setMetadata("resourceVersion", nil)
      let created = try create(object, &context, options)
      return try context.answer(created, status: .created, representation)
    }
    let given = object
    let changed = try change(name, &context, options, expectedUID: object.uid) {
      (_, _) throws(StatusError) in given
    }
    return try context.answer(changed, representation)
  }

  /// The object's name is that of the URL.
  func checkName(of object: JSONValue, _ name: String) throws(StatusError) {
    if object.name.isEmpty {
      throw .badRequest(
        "the name of the object (\(name) based on URL) was undeterminable: name must be provided")
    }
    if object.name != name {
      throw .badRequest(
        "the name of the object (\(object.name)) does not match the name on the URL (\(name))")
    }
  }

  /// Changes a stored object.
  ///
  /// `transform` makes the new object from the old one, both in the version of the request.
  mutating func change(
    _ name: String, _ context: inout RequestContext, _ options: WriteOptions,
    expectedUID: String = "", bookkeeping: Bookkeeping = .ofChanges,
    _ transform: (JSONValue, inout RequestContext) throws(StatusError) -> JSONValue
  ) throws(StatusError) -> JSONValue {
    let key = context.key(name)
    guard let stored = store.object(key) else {
      throw .notFound(context.definition, name: name)
    }
    let old = try context.visible(stored)
    try checkUID(expectedUID, old, context)
    var object = try transform(old, &context)
    if bookkeeping == .ofChanges { recordChange(&object, old, context, options) }
    object = try admitted(object, replacing: old, &context, options)
    try checkVersion(&object, old, context)
    prepareForChange(&object, old, context)
    try validate(changed: object, replacing: old, context, options)
    try reviewed(object, replacing: old, &context, options)
    context.warnings += newFinalizerWarnings(object, old)
    if object == old { return old }
    if options.isDryRun { return object }
    if Self.isEmptied(object) {
      _ = store.remove(key)
      didRemove(stored, context.definition)
      return object
    }
    return try context.visible(try put(object, at: key, context))
  }

  /// Who keeps `managedFields`.
  enum Bookkeeping {
    /// The writer owns what changed.
    case ofChanges
    /// The transformation has kept them itself.
    case done
  }

  /// Whether an object that is being deleted has nothing left to wait for.
  static func isEmptied(_ object: JSONValue) -> Bool {
    object.isBeingDeleted && object.finalizers.isEmpty
      && (object[["spec", "finalizers"]]?.arrayValue ?? []).isEmpty
  }

  private func newFinalizerWarnings(_ object: JSONValue, _ old: JSONValue) -> [String] {
    let known = MetadataValidation.finalizerWarnings(for: old)
    return MetadataValidation.finalizerWarnings(for: object).filter { !known.contains($0) }
  }

  // MARK: Preconditions

  private func checkUID(
    _ expected: String, _ old: JSONValue, _ context: RequestContext
  ) throws(StatusError) {
    guard !expected.isEmpty, expected != old.uid else { return }
    let definition = context.definition
    let group = definition.origin == .custom ? "/\(definition.group)" : ""
    let path = context.key(old.name).path
    throw .conflict(
      definition, name: old.name,
      "StorageError: invalid object, Code: 4, Key: /registry\(group)/\(definition.names.plural)/"
        + "\(path), ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
        + "precondition: \(expected), UID in object meta: \(old.uid)")
  }

  private func checkVersion(
    _ object: inout JSONValue, _ old: JSONValue, _ context: RequestContext
  ) throws(StatusError) {
    let claimed: UInt64
    switch parseResourceVersion(object.resourceVersion) {
    case .failure(let error): throw .unclassified(error.goMessage)
    case .success(let version): claimed = version
    }
    if claimed == 0 {
      guard !context.definition.traits.requiresVersionOnUpdate else {
        throw .invalid(
          group: context.definition.group, kind: context.definition.names.plural, name: old.name,
          [
            .invalid("metadata.resourceVersion", 0, "must be specified for an update")
          ])
      }
      object.setMetadata("resourceVersion", .string(old.resourceVersion))
    } else if String(claimed) != old.resourceVersion {
      throw .modifiedMeanwhile(context.definition, name: old.name)
    }
  }

  // MARK: Preparation

  /// Puts back what a write may not touch.
  private func prepareForChange(
    _ object: inout JSONValue, _ old: JSONValue, _ context: RequestContext
  ) {
    if context.path.subresource == "status" {
      let version = object.metadata["resourceVersion"]
      let managedFields = object.metadata["managedFields"]
      let status = object["status"]
      object = old
      object["status"] = status
      object.setMetadata("managedFields", managedFields)
      object.setMetadata("resourceVersion", version)
      return
    }
    if context.version.hasStatus { object["status"] = old["status"] }
    var metadata = object.metadata
    if object.uid.isEmpty { metadata["uid"] = old.metadata["uid"] }
    metadata["creationTimestamp"] = old.metadata["creationTimestamp"]
    metadata["generation"] = old.metadata["generation"]
    metadata["selfLink"] = nil
    if old.isBeingDeleted {
      for key in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
        metadata[key] = old.metadata[key]
      }
    }
    object.metadata = metadata
    if context.definition.traits.countsGenerations, Self.content(object) != Self.content(old) {
      object.setMetadata("generation", .int(old.generation &+ 1))
    }
  }

  /// What generations count.
  private static func content(_ object: JSONValue) -> JSONValue {
    var content = object
    content["metadata"] = nil
    content["status"] = nil
    return content
  }

  private func recordChange(
    _ object: inout JSONValue, _ old: JSONValue, _ context: RequestContext,
    _ options: WriteOptions
  ) {
    let given = object.metadata["managedFields"]?.arrayValue
    let isReset = given?.count == 1 && given?.first == [:]
    let before = ManagedFields(of: old)
    guard object.kindName == context.definition.names.kind,
      object.apiVersionName == context.apiVersion, !isReset, !before.entries.isEmpty
    else {
      object.setMetadata("managedFields", nil)
      return
    }
    var managed = ManagedFields(of: object)
    if managed.entries.isEmpty { managed = before }
    managed.record(
      FieldComparison(
        trackable(old, context), trackable(object, context), Self.bookkeepingSchema(context)),
      by: context.writer(options), at: context.now)
    object.setMetadata("managedFields", managed.value)
  }

  /// The part of an object that a write to this path can change.
  private func trackable(_ object: JSONValue, _ context: RequestContext) -> JSONValue {
    var object = ManagedFields.stripped(object)
    if context.path.subresource == "status" {
      return object["status"].map { ["status": $0] } ?? [:]
    }
    if context.version.hasStatus { object["status"] = nil }
    return object
  }

  // MARK: Validation

  private func validate(
    changed object: JSONValue, replacing old: JSONValue, _ context: RequestContext,
    _ options: WriteOptions
  ) throws(StatusError) {
    let definition = context.definition
    var mistakes = MetadataValidation.mistakes(in: object, replacing: old)
    if definition.origin == .custom {
      if let mistake = typeMistake(object, context) {
        mistakes.append(mistake)
        throw context.invalid(object, mistakes)
      }
      // A real server looks at the metadata of custom resources three times.
      mistakes += MetadataValidation.mistakes(
        in: object, scope: definition.scope, nameRule: definition.traits.nameRule.check)
      mistakes += MetadataValidation.mistakes(in: object, replacing: old)
      mistakes += schemaMistakes(object, context)
    }
    mistakes += definition.admission.validate(
      admissionRequest(object, replacing: old, context, options))
    if !mistakes.isEmpty { throw context.invalid(object, mistakes) }
  }

  /// What an object breaks of its schema; of a status that is written alone, only the status.
  private func schemaMistakes(_ object: JSONValue, _ context: RequestContext) -> [FieldError] {
    let schema = context.version.schema
    guard context.path.subresource == "status" else { return schema.violations(of: object, at: "") }
    let status = schema.properties["status"] ?? .anything
    return object["status"].map { status.violations(of: $0, at: "status") } ?? []
  }
}
