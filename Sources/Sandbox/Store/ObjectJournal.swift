// Where changes are kept beyond the process.

package import JSON

/// One change as it is written down.
package struct JournalEntry: Sendable, Equatable {
  package var version: UInt64
  var key: ObjectKey
  /// `nil` for a removal.
  package var object: JSONValue?

  init(version: UInt64, key: ObjectKey, object: JSONValue?) {
    self.version = version
    self.key = key
    self.object = object
  }

  init(_ event: StoreEvent) {
    self.init(version: event.version, key: event.key, object: event.object)
  }

  /// One line of JSON, without its end.
  var line: [UInt8] {
    let value: JSONValue = [
      "version": .int(Int(clamping: version)), "resource": .string(key.resource),
      "namespace": .string(key.namespace), "name": .string(key.name), "object": object ?? .null,
    ]
    return value.serialized()
  }

  /// Reads a line; `nil` when it is not one of ours.
  init?(line: some Collection<UInt8>) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue.parse(
        Array(line), limits: StorageLimits.storedJSON)
    } catch {
      return nil
    }
    guard let version = value["version"]?.intValue.flatMap({ UInt64(exactly: $0) }),
      let resource = value["resource"]?.stringValue,
      let namespace = value["namespace"]?.stringValue, let name = value["name"]?.stringValue
    else { return nil }
    self.version = version
    key = ObjectKey(resource: resource, namespace: namespace, name: name)
    object = value["object"]?.objectValue.map { .object($0) }
  }
}

/// Why the journal cannot be read or written.
package struct ObjectJournalError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// Keeps the changes of the store.
package protocol ObjectJournal: Sendable {
  /// The changes written so far, oldest first.
  func load() throws(ObjectJournalError) -> [JournalEntry]
  /// Writes changes down. On return they survive a crash.
  func append(_ entries: [JournalEntry]) throws(ObjectJournalError)
}
