// The objects, in memory, with the recent past that watches and paged lists need.

import JSON

/// Where an object is kept.
struct ObjectKey: Hashable, Sendable {
  /// `pipelineruns.tekton.dev`.
  var resource: String
  /// Empty for resources of the cluster.
  var namespace: String
  var name: String

  /// The part by which objects of one resource are sorted.
  var path: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

/// One change of the store.
struct StoreEvent: Sendable {
  var version: UInt64
  var key: ObjectKey
  /// The object after the change; `nil` when it is gone.
  var object: JSONValue?
  /// The object before the change; `nil` when it is new.
  var previous: JSONValue?
}

/// All objects, each in its resource's storage version, under one counter of versions.
///
/// Shape: for each resource a table sorted by namespace and name; and the last
/// ``historyLimit`` changes, oldest first.
struct ObjectStore: Sendable {
  /// How many changes are remembered. A watch or a page that needs an older one is told to start
  /// again; a busy sandbox makes some hundred changes a minute.
  static let historyLimit = 10_000

  /// The version of the newest change.
  private(set) var version: UInt64 = 0
  /// The version of the newest change that is no longer remembered.
  private(set) var horizon: UInt64 = 0
  private var tables: [String: ObjectTable] = [:]
  private var history: [StoreEvent] = []
  /// The changes since the last ``takePending()``.
  private var pending: [StoreEvent] = []

  // MARK: Reading

  func object(_ key: ObjectKey) -> JSONValue? {
    tables[key.resource]?[key.path]
  }

  /// The objects of a resource, sorted by namespace and name. An empty namespace means all.
  func objects(of resource: String, namespace: String = "") -> [JSONValue] {
    guard let table = tables[resource] else { return [] }
    return namespace.isEmpty ? table.values : table.values(withPrefix: namespace + "/")
  }

  /// The objects of a resource as they were at a version; `nil` when that is forgotten.
  func objects(of resource: String, namespace: String, at past: UInt64) -> [JSONValue]? {
    if past == version { return objects(of: resource, namespace: namespace) }
    guard past >= horizon, var table = Optional(tables[resource] ?? ObjectTable()) else {
      return nil
    }
    for event in history.reversed() where event.key.resource == resource {
      if event.version <= past { break }
      table[event.key.path] = event.previous
    }
    return namespace.isEmpty ? table.values : table.values(withPrefix: namespace + "/")
  }

  /// The remembered changes after a version, in all resources. The version must not be before
  /// ``horizon``.
  func events(after past: UInt64) -> ArraySlice<StoreEvent> {
    var low = 0
    var high = history.count
    while low < high {
      let middle = (low + high) / 2
      if history[middle].version <= past { low = middle + 1 } else { high = middle }
    }
    return history[low...]
  }

  // MARK: Writing

  /// Stores an object and gives it back with its new resource version.
  mutating func put(_ key: ObjectKey, _ object: JSONValue) -> JSONValue {
    version += 1
    var stored = object
    stored.setMetadata("resourceVersion", .string(String(version)))
    record(StoreEvent(version: version, key: key, object: stored, previous: self.object(key)))
    tables[key.resource, default: ObjectTable()][key.path] = stored
    return stored
  }

  /// Removes an object and gives its last state, with the version of the removal.
  mutating func remove(_ key: ObjectKey) -> JSONValue? {
    guard let previous = object(key) else { return nil }
    version += 1
    record(StoreEvent(version: version, key: key, object: nil, previous: previous))
    tables[key.resource]?[key.path] = nil
    var last = previous
    last.setMetadata("resourceVersion", .string(String(version)))
    return last
  }

  /// Puts back what an earlier process stored.
  mutating func restore(_ key: ObjectKey, _ object: JSONValue?, version: UInt64) {
    self.version = max(self.version, version)
    tables[key.resource, default: ObjectTable()][key.path] = object
    horizon = self.version
  }

  /// Forgets the past, as a real store does every few minutes.
  mutating func compact() {
    history.removeAll()
    horizon = version
  }

  /// The changes that are to be written to disk.
  mutating func takePending() -> [StoreEvent] {
    defer { pending.removeAll() }
    return pending
  }

  private mutating func record(_ event: StoreEvent) {
    pending.append(event)
    history.append(event)
    // Dropped in bulk, so that forgetting costs little per change.
    if history.count >= Self.historyLimit * 2 {
      let dropped = history.count - Self.historyLimit
      horizon = history[dropped - 1].version
      history.removeFirst(dropped)
    }
  }
}

/// Objects sorted by the UTF-8 of their path.
struct ObjectTable: Sendable {
  private var paths: [String] = []
  private(set) var values: [JSONValue] = []

  subscript(path: String) -> JSONValue? {
    get {
      let index = lowerBound(path)
      guard index < paths.count, paths[index] == path else { return nil }
      return values[index]
    }
    set {
      let index = lowerBound(path)
      let exists = index < paths.count && paths[index] == path
      switch (newValue, exists) {
      case (let value?, true): values[index] = value
      case (let value?, false):
        paths.insert(path, at: index)
        values.insert(value, at: index)
      case (nil, true):
        paths.remove(at: index)
        values.remove(at: index)
      case (nil, false): break
      }
    }
  }

  func values(withPrefix prefix: String) -> [JSONValue] {
    var index = lowerBound(prefix)
    var result: [JSONValue] = []
    while index < paths.count, paths[index].hasPrefix(prefix) {
      result.append(values[index])
      index += 1
    }
    return result
  }

  private func lowerBound(_ path: String) -> Int {
    var low = 0
    var high = paths.count
    while low < high {
      let middle = (low + high) / 2
      if precedes(paths[middle], path) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Whether one text sorts before another by its bytes, as etcd sorts keys.
func precedes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
