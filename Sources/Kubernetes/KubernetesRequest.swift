// Requests to the API as values: built, compared and printed without a server.
// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/

package import HTTPWire

/// One request to the API server, without the server: no base path, no host, no credentials.
///
/// Made by the builders in `KubernetesRequest+Verbs.swift`; those refuse what no server would take.
package struct KubernetesRequest: Equatable, Sendable {
  /// What is asked, in the API's words.
  package enum Verb: String, Hashable, Sendable {
    case create, get, list, watch, patch, delete, discover
  }

  /// A `name=value` of the query, not yet encoded.
  package struct QueryItem: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package let verb: Verb
  /// The collection it addresses; nil for discovery.
  package let resource: ResourceType?
  package let namespace: String?
  package let name: String?
  /// Absolute and percent-encoded.
  package let path: String
  package let query: [QueryItem]
  /// The media type of the body; nil if there is none.
  package let contentType: String?
  package let body: [UInt8]

  init(
    _ verb: Verb, resource: ResourceType? = nil, namespace: String? = nil, name: String? = nil,
    path: String, query: [QueryItem] = [], contentType: String? = nil, body: [UInt8] = []
  ) {
    self.verb = verb
    self.resource = resource
    self.namespace = namespace
    self.name = name
    self.path = path
    self.query = query
    self.contentType = contentType
    self.body = body
  }

  package var method: HTTPMethod {
    switch verb {
    case .create: .post
    case .get, .list, .watch, .discover: .get
    case .patch: .patch
    case .delete: .delete
    }
  }

  /// Whether it changes nothing.
  package var isRead: Bool {
    switch verb {
    case .get, .list, .watch, .discover: true
    case .create, .patch, .delete: false
    }
  }

  /// Whether it may reach the server twice.
  package enum Repeatability: Hashable, Sendable {
    /// The second time changes nothing. It may be answered otherwise: that the object exists, or
    /// that it does not.
    case repeatable
    /// A second time may do a second thing.
    case once
  }

  /// A create is repeatable if the object has a name of its own; one with a generated name would
  /// be there twice.
  package var repeatability: Repeatability {
    switch verb {
    case .get, .list, .watch, .discover, .delete: .repeatable
    case .create: name == nil ? .once : .repeatable
    case .patch: contentType == PatchKind.merge.rawValue ? .repeatable : .once
    }
  }

  /// Path and query, as they stand in the request line.
  package var target: String {
    guard !query.isEmpty else { return path }
    let items = query.map {
      "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
    }
    return "\(path)?\(items.joined(separator: "&"))"
  }

  /// The fields that follow from the request itself.
  ///
  /// `Accept` names JSON alone: the server takes what is listed in order and ignores weights. No
  /// compression is asked for, so none comes.
  package var fields: HTTPFields {
    var fields: HTTPFields = [:]
    fields["Accept"] = "application/json"
    if let contentType { fields["Content-Type"] = contentType }
    return fields
  }
}

extension KubernetesRequest: CustomStringConvertible {
  /// What is attempted, for errors and logs: `get secrets "github" in namespace "ci"`.
  package var description: String {
    guard let resource else { return "\(verb.rawValue) \(path)" }
    var text = "\(verb.rawValue) \(resource)"
    if let name { text += " \(quoted(name))" }
    if let namespace { text += " in namespace \(quoted(namespace))" }
    return text
  }
}
