// What survives a restart.

import Crypto
import Foundation
import HTTPWire
import JSON
import Reactor
import TLS
import Testing

@testable import Sandbox

struct StateDirectoryTests {
  /// A folder of its own, removed at the end.
  private final class Folder {
    let path: String

    init() {
      path =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("sandbox-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func server(_ folder: Folder) throws -> APIServer {
    try APIServer(
      definitions: [], administratorToken: "t", signingKey: SecretBytes("k"),
      serverAddress: { "" }, clock: { Timestamp(seconds: 1_767_225_600) },
      journal: StateDirectory(folder.path))
  }

  private func send(
    _ server: APIServer, _ method: HTTPMethod, _ target: String, _ body: String = ""
  ) -> (status: Int, value: JSONValue) {
    let response = server.handle(
      APIRequest(
        method: method, target: target, fields: ["Authorization": "Bearer t"],
        body: Array(body.utf8)))
    guard case .value(let value) = response.body else { return (response.status.rawValue, .null) }
    return (response.status.rawValue, value)
  }

  private static let maps = "/api/v1/namespaces/default/configmaps"

  @Test func `objects, removals and versions survive a restart`() throws {
    let folder = Folder()
    var server = try server(folder)
    let kept = send(server, .post, Self.maps, #"{"metadata":{"name":"kept"}}"#).value
    _ = send(server, .post, Self.maps, #"{"metadata":{"name":"gone"}}"#)
    _ = send(server, .delete, "\(Self.maps)/gone")
    let version = send(server, .get, Self.maps).value[["metadata", "resourceVersion"]]

    server = try self.server(folder)
    #expect(send(server, .get, "\(Self.maps)/kept").value == kept)
    #expect(send(server, .get, "\(Self.maps)/gone").status == 404)
    let later = send(server, .get, Self.maps).value[["metadata", "resourceVersion"]]
    #expect(later == version)
  }

  @Test func `a torn last line is passed over`() throws {
    let folder = Folder()
    _ = send(try server(folder), .post, Self.maps, #"{"metadata":{"name":"kept"}}"#)
    let log = try #require(FileHandle(forWritingAtPath: "\(folder.path)/objects.log"))
    try log.seekToEnd()
    try log.write(contentsOf: Data(#"{"version":99,"resource":"configm"#.utf8))
    try log.close()
    #expect(send(try server(folder), .get, "\(Self.maps)/kept").status == 200)
  }

  @Test func `a definition serves its kind again after a restart`() throws {
    let folder = Folder()
    let definition = """
      {"metadata":{"name":"hooks.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
       "names":{"plural":"hooks","kind":"Hook"},"versions":[{"name":"v1","served":true,
       "storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
      """
    let target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    #expect(send(try server(folder), .post, target, definition).status == 201)
    #expect(
      send(try server(folder), .get, "/apis/example.com/v1/namespaces/default/hooks").status == 200)
  }

  @Test func `keys and tokens stay the same, and nobody else may read them`() throws {
    let folder = Folder()
    let first = try SandboxCredentials(keptIn: StateDirectory(folder.path), host: .loopbackV4)
    let second = try SandboxCredentials(keptIn: StateDirectory(folder.path), host: .loopbackV4)
    #expect(first.administratorToken == second.administratorToken)
    #expect(first.authority.certificatePEM == second.authority.certificatePEM)
    for name in ["ca.key", "token", "signing.key", "objects.log"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
    }
  }
}
