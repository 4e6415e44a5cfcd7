import Bytes
import JSON
import Testing

@testable import Kubernetes

/// What kubectl v1.32.4 makes of the same files: the output of
/// `KUBECONFIG=… kubectl config view --minify --raw -o json [--context …]`, in a folder with the files.
@Suite struct KubeconfigMergeTests {
  static let first = """
    apiVersion: v1
    kind: Config
    current-context: one
    clusters:
    - name: c
      cluster: {server: "https://first:6443", certificate-authority: ca.pem, future-field: 1}
    users:
    - name: u
      user: {client-certificate: pki/c.pem, client-key: /abs/k.pem}
    contexts:
    - name: one
      context: {cluster: c, user: u}
    """
  static let second = """
    apiVersion: v1
    kind: Config
    current-context: two
    future: {a: b}
    clusters:
    - name: c
      cluster: {server: "https://second", tls-server-name: x, proxy-url: "http://p:3128"}
    - name: d
      cluster: {server: "https://third/k8s/c1", certificate-authority-data: Q0E=,
        certificate-authority: ca.pem, proxy-url: "http://p:3128"}
    - name: e
      cluster: {server: "https://[fd00::1]:6443", insecure-skip-tls-verify: true,
        disable-compression: true}
    users:
    - name: u
      user: {token: second, tokenFile: token}
    - name: v
      user: {tokenFile: ../token, as: jane, as-uid: "7", as-groups: [g, h],
        as-user-extra: {scopes: [view, edit]}}
    - name: w
      user: {username: admin, password: pw}
    contexts:
    - name: one
      context: {namespace: ci, cluster: d, user: v}
    - name: two
      context: {cluster: d, user: v, namespace: ns2}
    - name: three
      context: {cluster: e, user: w}
    - name: four
      context: {cluster: c, user: u}
    """
  static let pointer = "apiVersion: v1\nkind: Config\ncurrent-context: three\n"

  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.first, to: "a/config")
    try folder.write(Self.second, to: "b/config")
    try folder.write(Self.pointer, to: "c/config")
    try folder.write("", to: "e/config")
    try folder.write(Self.first.replacing("current-context: one\n", with: ""), to: "n/config")
    try folder.write(
      Self.first.replacing("users:", with: "- name: c\n  cluster: {server: \"https://z\"}\nusers:"),
      to: "z/config")
  }

  private static let one = """
    {"kind":"Config","apiVersion":"v1","preferences":{},"clusters":[{"name":"c","cluster":{"server":\
    "https://first:6443","certificate-authority":"ca.pem"}}],"users":[{"name":"u","user":{\
    "client-certificate":"pki/c.pem","client-key":"/abs/k.pem"}}],"contexts":[{"name":"one",\
    "context":{"cluster":"c","user":"u"}}],"current-context":"one"}
    """
  private static let two = """
    {"kind":"Config","apiVersion":"v1","preferences":{},"clusters":[{"name":"d","cluster":{"server":\
    "https://third/k8s/c1","certificate-authority":"ca.pem","certificate-authority-data":"Q0E=",\
    "proxy-url":"http://p:3128"}}],"users":[{"name":"v","user":{"tokenFile":"../token","as":"jane",\
    "as-uid":"7","as-groups":["g","h"],"as-user-extra":{"scopes":["view","edit"]}}}],"contexts":[{\
    "name":"two","context":{"cluster":"d","user":"v","namespace":"ns2"}}],"current-context":"two"}
    """
  private static let three = """
    {"kind":"Config","apiVersion":"v1","preferences":{},"clusters":[{"name":"e","cluster":{"server":\
    "https://[fd00::1]:6443","insecure-skip-tls-verify":true,"disable-compression":true}}],"users":[{\
    "name":"w","user":{"username":"admin","password":"pw"}}],"contexts":[{"name":"three","context":{\
    "cluster":"e","user":"w"}}],"current-context":"three"}
    """
  private static let fourOfFirst = """
    {"kind":"Config","apiVersion":"v1","preferences":{},"clusters":[{"name":"c","cluster":{"server":\
    "https://first:6443","certificate-authority":"ca.pem"}}],"users":[{"name":"u","user":{\
    "client-certificate":"pki/c.pem","client-key":"/abs/k.pem"}}],"contexts":[{"name":"four",\
    "context":{"cluster":"c","user":"u"}}],"current-context":"four"}
    """
  private static let fourOfSecond = """
    {"kind":"Config","apiVersion":"v1","preferences":{},"clusters":[{"name":"c","cluster":{"server":\
    "https://second","tls-server-name":"x","proxy-url":"http://p:3128"}}],"users":[{"name":"u","user":\
    {"token":"second","tokenFile":"token"}}],"contexts":[{"name":"four","context":{"cluster":"c",\
    "user":"u"}}],"current-context":"four"}
    """

  /// Which file the winning entries come from decides where their paths begin.
  struct Row: Sendable {
    let files: [String]
    var context: String?
    let winner: String
    let expected: String
  }

  @Test(arguments: [
    Row(files: ["a"], winner: "a", expected: one),
    Row(files: ["a", "a"], winner: "a", expected: one),
    Row(files: ["a", "b"], winner: "a", expected: one),
    Row(files: ["b", "a"], winner: "b", expected: two),
    Row(files: ["x", "a", "b"], context: "two", winner: "b", expected: two),
    Row(files: ["e", "b"], winner: "b", expected: two),
    Row(files: ["c", "b"], winner: "b", expected: three),
    Row(files: ["a", "b"], context: "three", winner: "b", expected: three),
    Row(files: ["a", "b"], context: "four", winner: "a", expected: fourOfFirst),
    Row(files: ["b", "a"], context: "four", winner: "b", expected: fourOfSecond),
  ])
  func `several files are merged as kubectl merges them`(_ row: Row) throws {
    let found = try load(row.files, context: row.context)
    let expected = try JSONValue.parse(Array(row.expected.utf8))
    let cluster = try #require(expected["clusters"]?[0]?["cluster"])
    let user = try #require(expected["users"]?[0]?["user"])
    let context = try #require(expected["contexts"]?[0])

    #expect(found.server.description == cluster["server"]?.stringValue)
    #expect(found.tlsServerName == cluster["tls-server-name"]?.stringValue)
    #expect(found.proxy?.description == cluster["proxy-url"]?.stringValue)
    #expect(
      (found.verification == .skipped)
        == (cluster["insecure-skip-tls-verify"]?.boolValue ?? false))
    #expect(
      text(found.certificateAuthority)
        == cluster["certificate-authority-data"]?.stringValue.map { _ in "CA" }
        ?? path(cluster["certificate-authority"], row))

    #expect(text(found.clientIdentity?.certificate) == path(user["client-certificate"], row))
    #expect(text(found.clientIdentity?.key) == path(user["client-key"], row))
    switch found.token {
    case .file(let file, let fallback):
      #expect(file == path(user["tokenFile"], row))
      #expect(
        fallback.map { String(decoding: $0.copy(), as: UTF8.self) } == user["token"]?.stringValue)
    case .fixed: Issue.record("every token here is in a file")
    case nil: #expect(user["tokenFile"] == nil)
    }
    #expect(found.password?.user == user["username"]?.stringValue)
    #expect(found.impersonation?.user == user["as"]?.stringValue)
    #expect(found.impersonation?.uid == user["as-uid"]?.stringValue)
    #expect(
      found.impersonation?.groups == user["as-groups"]?.arrayValue?.compactMap(\.stringValue))
    #expect(
      found.impersonation?.extra.first?.values
        == user["as-user-extra"]?["scopes"]?.arrayValue?.compactMap(\.stringValue))

    #expect(found.defaultNamespace == context["context"]?["namespace"]?.stringValue ?? "default")
    #expect(found.origin.hasPrefix("context \"\(context["name"]?.stringValue ?? "")\" of "))
  }

  @Test(arguments: [
    // error: cannot locate context nope
    (["a", "b"], "nope" as String?, KubeconfigError.Code.missing),
    // error: current-context must exist in order to minify
    (["n"], nil, .missing),
    // … duplicate name "c" in list …
    (["z"], nil, .malformed),
  ])
  func `what kubectl refuses is refused`(
    _ files: [String], _ context: String?, _ code: KubeconfigError.Code
  ) {
    let error = #expect(throws: KubeconfigError.self) { try load(files, context: context) }
    #expect(error?.code == code)
  }

  private func load(
    _ files: [String], context: String?
  ) throws(KubeconfigError) -> ClusterConfiguration {
    try ClusterConfiguration.load(
      kubeconfig: nil, context: context,
      environment: [
        "KUBECONFIG": files.map { "\(folder.path)/\($0)/config" }.joined(separator: ":")
      ])
  }

  private func text(_ material: ClusterConfiguration.Material?) -> String? {
    switch material {
    case nil: nil
    case .file(let path): path
    case .data(let bytes): String(decoding: bytes.copy(), as: UTF8.self)
    }
  }

  private func path(_ value: JSONValue?, _ row: Row) -> String? {
    value?.stringValue.map { $0.hasPrefix("/") ? $0 : "\(folder.path)/\(row.winner)/\($0)" }
  }
}
