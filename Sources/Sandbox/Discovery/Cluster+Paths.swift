// Everything that is not a resource: discovery, OpenAPI, version and health.

import Bytes
import Crypto
import HTTPWire
import JSON

extension Cluster {
  func pathResponse(
    _ request: APIRequest, _ target: RequestTarget
  ) throws(StatusError) -> APIResponse {
    guard !target.path.hasPrefix("//"), target.path.hasPrefix("/") else { return .pageNotFound }
    let segments = pathSegments(target.path)
    if let response = HealthChecks.response(segments, target.query) { return response }
    switch segments.first {
    case nil: return try document(["paths": .array(index.map { .string($0) })], request, target)
    case "version" where segments.count == 1:
      guard request.method == .get else { throw .methodNotAllowed }
      return try versionResponse(request, target)
    case "api", "apis": return try discoveryResponse(segments, request, target)
    case "openapi": return openAPIResponse(Array(segments.dropFirst()), request, target)
    default: return .pageNotFound
    }
  }

  // MARK: Version

  private func versionResponse(
    _ request: APIRequest, _ target: RequestTarget
  ) throws(StatusError) -> APIResponse {
    do throws(StatusError) {
      _ = try Representation.negotiate(request.fields, target.query, .other)
    } catch {
      throw StatusError(
        406, "NotAcceptable",
        "406: Not Acceptable\n\nAvailable representations: application/json", details: .init())
    }
    return .value(Self.versionDocument)
  }

  /// The version whose behaviour is recorded and reproduced.
  private static let versionDocument: JSONValue = [
    "major": "1", "minor": "35", "emulationMajor": "1", "emulationMinor": "35",
    "minCompatibilityMajor": "1", "minCompatibilityMinor": "34",
    "gitVersion": "v1.35.2+hookline", "gitCommit": "sandbox", "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "gc",
    "platform": "linux/amd64",
  ]

  // MARK: Discovery

  private var index: [String] {
    var paths = ["/api", "/api/v1", "/apis", "/apis/"]
    for group in catalogue.groups {
      paths.append("/apis/\(group)")
      paths += catalogue.versions(of: group).map { "/apis/\(group)/\($0)" }
    }
    paths += HealthChecks.paths + ["/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"]
    return paths.sorted(by: precedes)
  }

  private func discoveryResponse(
    _ segments: [String], _ request: APIRequest, _ target: RequestTarget
  ) throws(StatusError) -> APIResponse {
    let documents = DiscoveryDocuments(catalogue: catalogue)
    guard request.method == .get || request.method == .head else { throw .methodNotAllowed }
    if segments.count == 1 {
      return try discoveryRoot(segments[0], documents, request, target)
    }
    let found =
      switch (segments[0], segments.count) {
      case ("api", 2): documents.resources(group: "", version: segments[1])
      case ("apis", 2): documents.groupDocument(segments[1])
      case ("apis", 3): documents.resources(group: segments[1], version: segments[2])
      default: JSONValue?.none
      }
    guard let found else {
      if segments.contains("") { return .pageNotFound }
      let isBelowKnown = segments[0] == "api" || catalogue.isBuiltIn(group: segments[1])
      if isBelowKnown { throw .unknownResource }
      return .pageNotFound
    }
    return try document(found, request, target)
  }

  private func discoveryRoot(
    _ root: String, _ documents: DiscoveryDocuments, _ request: APIRequest,
    _ target: RequestTarget
  ) throws(StatusError) -> APIResponse {
    let representation = try Representation.negotiate(
      request.fields, target.query, .discoveryRoot)
    guard representation.form == .aggregatedDiscovery else {
      let value =
        root == "api"
        ? documents.versions(serverAddress: environment.serverAddress()) : documents.groups
      return .value(value, encoding: representation.encoding)
    }
    let value = documents.aggregated(groups: root == "api" ? [""] : catalogue.groups)
    let tag = "\"\(Hex.encode(Digest.sha256(value.serialized())).uppercased())\""
    var response = APIResponse.value(value)
    if request.fields["If-None-Match"] == tag {
      response = APIResponse(status: .notModified)
    } else {
      response.fields["Content-Type"] =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    }
    response.fields["Etag"] = tag
    response.fields["Vary"] = "Accept"
    return response
  }

  private func document(
    _ value: JSONValue, _ request: APIRequest, _ target: RequestTarget
  ) throws(StatusError) -> APIResponse {
    let representation = try Representation.negotiate(request.fields, target.query, .other)
    return .value(value, encoding: representation.encoding)
  }

  // MARK: OpenAPI

  private func openAPIResponse(
    _ segments: [String], _ request: APIRequest, _ target: RequestTarget
  ) -> APIResponse {
    let documents = OpenAPIDocuments(catalogue: catalogue)
    switch segments.first {
    case "v2" where segments.count == 1:
      return openAPIVersion2(request)
    case "v3" where segments.count == 1:
      var response = APIResponse.value(documents.index)
      response.fields["Content-Type"] = "text/plain; charset=utf-8"
      return response
    case "v3":
      let path = segments.dropFirst().joined(separator: "/")
      guard let document = documents.document(path: path) else {
        return APIResponse(status: .notFound)
      }
      return hashed(document, path, request, target)
    default: return .pageNotFound
    }
  }

  /// A document at an address with a hash: a wrong one leads to the right one.
  private func hashed(
    _ document: JSONValue, _ path: String, _ request: APIRequest, _ target: RequestTarget
  ) -> APIResponse {
    var response = tagged(document, request)
    let hash = OpenAPIDocuments.hash(of: document)
    if let given = target.query["hash"], given != hash {
      response.status = .movedPermanently
      response.body = .none
      response.fields["Location"] = "/openapi/v3/\(path)?hash=\(hash)"
    }
    return response
  }

  /// A document that kubectl keeps: with a tag, by which it asks whether it is still the same.
  private func tagged(_ value: JSONValue, _ request: APIRequest) -> APIResponse {
    let tag = "\"\(OpenAPIDocuments.hash(of: value))\""
    var response =
      request.fields["If-None-Match"] == tag
      ? APIResponse(status: .notModified) : APIResponse.value(value)
    response.fields["Etag"] = tag
    response.fields["Vary"] = "Accept"
    return response
  }

  private func openAPIVersion2(_ request: APIRequest) -> APIResponse {
    let accept = request.fields["Accept"] ?? ""
    guard accept.contains("proto-openapi.spec.v2") else {
      return .value(OpenAPIDocuments.version2)
    }
    var response = APIResponse(
      status: .ok, body: .bytes(OpenAPIDocuments.version2Protobuf))
    response.fields["Content-Type"] = OpenAPIDocuments.version2ProtobufType
    return response
  }
}
