// What nobody sends by accident.

import Crypto
import HTTPWire
import JSON
import Testing

@testable import Sandbox

struct HostileInputTests {
  private let server: APIServer

  init() throws {
    server = try APIServer(
      definitions: TektonResources.all, administratorToken: "t", signingKey: SecretBytes("k"),
      serverAddress: { "" }, clock: { Timestamp(seconds: 1_767_225_600) })
  }

  private func send(
    _ method: HTTPMethod, _ target: String, _ body: String = "", type: String = "application/json"
  ) -> Int {
    server.handle(
      APIRequest(
        method: method, target: target,
        fields: ["Authorization": "Bearer t", "Content-Type": type], body: Array(body.utf8))
    ).status.rawValue
  }

  private static let deployments = "/apis/apps/v1/namespaces/default/deployments"

  private func nested(_ depth: Int) -> String {
    String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
  }

  private func deployment(_ depth: Int) -> String {
    #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"deep"},"spec":"#
      + nested(depth) + "}"
  }

  @Test func `values are nested as deep as allowed and no deeper`() {
    #expect(send(.post, Self.deployments, deployment(StorageLimits.nestingDepth)) == 400)
    #expect(send(.post, Self.deployments, deployment(StorageLimits.nestingDepth - 2)) == 201)
    #expect(send(.post, Self.deployments, String(repeating: "[", count: 100_000)) == 400)
    let merge = "application/merge-patch+json"
    let path = "\(Self.deployments)/deep"
    #expect(send(.patch, path, #"{"metadata":{"labels":{"x":"y"}}}"#, type: merge) == 200)
    #expect(send(.patch, path, #"{"spec":{"b":\#(nested(150))}}"#, type: merge) == 200)
    #expect(send(.patch, path, deployment(StorageLimits.nestingDepth), type: merge) == 400)
  }

  @Test func `a patch cannot nest an object deeper step by step`() {
    #expect(send(.post, Self.deployments, deployment(190)) == 201)
    let pointer = "/spec" + String(repeating: "/a", count: 190)
    let patch = #"[{"op":"replace","path":"\#(pointer)","value":\#(nested(100))}]"#
    #expect(
      send(.patch, "\(Self.deployments)/deep", patch, type: "application/json-patch+json") == 400)
  }

  @Test(arguments: [
    "", "*", "/", "//", "///", "/apis", "/apis/", "/apis//", "/apis///x", "/api/v1/namespaces//",
    "/api/v1/namespaces/default/secrets//", "/api/v1/watch", "/api/v1/watch/", "/apis/a/b/watch",
    "/api/v1/namespaces/default/secrets/x/status/y/z", "/%", "/%zz", "/%2F%2F", "/api/v1/%00",
    "/openapi/v3/", "/openapi/v3/apis", "/openapi/v9", "http://", "https://x", "?x", "/version/x",
    "/healthz/", "/readyz//ping", "/api/v1/namespaces/default/serviceaccounts/x/token",
    "/api/v1/pods?limit=99999999999999999999", "/api/v1/pods?timeoutSeconds=9223372036854775807",
    "/api/v1/pods?watch&timeoutSeconds=-9223372036854775808",
    "/api/v1/pods?watch&resourceVersion=18446744073709551615",
    "/api/v1/pods?resourceVersion=18446744073709551616", "/api/v1/pods?continue=e30",
    "/api/v1/pods?labelSelector=%22%22%22", "/api/v1/pods?fieldSelector=%5C",
    "/apis/tekton.dev/v1/namespaces/default/pipelineruns/x/status/y",
  ])
  func `no target ends the server`(target: String) {
    let body = #"{"metadata":{"name":"x"}}"#
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", ""] {
      for type in ["application/json", "application/merge-patch+json", "application/yaml", ""] {
        let status = send(HTTPMethod(rawValue: method), target, body, type: type)
        #expect((200..<600).contains(status))
      }
    }
  }

  @Test(arguments: [
    "", "k8s", "k8s\0", "k8s\0\u{0A}", "k8s\0\u{0A}\u{7F}", "k8s\0\u{0A}\u{02}\u{0A}\u{00}",
    "k8s\0\u{12}\u{01}", "k8s\0\u{09}1234567", "k8s\0\u{0D}123",
  ])
  func `broken protobuf is refused`(body: String) {
    let status = send(
      .post, "/api/v1/namespaces/default/secrets", body,
      type: "application/vnd.kubernetes.protobuf")
    #expect([400, 415].contains(status))
  }

  /// Every member of a real object, replaced by values of other types.
  @Test func `no type in no place ends the server`() throws {
    let object: JSONValue = [
      "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
      "metadata": [
        "name": "x", "generateName": "y", "namespace": "default", "uid": "u",
        "resourceVersion": "1", "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z",
        "deletionTimestamp": nil, "labels": ["a": "b"], "annotations": ["a": "b"],
        "ownerReferences": [["apiVersion": "v1", "kind": "K", "name": "n", "uid": "u"]],
        "finalizers": ["a/b"],
        "managedFields": [
          [
            "manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
            "fieldsV1": ["f:spec": [:]],
          ]
        ],
      ],
      "spec": ["params": [["name": "a", "value": "b"]], "pipelineRef": ["name": "p"]],
      "status": ["conditions": [["type": "Succeeded"]]],
    ]
    let others: [JSONValue] = [nil, true, -1, 1.5, "", "x", [], [[]], [:], ["": nil], [nil]]
    let target = "/apis/tekton.dev/v1/namespaces/default/pipelineruns"
    for mutant in mutants(of: object, others) {
      let body = mutant.serializedString()
      #expect((200..<600).contains(send(.post, "\(target)?dryRun=All", body)))
      #expect((200..<600).contains(send(.put, "\(target)/x?dryRun=All", body)))
      let type = "application/apply-patch+yaml"
      let query = "dryRun=All&fieldManager=m&force=true"
      #expect((200..<600).contains(send(.patch, "\(target)/x?\(query)", body, type: type)))
    }
  }

  private func mutants(of value: JSONValue, _ others: [JSONValue]) -> [JSONValue] {
    var result = others
    switch value {
    case .object(let object):
      for member in object {
        for mutant in mutants(of: member.value, others) {
          var changed = object
          changed[member.key] = mutant
          result.append(.object(changed))
        }
        var shorter = object
        shorter[member.key] = nil
        result.append(.object(shorter))
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        for mutant in mutants(of: element, others) {
          var changed = elements
          changed[index] = mutant
          result.append(.array(changed))
        }
      }
    default: break
    }
    return result
  }
}
