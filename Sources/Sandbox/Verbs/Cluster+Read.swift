// get, list and watch.

import HTTPWire
import JSON

extension Cluster {
  // MARK: get

  func get(_ context: RequestContext) throws(StatusError) -> APIResponse {
    let representation = try context.representation()
    try checkReadVersion(context.query["resourceVersion"] ?? "")
    guard let stored = store.object(context.key(context.path.name)) else {
      throw .notFound(context.definition, name: context.path.name)
    }
    return try context.answer(try context.visible(stored), representation)
  }

  private func checkReadVersion(_ text: String) throws(StatusError) {
    switch parseResourceVersion(text) {
    case .failure(let error): throw .unclassified(error.description)
    case .success(let version):
      if version > store.version { throw .tooLargeVersion(version, current: store.version) }
    }
  }

  // MARK: list

  func list(_ context: RequestContext) throws(StatusError) -> APIResponse {
    let representation = try context.representation()
    let options = try listOptions(context)
    let mistakes = options.mistakes(asWatch: false)
    if !mistakes.isEmpty { throw .invalidOptions("ListOptions", mistakes) }
    let page = try self.page(context, options)
    return try context.answer(list: page.objects, metadata: page.metadata, representation)
  }

  /// The options of a list or a watch, with fields that the resource can select by.
  func listOptions(_ context: RequestContext) throws(StatusError) -> ListOptions {
    let options = try ListOptions(context.query)
    let known = ["metadata.name", "metadata.namespace"] + context.version.selectableFields
    for term in options.fieldSelector.terms where !known.contains(term.field) {
      let isCustomised =
        context.definition.origin == .custom || !context.version.selectableFields.isEmpty
      throw .badRequest(
        isCustomised
          ? "field label not supported: \(term.field)"
          : "\(quoted(term.field)) is not a known field selector: only \"metadata.name\", "
            + "\"metadata.namespace\"")
    }
    return options
  }

  /// A page of a list, in the version of the request.
  struct Page {
    var objects: [JSONValue]
    var metadata: ListMetadata
  }

  func page(_ context: RequestContext, _ options: ListOptions) throws(StatusError) -> Page {
    var start = ""
    var version = store.version
    var candidates: [JSONValue]
    if !options.continueToken.isEmpty {
      if !options.resourceVersion.isEmpty {
        throw .badRequest("specifying resource version is not allowed when using continue")
      }
      let token = try ContinueToken(options.continueToken)
      start = token.path
      if token.version > 0 { version = UInt64(token.version) }
      candidates = try past(context, at: version, continuing: token)
    } else {
      version = try listVersion(options)
      candidates = try past(context, at: version, continuing: nil)
    }
    if !start.isEmpty {
      candidates = candidates.filter { !precedes(relativePath($0, context), start) }
    }
    var objects: [JSONValue] = []
    for stored in candidates {
      let object = try context.visible(stored)
      if matches(object, options, context) { objects.append(object) }
    }
    return cut(objects, options, version, context)
  }

  /// Applies the limit and says where the next page starts.
  private func cut(
    _ objects: [JSONValue], _ options: ListOptions, _ version: UInt64, _ context: RequestContext
  ) -> Page {
    let isUnlimited = options.limit == 0 || options.resourceVersion == "0"
    guard !isUnlimited, objects.count > options.limit, let last = objects[..<options.limit].last
    else { return Page(objects: objects, metadata: ListMetadata(version: version)) }
    let token = ContinueToken(version: version, after: relativePath(last, context))
    var metadata = ListMetadata(version: version, continueToken: token.text)
    if options.labelSelector.isEmpty, options.fieldSelector.isEmpty {
      metadata.remainingItemCount = objects.count - options.limit
    }
    return Page(objects: Array(objects[..<options.limit]), metadata: metadata)
  }

  /// An object's path below what is listed, by which tokens name it.
  private func relativePath(_ object: JSONValue, _ context: RequestContext) -> String {
    context.namespace.isEmpty && !object.namespace.isEmpty
      ? "\(object.namespace)/\(object.name)" : object.name
  }

  /// The version at which a list without a token is read.
  private func listVersion(_ options: ListOptions) throws(StatusError) -> UInt64 {
    switch parseResourceVersion(options.resourceVersion) {
    case .failure(let error):
      throw .badRequest("invalid resource version: \(error.description)")
    case .success(let version):
      if version > store.version { throw .tooLargeVersion(version, current: store.version) }
      // With a limit a version means just that one, unless it is said to be the oldest.
      let isExact =
        options.resourceVersionMatch == "Exact"
        || (options.resourceVersionMatch.isEmpty && options.limit > 0 && version > 0)
      return isExact ? version : store.version
    }
  }

  private func past(
    _ context: RequestContext, at version: UInt64, continuing token: ContinueToken?
  ) throws(StatusError) -> [JSONValue] {
    let resource = context.definition.storageName
    let namespace = context.namespace
    if version > store.version { throw .tooLargeVersion(version, current: store.version) }
    if let objects = store.objects(of: resource, namespace: namespace, at: version) {
      return objects
    }
    guard var token else {
      throw .expired("The resourceVersion for the provided list is too old.")
    }
    token.version = -1
    throw .expired(
      "The provided continue parameter is too old to display a consistent list result. You can "
        + "start a new list without the continue parameter, or use the continue token in this "
        + "response to retrieve the remainder of the results. Continuing with the provided token "
        + "results in an inconsistent list - objects that were created, modified, or deleted "
        + "between the time the first chunk was returned and now may show up in the list.",
      continueToken: token.text)
  }

  /// Whether an object, in the version of the request, is selected.
  func matches(
    _ object: JSONValue, _ options: ListOptions, _ context: RequestContext
  ) -> Bool {
    Selection(options, context).matches(object)
  }

  // MARK: watch

  func watch(_ context: RequestContext) throws(StatusError) -> APIResponse {
    let representation = try context.representation(.watch)
    let options = try listOptions(context)
    let mistakes = options.mistakes(asWatch: true)
    if !mistakes.isEmpty { throw .invalidOptions("ListOptions", mistakes) }
    let version: UInt64
    switch parseResourceVersion(options.resourceVersion) {
    case .failure(let error): throw .unclassified(error.description)
    case .success(let number): version = number
    }
    let watch = Watch(
      context, options, representation, startVersion: version,
      table: try tableForm(representation, context))
    var response = APIResponse(status: .ok, body: .watch(watch))
    response.fields["Content-Type"] = "application/json"
    return response
  }

  private func tableForm(
    _ representation: Representation, _ context: RequestContext
  ) throws(StatusError) -> TableForm? {
    guard case .table(let version) = representation.form else { return nil }
    return try context.tableForm(version)
  }
}

/// Which objects a list or a watch is about.
struct Selection: Sendable {
  private let labels: LabelSelector
  private let fields: FieldSelector

  init(_ options: ListOptions, _ context: RequestContext) {
    labels = options.labelSelector
    var fields = options.fieldSelector
    if context.path.isWatchPath, !context.path.name.isEmpty {
      fields.terms.append(.init(field: "metadata.name", isEqual: true, value: context.path.name))
    }
    self.fields = fields
  }

  /// Whether an object, in the version of the request, is selected.
  func matches(_ object: JSONValue) -> Bool {
    labels.matches(object.labels)
      && fields.matches { field in
        let path = field.split(separator: ".").map(String.init)
        switch object[path] {
        case .string(let text)?: return text
        case .number(let number)?: return number.text
        case .bool(let flag)?: return flag ? "true" : "false"
        default: return ""
        }
      }
  }
}
