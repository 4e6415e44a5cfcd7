// create.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/create.go, pkg/registry/rest/create.go and
// pkg/registry/generic/registry/store.go.

import HTTPWire
import JSON

extension Cluster {
  mutating func create(_ context: inout RequestContext) throws(StatusError) -> APIResponse {
    let representation = try context.representation()
    _ = try BodyEncoding(context.request.fields)
    let options = try WriteOptions(context.query, .create)
    var object = try decodedBody(&context, options)
    try checkNamespace(of: &object, context)
    let created = try create(object, &context, options)
    return try context.answer(created, status: .created, representation)
  }

  /// Reads the body and settles what happens to fields that are not known.
  func decodedBody(
    _ context: inout RequestContext, _ options: WriteOptions
  ) throws(StatusError) -> JSONValue {
    let decoder = ObjectDecoder(context: context)
    let decoded = try decoder.decode(context.request.body)
    let given = decoded.object
    switch options.fieldValidation {
    case .ignore: break
    case .warn: context.warnings += decoded.complaints
    case .strict:
      if !decoded.complaints.isEmpty {
        let list = decoded.complaints.joined(separator: ", ")
        throw decoder.cannotBeHandled(
          given.kindName, given.apiVersionName, "strict decoding error: \(list)")
      }
    }
    guard given.apiVersionName == context.apiVersion else {
      throw .badRequest(
        "the API version in the data (\(given.apiVersionName)) does not match the expected API "
          + "version (\(context.apiVersion))")
    }
    return given
  }

  /// The object lives in the namespace of the URL, or says so.
  func checkNamespace(
    of object: inout JSONValue, _ context: RequestContext
  ) throws(StatusError) {
    if !object.namespace.isEmpty, object.namespace != context.namespace {
      throw .badRequest(
        "the namespace of the provided object does not match the namespace sent on the request")
    }
    if object["metadata"] == nil { object["metadata"] = [:] }
    if context.namespace.isEmpty {
      object.setMetadata("namespace", nil)
    } else {
      object.setMetadata("namespace", .string(context.namespace))
    }
  }

  /// Stores an object that was read, and gives it back in the version of the request.
  mutating func create(
    _ given: JSONValue, _ context: inout RequestContext, _ options: WriteOptions,
    managedFields: ManagedFields? = nil
  ) throws(StatusError) -> JSONValue {
    var object = given
    if context.version.hasStatus, context.definition.origin == .custom { object["status"] = nil }
    if let managedFields {
      object.setMetadata("managedFields", managedFields.value)
    } else {
      recordCreation(&object, context, context.writer(options))
    }
    object = try admitted(object, &context, options)
    let claimedVersion = object.resourceVersion
    try prepareForCreation(&object, context)
    try validate(object, replacing: nil, context, options)
    try reviewed(object, replacing: nil, &context, options)
    context.warnings += MetadataValidation.finalizerWarnings(for: object)
    try charge(object, context, options)
    guard claimedVersion.isEmpty else {
      throw .unclassified("resourceVersion should not be set on objects to be created")
    }
    let key = context.key(object.name)
    guard store.object(key) == nil else {
      throw .alreadyExists(context.definition, name: object.name)
    }
    if options.isDryRun { return object }
    let stored = try put(object, at: key, context)
    return try context.visible(stored)
  }

  /// Stores an object of the request.
  mutating func put(
    _ object: JSONValue, at key: ObjectKey, _ context: RequestContext
  ) throws(StatusError) -> JSONValue {
    let storable = try context.storable(object)
    try StorageLimits.check(storable, requestByteCount: context.request.body.count)
    let stored = store.put(key, storable)
    didStore(stored, context)
    return stored
  }

  func recordCreation(
    _ object: inout JSONValue, _ context: RequestContext, _ writer: ManagedFields.Writer
  ) {
    object.setMetadata("managedFields", nil)
    guard object.kindName == context.definition.names.kind else { return }
    var managed = ManagedFields(of: .null)
    let comparison = FieldComparison(
      ManagedFields.stripped(Self.emptyObject(context)), ManagedFields.stripped(object),
      Self.bookkeepingSchema(context))
    managed.record(comparison, by: writer, at: context.now)
    object.setMetadata("managedFields", managed.value)
  }

  /// An object of the resource in which nothing is set.
  static func emptyObject(_ context: RequestContext) -> JSONValue {
    guard let structure = context.version.goType else { return ["metadata": [:]] }
    return GoDecoder.zero(of: .structure(structure))
  }

  /// The schema of whole objects, metadata included.
  static func bookkeepingSchema(_ context: RequestContext) -> ObjectSchema {
    var schema = context.version.goType?.schema ?? context.version.schema
    schema.properties["metadata"] = ObjectMeta.schema
    return schema
  }

  // MARK: Admission

  func admissionRequest(
    _ object: JSONValue, replacing old: JSONValue?, _ context: RequestContext,
    _ options: WriteOptions
  ) -> AdmissionRequest {
    AdmissionRequest(
      operation: old == nil ? .create : .update, group: context.definition.group,
      version: context.version.name, resource: context.definition.names.plural,
      kind: context.definition.names.kind, subresource: context.path.subresource,
      namespace: context.namespace, name: old?.name ?? object.name, object: object, oldObject: old,
      isDryRun: options.isDryRun, user: context.identity.name)
  }

  /// What stands for mutating admission: the namespace's life cycle, and the resource's own hook.
  func admitted(
    _ object: JSONValue, replacing old: JSONValue? = nil, _ context: inout RequestContext,
    _ options: WriteOptions
  ) throws(StatusError) -> JSONValue {
    if old == nil { try checkNamespaceLife(object, context) }
    do throws(AdmissionDenial) {
      let answer = try context.definition.admission.mutate(
        admissionRequest(object, replacing: old, context, options))
      context.warnings += answer.warnings
      return answer.object
    } catch {
      throw StatusError(error)
    }
  }

  private func checkNamespaceLife(
    _ object: JSONValue, _ context: RequestContext
  ) throws(StatusError) {
    let namespace = context.namespace
    guard !namespace.isEmpty, !context.definition.traits.isEphemeral else { return }
    let key = ObjectKey(resource: "namespaces", namespace: "", name: namespace)
    guard let found = store.object(key) else {
      throw .notFound(group: "", plural: "namespaces", name: namespace)
    }
    guard found.isBeingDeleted else { return }
    let name = object.name.isEmpty ? object.generateName : object.name
    var error = StatusError.forbidden(
      context.definition, name: name,
      "unable to create new content in namespace \(namespace) because it is being terminated")
    error.details?.causes = [
      StatusError.Cause(
        reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
        field: "metadata.namespace")
    ]
    throw error
  }

  /// What stands for validating admission.
  func reviewed(
    _ object: JSONValue, replacing old: JSONValue?, _ context: inout RequestContext,
    _ options: WriteOptions
  ) throws(StatusError) {
    do throws(AdmissionDenial) {
      context.warnings += try context.definition.admission.review(
        admissionRequest(object, replacing: old, context, options))
    } catch {
      throw StatusError(error)
    }
  }

  // MARK: Preparation and validation

  /// What the server fills in.
  private func prepareForCreation(
    _ object: inout JSONValue, _ context: RequestContext
  ) throws(StatusError) {
    var metadata = object.metadata
    metadata["uid"] = .string(newUID())
    metadata["creationTimestamp"] = .string(context.now.text)
    for key in ["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"] {
      metadata[key] = nil
    }
    metadata["generation"] = nil
    if context.definition.traits.countsGenerations { metadata["generation"] = 1 }
    object.metadata = metadata
    if object.name.isEmpty, !object.generateName.isEmpty {
      object.setMetadata("name", .string(generatedName(object.generateName)))
    }
  }

  /// Everything that must hold of a new object.
  func validate(
    _ object: JSONValue, replacing old: JSONValue?, _ context: RequestContext,
    _ options: WriteOptions
  ) throws(StatusError) {
    var mistakes: [FieldError] = []
    let definition = context.definition
    if definition.origin == .custom {
      if let mistake = typeMistake(object, context) { throw context.invalid(object, [mistake]) }
    }
    mistakes += MetadataValidation.mistakes(
      in: object, scope: definition.scope, nameRule: definition.traits.nameRule.check)
    if definition.origin == .custom {
      mistakes += context.version.schema.violations(of: object, at: "")
    }
    mistakes += definition.admission.validate(
      admissionRequest(object, replacing: old, context, options))
    if !mistakes.isEmpty { throw context.invalid(object, mistakes) }
  }

  /// Whether a custom object has the kind and the version of its URL.
  func typeMistake(_ object: JSONValue, _ context: RequestContext) -> FieldError? {
    let kind = context.definition.names.kind
    if object.kindName != kind {
      return .invalid("kind", .string(object.kindName), "must be \(kind)")
    }
    if object.apiVersionName != context.apiVersion {
      return .invalid(
        "apiVersion", .string(object.apiVersionName), "must be \(context.apiVersion)")
    }
    return nil
  }

  // MARK: Names and identities

  /// A prefix, cut so that the whole fits into a DNS label, and five characters.
  private func generatedName(_ prefix: String) -> String {
    let suffixLength = 5
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    let suffix = environment.random(suffixLength).map { alphabet[Int($0) % alphabet.count] }
    return String(decoding: prefix.utf8.prefix(NameRules.labelLength - suffixLength), as: UTF8.self)
      + String(suffix)
  }

  /// A random UUID (RFC 9562 §5.4).
  func newUID() -> String {
    var bytes = environment.random(16)
    guard bytes.count == 16 else { return "" }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
    return groups.joined(separator: "-")
  }
}
