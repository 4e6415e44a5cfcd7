// Server-side apply as a form of patch.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go, applyPatcher.

import HTTPWire
import JSON

extension Cluster {
  mutating func apply(
    _ context: inout RequestContext, _ options: WriteOptions, _ representation: Representation
  ) throws(StatusError) -> APIResponse {
    if options.fieldManager.isEmpty {
      throw .invalidOptions(
        "PatchOptions", [.required("fieldManager", "is required for apply patch")])
    }
    let configuration = try configuration(context)
    let apply = ServerSideApply(
      configuration: configuration, writer: context.writer(options, operation: "Apply"),
      schema: Self.bookkeepingSchema(context),
      conflicts: options.force == true ? .forced : .refused, now: context.now)
    let name = context.path.name
    guard store.object(context.key(name)) != nil else {
      try checkAbsence(configuration, context)
      var managed = ManagedFields(of: .null)
      managed.entries = [
        .init(writer: apply.writer, time: context.now.text, fields: apply.fields)
      ]
      let created = try create(configuration, &context, options, managedFields: managed)
      return try context.answer(created, status: .created, representation)
    }
    let changed = try change(name, &context, options, bookkeeping: .done) {
      (old, context) throws(StatusError) in
      let merged: JSONValue
      do throws(ApplyConflict) {
        merged = try apply.apply(to: old)
      } catch {
        throw Self.refusal(error)
      }
      try StorageLimits.check(depthOf: merged)
      // Reading the result once more drops what merging left empty.
      return try Self.typed(merged, context)
    }
    return try context.answer(changed, representation)
  }

  private func checkAbsence(
    _ configuration: JSONValue, _ context: RequestContext
  ) throws(StatusError) {
    guard !configuration.uid.isEmpty else { return }
    throw .conflict(
      context.definition, name: context.path.name,
      "uid mismatch: the provided object specified uid \(configuration.uid), and no existing "
        + "object was found")
  }

  /// The body as an object of the resource.
  private func configuration(_ context: RequestContext) throws(StatusError) -> JSONValue {
    let value: JSONValue
    do throws(YAMLBodyError) {
      value = try YAMLBody.decode(context.request.body)
    } catch {
      throw .badRequest("error decoding YAML: \(error.description)")
    }
    let (group, version) = splitVersion(value.apiVersionName)
    guard value.kindName == context.definition.names.kind,
      value.apiVersionName == context.apiVersion
    else {
      throw .badRequest("invalid object type: \(group)/\(version), Kind=\(value.kindName)")
    }
    if value.metadata["managedFields"] != nil {
      throw .badRequest("metadata.managedFields must be nil")
    }
    var object = given(value, of: try Self.typed(value, context))
    try checkNamespace(of: &object, context)
    try checkName(of: object, context.path.name)
    return object
  }

  /// The object as its type reads it. Fields that the type does not have are an error here.
  private static func typed(
    _ value: JSONValue, _ context: RequestContext
  ) throws(StatusError) -> JSONValue {
    func refusal(_ why: String) -> StatusError {
      let (group, version) = splitVersion(context.apiVersion)
      let prefix = group.isEmpty ? "/" : "\(group)/"
      return .unclassified(
        "failed to create typed patch object (\(context.key(context.path.name).path); "
          + "\(prefix)\(version), Kind=\(context.definition.names.kind)): \(why)")
    }
    let decoded: DecodedObject
    do throws(UnfitObject) {
      decoded = try ObjectDecoder(context: context).decode(value)
    } catch {
      throw refusal(error.why)
    }
    if let complaint = decoded.complaints.first {
      let path = complaint.split(separator: "\"").dropFirst().first ?? ""
      throw refusal(".\(path): field not declared in schema")
    }
    return decoded.object
  }

  /// The members that the configuration names, without what reading it filled in.
  private func given(_ value: JSONValue, of decoded: JSONValue) -> JSONValue {
    guard let names = value.objectValue, let all = decoded.objectValue else { return decoded }
    return .object(
      JSONObject(
        all.filter { names.contains($0.key) }.map { member in
          (member.key, names[member.key].map { given($0, of: member.value) } ?? member.value)
        }
          // An empty map is a statement too: it says that nothing is left of it.
          + names.filter { $0.value == [:] && all[$0.key] == nil }.map { ($0.key, $0.value) }))
  }

  private static func refusal(_ conflict: ApplyConflict) -> StatusError {
    var causes: [StatusError.Cause] = []
    var texts: [String] = []
    for (entry, paths) in conflict.fields {
      var who = quoted(entry.writer.manager)
      if !entry.writer.subresource.isEmpty {
        who += " with subresource \(quoted(entry.writer.subresource))"
      }
      if entry.writer.operation == "Update" {
        who += " using \(entry.writer.apiVersion) at \(entry.time)"
      }
      for path in paths {
        causes.append(
          .init(reason: "FieldManagerConflict", message: "conflict with \(who)", field: path))
      }
      texts.append(
        paths.count == 1
          ? "conflict with \(who): \(paths[0])"
          : "conflicts with \(who):\n" + paths.map { "- \($0)" }.joined(separator: "\n"))
    }
    let count = causes.count == 1 ? "1 conflict" : "\(causes.count) conflicts"
    return StatusError(
      409, "Conflict", "Apply failed with \(count): \(texts.joined(separator: "\n"))",
      details: .init(causes: causes))
  }
}
