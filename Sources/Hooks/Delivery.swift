// One accepted request, as triggers and templates see it.

import Bytes
package import JSON

/// A delivery: one authenticated request with what came along.
package struct Delivery: Sendable {
  /// Our own id of the delivery.
  package let id: String
  /// The sender's id, which a redelivery repeats; nil when it sends none.
  package let sourceID: String?
  /// The parsed body, of which only what is read becomes values.
  package let body: JSONView
  /// The header fields by lower-case name, repeated ones joined by ", " (RFC 9110 §5.3), without
  /// those that carry credentials.
  package let header: JSONValue
  /// The parameters of the query, decoded; of a repeated one the first.
  package let query: JSONValue
  /// The checked inputs of a manual call (``ManualInputs``); nil for a delivery of the source.
  package let inputs: JSONObject?
  /// What names are derived from: the sender's id where there is one, so that a redelivery derives
  /// the same, otherwise ours.
  package let key: String

  /// - Parameter key: nil for the usual one; a delivery that must not share names with an earlier one
  ///   of its sender's id has another.
  package init(
    id: String, sourceID: String?, key: String? = nil, body: JSONView,
    header: [(name: String, value: String)] = [], query: [(name: String, value: String)] = [],
    inputs: JSONObject? = nil
  ) {
    self.id = id
    self.sourceID = sourceID
    self.key = key ?? sourceID ?? id
    self.body = body
    self.inputs = inputs
    var fields = JSONObject()
    for (name, value) in header {
      let name = ASCII.lowercased(name)
      guard !Self.credentialHeaders.contains(name) else { continue }
      let earlier = fields[name]?.stringValue
      fields[name] = .string(earlier.map { "\($0), \(value)" } ?? value)
    }
    self.header = .object(fields)
    var parameters = JSONObject()
    for (name, value) in query where !parameters.contains(name) {
      parameters[name] = .string(value)
    }
    self.query = .object(parameters)
  }

  /// The same delivery with names derived from another key; nil for this one's.
  package func named(by key: String?) -> Delivery {
    key.map { Delivery(self, key: $0) } ?? self
  }

  private init(_ other: Delivery, key: String) {
    id = other.id
    sourceID = other.sourceID
    body = other.body
    header = other.header
    query = other.query
    inputs = other.inputs
    self.key = key
  }

  /// Header fields that no template may read: a run's parameters are readable by many.
  static let credentialHeaders: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "x-gitlab-token",
  ]
}
