import Bytes
import Crypto
import Testing

@testable import Kubernetes

@Suite struct KubeconfigTests {
  @Test(arguments: ["!!int s3cret", "!!bool s3cret", "!!float s3cret", "!x s3cret", "[s3cret"])
  func `no token is quoted, whatever is wrong with it`(token: String) throws {
    let text = "users:\n- name: a\n  user: { token: \(token) }\n"
    let error = try #require(throws: KubeconfigError.self) {
      try Kubeconfig(parsing: text, file: "k")
    }
    #expect(!error.description.contains("s3cret"))
  }

  static let file = "/etc/hookline/config"

  private func resolve(
    _ text: String, context: String? = nil, file: String = file
  ) throws(KubeconfigError) -> ClusterConfiguration {
    try Kubeconfig(parsing: text, file: file).resolved(context: context)
  }

  private func config(cluster: String = "", user: String = "", context: String = "") -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: main
    clusters:
    - name: c
      cluster:
        server: https://api.test:6443
    \(indented(cluster))
    users:
    - name: u
      user:
        future-field: {a: 1}
    \(indented(user))
    contexts:
    - name: main
      context:
        cluster: c
        user: u
    \(indented(context))
    """
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
  }

  private func text(_ material: ClusterConfiguration.Material?) -> String? {
    switch material {
    case nil: nil
    case .file(let path): "file \(path)"
    case .data(let bytes): "data \(text(bytes))"
    }
  }

  private func text(_ secret: SecretBytes) -> String {
    secret.withBytes { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
  }

  @Test
  func `the current context names cluster, user and namespace`() throws {
    let found = try resolve(config(user: "token: abc", context: "namespace: ci"))
    #expect(found.server == ServerAddress(host: "api.test", port: 6443))
    #expect(found.defaultNamespace == "ci")
    #expect(found.origin == "context \"main\" of /etc/hookline/config")
    guard case .fixed(let token) = found.token else {
      Issue.record("no token")
      return
    }
    #expect(text(token) == "abc")
    #expect(found.certificateAuthority == nil)
    #expect(found.clientIdentity == nil)
    #expect(found.tlsServerName == nil)
  }

  @Test
  func `without a namespace it is default, and empty fields are absent ones`() throws {
    let found = try resolve(
      config(
        cluster: "certificate-authority: ''\ntls-server-name: \"\"\nproxy-url: ''",
        user: "token: ''\nusername: \"\"\nexec:\n", context: "namespace: ''"))
    #expect(found.defaultNamespace == "default")
    #expect(found.token == nil)
    #expect(found.tlsServerName == nil)
    #expect(found.certificateAuthority == nil)
  }

  @Test
  func `data wins over a file of the same name`() throws {
    let found = try resolve(
      config(
        cluster: "certificate-authority: ca.pem\ncertificate-authority-data: Q0E=",
        user: """
          client-certificate: cert.pem
          client-certificate-data: Q0VSVA==
          client-key: key.pem
          client-key-data: |
            S0
            VZ
          """))
    #expect(text(found.certificateAuthority) == "data CA")
    #expect(text(found.clientIdentity?.certificate) == "data CERT")
    #expect(text(found.clientIdentity?.key) == "data KEY")
  }

  @Test
  func `relative paths start at the folder of the file that holds them`() throws {
    let text = config(
      cluster: "certificate-authority: pki/ca.pem\ntls-server-name: kubernetes",
      user: "client-certificate: /abs/cert.pem\nclient-key: ../key.pem\ntokenFile: token")
    let found = try resolve(text)
    #expect(self.text(found.certificateAuthority) == "file /etc/hookline/pki/ca.pem")
    #expect(self.text(found.clientIdentity?.certificate) == "file /abs/cert.pem")
    #expect(self.text(found.clientIdentity?.key) == "file /etc/hookline/../key.pem")
    #expect(found.tlsServerName == "kubernetes")
    guard case .file("/etc/hookline/token", fallback: nil) = found.token else {
      Issue.record("\(String(describing: found.token))")
      return
    }
    let here = try resolve(text, file: "config")
    #expect(self.text(here.certificateAuthority) == "file pki/ca.pem")
  }

  @Test
  func `a token beside a token file serves until the file was read`() throws {
    let found = try resolve(config(user: "token: abc\ntokenFile: /run/token"))
    guard case .file("/run/token", let fallback?) = found.token else {
      Issue.record("\(String(describing: found.token))")
      return
    }
    #expect(text(fallback) == "abc")
  }

  @Test(arguments: [
    ("auth-provider: {name: gcp}", "auth providers are gone from Kubernetes since 1.26"),
    ("exec: {command: aws}", "it takes running a program"),
  ])
  func `what would change who we are is refused by name and place`(
    _ line: String, _ reason: String
  ) throws {
    let text = config(user: "as: s3cr3t-name\n\(line)")
    let error = try #require(throws: KubeconfigError.self) { try resolve(text) }
    let field = try #require(line.split(separator: ":").first)
    #expect(error.code == .unsupported)
    #expect(error.message.hasPrefix("users[0].user.\(field): \(reason)"))
    #expect(error.description.hasPrefix("/etc/hookline/config:\(error.line ?? 0):"))
    #expect(
      text.split(separator: "\n", omittingEmptySubsequences: false)[(error.line ?? 1) - 1]
        .contains(field))
    #expect(!error.description.contains("s3cr3t"))
  }

  @Test
  func `another context's user may be one that is not supported`() throws {
    let text =
      config(user: "token: abc") + """

        - name: other
          context: {cluster: c, user: eks}
        """
    let both = text.replacing(
      "contexts:\n", with: "- name: eks\n  user: {exec: {command: aws}}\ncontexts:\n")
    #expect(throws: Never.self) { try resolve(both) }
    #expect(throws: KubeconfigError.self) { try resolve(both, context: "other") }
  }

  @Test(arguments: [
    ("insecure-skip-tls-verify: false", true), ("insecure-skip-tls-verify: \"true\"", false),
    ("insecure-skip-tls-verify: 1", false), ("disable-compression: true", true),
  ])
  func `verification that is not skipped is fine`(_ line: String, _ isFine: Bool) {
    if isFine {
      #expect(throws: Never.self) { try resolve(config(cluster: line)) }
    } else {
      let error = #expect(throws: KubeconfigError.self) { try resolve(config(cluster: line)) }
      #expect(error?.code == .malformed)
    }
  }

  @Test(arguments: [
    ("client-certificate: a", "users[0].user: has a client-certificate but no client-key"),
    ("token: 'a b'", "users[0].user.token: has characters that no token has"),
    ("client-key: a", "users[0].user: has a client-key but no client-certificate"),
    ("token: 12345", "users[0].user.token: must be a string, not a number; quote it"),
    (
      "client-key-data: '%%%'\nclient-certificate: a",
      "users[0].user.client-key-data: is not base64"
    ),
    ("tokenFile: [a]", "users[0].user.tokenFile: must be a string, not a list; quote it"),
  ])
  func `half or malformed credentials are refused`(_ lines: String, _ message: String) {
    let error = #expect(throws: KubeconfigError.self) { try resolve(config(user: lines)) }
    #expect(error?.message == message)
    #expect(error?.line != nil)
  }

  @Test(arguments: [
    ("", "there is no current-context; choose one with --context: none"),
    ("current-context: x", "current-context names \"x\", the contexts are: none"),
    (
      "contexts: [{name: b, context: {}}, {name: a, context: {}}]",
      "there is no current-context; choose one with --context: a, b"
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {user: u}}]",
      "contexts[0].context: has no cluster"
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]",
      "contexts[0].context: cluster \"c\" is not defined, the clusters are: none"
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
        + "clusters: [{name: c, cluster: {server: 'https://a'}}]",
      "contexts[0].context: user \"u\" is not defined, the users are: none"
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
        + "clusters: [{name: c, cluster: {}}]\nusers: [{name: u}]",
      "clusters[0].cluster: has no server"
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
        + "clusters: [{name: c, cluster: {server: 'http://u:pw@a'}}]\nusers: [{name: u, user: null}]",
      "clusters[0].cluster.server: http is not supported, since credentials would travel "
        + "unprotected; use https"
    ),
    ("[]", "a kubeconfig is an object, not a list"),
    ("kind: Pod", "kind is \"Pod\", a kubeconfig has \"Config\""),
    ("clusters: {}", "clusters: must be a list, not an object"),
    ("clusters: [{cluster: {}}]", "clusters[0]: has no name"),
    ("users: [{name: a}, {name: a}]", "users[1]: the name \"a\" is there twice"),
  ])
  func `what is missing or malformed is named`(_ text: String, _ message: String) {
    let error = #expect(throws: KubeconfigError.self) { try resolve(text) }
    #expect(error?.message == message)
    #expect(error?.description.hasPrefix("/etc/hookline/config") == true)
  }

  @Test
  func `a context is chosen by name, and a wrong name lists the right ones`() throws {
    let error = #expect(throws: KubeconfigError.self) {
      try resolve(config(user: "token: abc"), context: "mian")
    }
    #expect(
      error?.description
        == "/etc/hookline/config: --context names \"mian\", the contexts are: main")
  }

  @Test
  func `text that is no YAML is refused with its place`() throws {
    let error = try #require(throws: KubeconfigError.self) {
      try resolve("clusters:\n- name: c\n  name: d\n")
    }
    #expect(error.code == .malformed)
    #expect(error.description.hasPrefix("/etc/hookline/config:\(error.line ?? 0):"))
  }

  @Test
  func `of merged files the first to define something wins`() throws {
    var merged = try Kubeconfig(
      parsing: """
        current-context: one
        clusters: [{name: c, cluster: {server: "https://first", certificate-authority: ca.pem}}]
        contexts: [{name: one, context: {cluster: c, user: u}}]
        """, file: "/a/config")
    merged.merge(
      try Kubeconfig(
        parsing: """
          current-context: two
          clusters: [{name: c, cluster: {server: "https://second"}}, {name: d, cluster: {server: "https://third"}}]
          users: [{name: u, user: {tokenFile: token}}]
          contexts: [{name: two, context: {cluster: d, user: u}}]
          """, file: "/b/config"))
    let one = try merged.resolved(context: nil)
    #expect(one.server.host == "first")
    #expect(text(one.certificateAuthority) == "file /a/ca.pem")
    guard case .file("/b/token", _) = one.token else {
      Issue.record("\(String(describing: one.token))")
      return
    }
    #expect(try merged.resolved(context: "two").server.host == "third")
  }
}
