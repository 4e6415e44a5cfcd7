// What is kept of a request beside its body, so that it can be decided again.

import Bytes
import Hooks
import JSON

/// The head of a delivery as the journal keeps it: JSON with the header fields that are no
/// credentials, the query, the sender's address, and who called when it was by hand.
struct StoredHead: Sendable, Equatable {
  /// Fields by lower-case name, repeated ones joined.
  let header: JSONObject
  let query: JSONObject
  let peer: String
  /// The caller of a manual trigger; nil for a delivery of the source.
  let caller: String?

  init(_ delivery: Delivery, peer: String, caller: String?) {
    header = delivery.header.objectValue ?? [:]
    query = delivery.query.objectValue ?? [:]
    self.peer = peer
    self.caller = caller
  }

  /// Reads what ``encoded`` wrote; nil for anything else.
  init?(_ bytes: [UInt8]) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.parse(bytes) } catch { return nil }
    guard let header = value["header"]?.objectValue, let query = value["query"]?.objectValue else {
      return nil
    }
    self.header = header
    self.query = query
    peer = value["peer"]?.stringValue ?? ""
    caller = value["caller"]?.stringValue
  }

  var encoded: [UInt8] {
    var object: JSONObject = [
      "header": .object(header), "query": .object(query), "peer": .string(peer),
    ]
    if let caller { object["caller"] = .string(caller) }
    return JSONValue.object(object).serialized()
  }

  /// The fields as a source looks them up.
  var lookup: HeaderLookup {
    { [header] name in header[ASCII.lowercased(name)]?.stringValue.map { [$0] } ?? [] }
  }

  /// The delivery again, as triggers and templates see it.
  func delivery(
    id: String, sourceID: String?, key: String?, body: JSONView, inputs: JSONObject?
  ) -> Delivery {
    Delivery(
      id: id, sourceID: sourceID, key: key, body: body, header: headerPairs, query: queryPairs,
      inputs: inputs)
  }

  var headerPairs: [(name: String, value: String)] { Self.pairs(header) }
  var queryPairs: [(name: String, value: String)] { Self.pairs(query) }

  private static func pairs(_ object: JSONObject) -> [(name: String, value: String)] {
    object.compactMap { member in
      member.value.stringValue.map { (name: member.key, value: $0) }
    }
  }
}
