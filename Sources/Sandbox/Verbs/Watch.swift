// Watches: a stream of changes as a value that is asked for what is new.

import JSON

/// One watch: what it is about, how far it has come, and when it ends.
///
/// The driver asks ``next(in:now:)`` again after every change of the store and at
/// ``wakeTime``, writes what it gets, and closes the stream when ``isFinished``.
///
/// *Source:* "Efficient detection of changes" in Kubernetes' API concepts.
package struct Watch: Sendable {
  /// What is watched and how it is shown.
  private let context: RequestContext
  private let selection: Selection
  private let form: Representation.Form
  private var table: TableForm?
  private var hasShownColumns = false

  // How it starts.
  private let startVersion: UInt64
  private let startsWithObjects: Bool
  private let marksEndOfObjects: Bool
  private let wantsBookmarks: Bool

  // How far it is.
  private var hasStarted = false
  private var position: UInt64
  private var nextBookmark: Timestamp
  private let end: Timestamp?
  /// Whether no further event will come.
  package private(set) var isFinished = false

  /// Between two bookmarks.
  private static let bookmarkInterval: Int64 = 60
  /// Before the end of a watch, in microseconds, a last bookmark is sent.
  private static let lastBookmarkLead: Int64 = 1_500_000
  /// What a watch without a limit of its own gets, in seconds. A real server chooses between half
  /// an hour and a whole one.
  private static let defaultTimeout: Int64 = 1800

  init(
    _ context: RequestContext, _ options: ListOptions, _ representation: Representation,
    startVersion: UInt64, table: TableForm?
  ) {
    self.context = context
    self.startVersion = startVersion
    self.table = table
    selection = Selection(options, context)
    form = representation.form
    wantsBookmarks = options.allowsBookmarks
    let isFromNothing = startVersion == 0
    startsWithObjects = options.sendInitialEvents ?? isFromNothing
    marksEndOfObjects = options.allowsBookmarks && startsWithObjects
    position = startVersion
    let timeout = Int64(clamping: options.timeoutSeconds ?? 0)
    end = context.now.adding(seconds: timeout == 0 ? Self.defaultTimeout : timeout)
    nextBookmark = Self.firstBookmark(now: context.now, timeout: timeout)
    if timeout < 0 { isFinished = true }
    if case .metadataList = form { isFinished = true }
  }

  private static func firstBookmark(now: Timestamp, timeout: Int64) -> Timestamp {
    guard timeout > 0, timeout < bookmarkInterval else {
      return now.adding(seconds: bookmarkInterval)
    }
    return Timestamp(
      microseconds: now.microseconds + max(timeout * 1_000_000 - lastBookmarkLead, 0))
  }

  /// When something happens without a change of the store.
  package var wakeTime: Timestamp? {
    guard let end else { return wantsBookmarks ? nextBookmark : nil }
    return wantsBookmarks ? min(end, nextBookmark) : end
  }

  /// The events since the last call, each as the JSON object of one line.
  mutating func next(in store: ObjectStore, now: Timestamp) -> [JSONValue] {
    guard !isFinished else { return [] }
    var events: [JSONValue] = []
    if !hasStarted {
      hasStarted = true
      events += start(in: store)
      if isFinished { return events }
    }
    events += changes(in: store)
    if wantsBookmarks, now >= nextBookmark, end.map({ now < $0 }) ?? true {
      events.append(bookmark(version: max(position, store.version)))
      nextBookmark = bookmarkAfter(now)
    }
    if let end, now >= end { isFinished = true }
    return events
  }

  private func bookmarkAfter(_ now: Timestamp) -> Timestamp {
    let regular = now.adding(seconds: Self.bookmarkInterval)
    guard let end else { return regular }
    let last = Timestamp(microseconds: end.microseconds - Self.lastBookmarkLead)
    return last > now ? min(regular, last) : regular
  }

  private mutating func start(in store: ObjectStore) -> [JSONValue] {
    if startsWithObjects {
      position = store.version
      var events: [JSONValue] = []
      let stored = store.objects(
        of: context.definition.storageName, namespace: context.namespace)
      for object in stored.compactMap({ visible($0) }) where selection.matches(object) {
        events.append(event("ADDED", object))
      }
      if marksEndOfObjects {
        events.append(
          bookmark(version: store.version, annotations: ["k8s.io/initial-events-end": "true"]))
      }
      return events
    }
    if startVersion == 0 { position = store.version }
    if startVersion > 0, startVersion < store.horizon {
      isFinished = true
      let error = StatusError.expired(
        "too old resource version: \(startVersion) (\(store.horizon))")
      return [["type": "ERROR", "object": error.object]]
    }
    return []
  }

  private mutating func changes(in store: ObjectStore) -> [JSONValue] {
    if position < store.horizon {
      isFinished = true
      let error = StatusError.expired("too old resource version: \(position) (\(store.horizon))")
      return [["type": "ERROR", "object": error.object]]
    }
    var events: [JSONValue] = []
    for change in store.events(after: position) {
      if let event = event(for: change) { events.append(event) }
    }
    position = max(position, store.version)
    return events
  }

  /// What a change looks like from here: an object that starts to be selected is added, one that
  /// stops is deleted.
  private mutating func event(for change: StoreEvent) -> JSONValue? {
    guard change.key.resource == context.definition.storageName,
      context.namespace.isEmpty || change.key.namespace == context.namespace
    else { return nil }
    let new = selected(change.object)
    let old = selected(change.previous)
    switch (old, new) {
    case (nil, let object?): return event("ADDED", object)
    case (_?, let object?): return event("MODIFIED", object)
    case (var object?, nil):
      object.setMetadata("resourceVersion", .string(String(change.version)))
      return event("DELETED", object)
    case (nil, nil): return nil
    }
  }

  /// An object in the version of the watch, if it is selected.
  private func selected(_ stored: JSONValue?) -> JSONValue? {
    guard let stored, let object = visible(stored), selection.matches(object) else { return nil }
    return object
  }

  private func visible(_ stored: JSONValue) -> JSONValue? {
    do throws(StatusError) {
      return try context.visible(stored)
    } catch {
      return nil  // An object without a form in this version is not in this version's stream.
    }
  }

  private mutating func event(_ type: String, _ object: JSONValue) -> JSONValue {
    ["type": .string(type), "object": shown(object)]
  }

  private mutating func shown(_ object: JSONValue) -> JSONValue {
    switch form {
    case .metadata(let version), .metadataList(let version):
      return MetadataForm.partial(object, version: version)
    case .table:
      guard let table else { return object }
      defer { hasShownColumns = true }
      return table.table(
        of: [object], metadata: ["resourceVersion": .string(object.resourceVersion)],
        header: hasShownColumns ? .omitted : .shown)
    case .object, .aggregatedDiscovery: return object
    }
  }

  private mutating func bookmark(
    version: UInt64, annotations: JSONObject? = nil
  ) -> JSONValue {
    var metadata: JSONObject = ["resourceVersion": .string(String(version))]
    if let annotations { metadata["annotations"] = .object(annotations) }
    return event(
      "BOOKMARK",
      [
        "kind": .string(context.definition.names.kind), "apiVersion": .string(context.apiVersion),
        "metadata": .object(metadata),
      ])
  }
}
