// The API server as the handler of an HTTP server.

import HTTPServer
import HTTPWire
import JSON
import Reactor
import Synchronization
import TLS
import YAML

/// Turns HTTP requests into requests of the API, and answers back, watches included.
struct SandboxHandler: HTTPHandler {
  let server: APIServer

  /// The largest body that is read at all. The API refuses smaller ones, and says so as a Status;
  /// beyond this the connection is closed.
  static let bodyByteLimit = 4 * 1024 * 1024

  func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission {
    .accept(bodyLimit: Self.bodyByteLimit)
  }

  func respond(to request: HTTPRequest) -> HTTPAnswer {
    let response = server.handle(
      APIRequest(
        method: request.head.method, target: request.head.target, fields: request.head.fields,
        body: request.body, certificate: Self.subject(request.peerIdentity)))
    return .now(rendered(response))
  }

  private static func subject(_ identity: TLSPeerIdentity?) -> CertificateSubject? {
    guard let identity, let name = identity.commonName else { return nil }
    return CertificateSubject(commonName: name, organizations: identity.organizations)
  }

  private func rendered(_ response: APIResponse) -> HTTPResponse {
    var fields = response.fields
    fields["Cache-Control"] = "no-cache, private"
    return HTTPResponse(
      response.status, fields: fields, body: body(response),
      closesConnection: response.closesConnection)
  }

  private func body(_ response: APIResponse) -> HTTPResponse.Body {
    switch response.body {
    case .none: .none
    case .bytes(let bytes): .bytes(bytes)
    case .value(let value): .bytes(Self.bytes(of: value, response.encoding))
    case .watch(let watch): .stream { [server] writer in try await stream(watch, server, writer) }
    }
  }

  static func bytes(of value: JSONValue, _ encoding: APIResponse.Encoding) -> [UInt8] {
    switch encoding {
    case .compactJSON: value.serialized(.compact(.escapeHTML)) + [0x0A]
    case .prettyJSON: value.serialized(.pretty(.escapeHTML)) + [0x0A]
    case .yaml: Array(value.yaml().utf8)
    }
  }
}

/// Writes the events of a watch as they come, one line each.
private func stream(
  _ watch: Watch, _ server: APIServer, _ writer: HTTPBodyWriter
) async throws {
  var watch = watch
  let (changes, continuation) = AsyncStream.makeStream(
    of: Void.self, bufferingPolicy: .bufferingNewest(1))
  let observer = server.addObserver { continuation.yield() }
  defer { server.removeObserver(observer) }
  // A change wakes the loop at once; this wakes it for bookmarks and the end.
  let ticks = Task {
    while !Task.isCancelled {
      try await Task.sleep(for: .milliseconds(250))
      continuation.yield()
    }
  }
  defer { ticks.cancel() }
  continuation.yield()
  for await _ in changes {
    for event in server.poll(&watch) {
      try await writer.write(event.serialized(.compact(.escapeHTML)) + [0x0A])
    }
    if watch.isFinished || writer.isOver || Task.isCancelled { return }
  }
}
