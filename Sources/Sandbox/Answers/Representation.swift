// In which form the client wants its answer.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/negotiation.

import HTTPWire

/// The form and the encoding of an answer.
struct Representation: Equatable, Sendable {
  /// What objects are turned into.
  enum Form: Equatable, Sendable {
    case object
    /// `version` is `v1` or `v1beta1`.
    case table(version: String)
    case metadata(version: String)
    case metadataList(version: String)
    /// Only for the roots of discovery.
    case aggregatedDiscovery
  }

  /// Where the answer is for, which decides what forms there are.
  enum Endpoint: Equatable, Sendable {
    case resource
    case watch
    case discoveryRoot
    /// Plain values.
    case other
  }

  var form = Form.object
  var encoding = APIResponse.Encoding.compactJSON

  /// The media types that a resource is offered in. Protobuf is offered as a real server does,
  /// and never chosen, since no kind here has that form.
  static let mediaTypes = [
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
  ]
  private static let streamTypes = [
    "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch",
  ]

  /// Chooses by the Accept field.
  static func negotiate(
    _ fields: HTTPFields, _ query: QueryParameters, _ endpoint: Endpoint
  ) throws(StatusError) -> Representation {
    guard var chosen = choose(fields["Accept"] ?? "", endpoint) else {
      throw .notAcceptable(endpoint == .watch ? streamTypes : mediaTypes)
    }
    if chosen.encoding == .compactJSON, endpoint != .watch, wantsIndentation(fields, query) {
      chosen.encoding = .prettyJSON
    }
    return chosen
  }

  /// The encoding for an error, which is JSON where nothing else was agreed.
  static func errorEncoding(
    _ fields: HTTPFields, _ query: QueryParameters
  ) -> APIResponse.Encoding {
    let clause = AcceptClause.parse(fields["Accept"] ?? "").first { encoding(of: $0) != nil }
    if let clause, encoding(of: clause) == .yaml { return .yaml }
    return wantsIndentation(fields, query) ? .prettyJSON : .compactJSON
  }

  private static func choose(_ accept: String, _ endpoint: Endpoint) -> Representation? {
    if accept.isEmpty { return Representation() }
    for clause in AcceptClause.parse(accept) {
      guard let encoding = encoding(of: clause) else { continue }
      if endpoint == .watch, encoding == .yaml { continue }
      if let stream = clause.parameters["stream"], !stream.isEmpty,
        stream != "watch" || endpoint != .watch
      {
        continue
      }
      guard let form = form(clause, endpoint) else { continue }
      return Representation(form: form, encoding: encoding)
    }
    return nil
  }

  private static func encoding(of clause: AcceptClause) -> APIResponse.Encoding? {
    switch (clause.type, clause.subtype) {
    case ("*", "*"), ("application", "*"), ("application", "json"): .compactJSON
    case ("application", "yaml"): .yaml
    default: nil
    }
  }

  private static func form(_ clause: AcceptClause, _ endpoint: Endpoint) -> Form? {
    let keys = ["as", "g", "v"].filter { clause.parameters[$0] != nil }
    guard !keys.isEmpty else { return .object }
    let group = clause.parameters["g"] ?? ""
    let version = clause.parameters["v"] ?? ""
    let kind = clause.parameters["as"] ?? ""
    switch endpoint {
    case .discoveryRoot:
      let isKnown =
        group == "apidiscovery.k8s.io" && version == "v2" && kind == "APIGroupDiscoveryList"
      return isKnown ? .aggregatedDiscovery : nil
    case .other: return .object
    case .resource, .watch: break
    }
    guard group == "meta.k8s.io", version == "v1" || version == "v1beta1" else { return nil }
    switch kind {
    case "Table": return .table(version: version)
    case "PartialObjectMetadata": return .metadata(version: version)
    case "PartialObjectMetadataList": return .metadataList(version: version)
    default: return nil
    }
  }

  /// Asked for, or read by a person.
  private static func wantsIndentation(_ fields: HTTPFields, _ query: QueryParameters) -> Bool {
    if let pretty = query["pretty"], !pretty.isEmpty {
      return ["1", "t", "T", "TRUE", "true", "True"].contains(pretty)
    }
    let agent = fields["User-Agent"] ?? ""
    return ["curl", "Wget", "Mozilla/5.0"].contains { agent.hasPrefix($0) }
  }
}

/// One clause of an Accept field.
struct AcceptClause: Equatable {
  var type: String
  var subtype: String
  var parameters: [String: String]
  var quality: Double

  /// The clauses, the preferred ones first. Among equals those that name a type come first.
  static func parse(_ text: String) -> [AcceptClause] {
    let clauses = text.split(separator: ",").compactMap { clause(String($0)) }
    return clauses.enumerated().sorted { left, right in
      let leftKey = left.element.sortKey
      let rightKey = right.element.sortKey
      if leftKey != rightKey { return leftKey < rightKey }
      return left.offset < right.offset
    }.map(\.element)
  }

  private var sortKey: SortKey {
    SortKey(quality: -quality, wildcards: (type == "*" ? 2 : 0) + (subtype == "*" ? 1 : 0))
  }

  private struct SortKey: Comparable {
    var quality: Double
    var wildcards: Int

    static func < (left: SortKey, right: SortKey) -> Bool {
      (left.quality, left.wildcards) < (right.quality, right.wildcards)
    }
  }

  private static func clause(_ text: String) -> AcceptClause? {
    let parts = text.split(separator: ";").map { trimmed($0) }
    guard let mediaType = parts.first else { return nil }
    let names = mediaType.lowercased().split(separator: "/", maxSplits: 1).map(String.init)
    guard let type = names.first else { return nil }
    var result = AcceptClause(
      type: type, subtype: names.count > 1 ? names[1] : "*", parameters: [:], quality: 1)
    for part in parts.dropFirst() {
      let sides = part.split(separator: "=", maxSplits: 1).map { trimmed($0) }
      guard let name = sides.first else { continue }
      let value = sides.count > 1 ? sides[1] : ""
      if name == "q" {
        result.quality = Double(value) ?? 1
      } else {
        result.parameters[name] = value
      }
    }
    return result
  }
}

/// A text without the blanks at its ends.
func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while rest.first == " " || rest.first == "\t" { rest = rest.dropFirst() }
  while rest.last == " " || rest.last == "\t" { rest = rest.dropLast() }
  return String(rest)
}
