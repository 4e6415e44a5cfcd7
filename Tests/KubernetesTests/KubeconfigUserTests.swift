import Crypto
import HTTPWire
import JSON
import Logging
import Testing

@testable import Kubernetes

/// How a kubeconfig says who we are, beyond tokens and certificates, and how to get there.
@Suite struct KubeconfigUserTests {
  private func resolve(
    cluster: String = "", user: String, programs: ClusterConfiguration.ProgramPolicy = .allowed
  ) throws(KubeconfigError) -> ClusterConfiguration {
    try Kubeconfig(
      parsing: """
        current-context: main
        clusters: [{name: c, cluster: {server: "https://api.test:6443"\(cluster)}}]
        users: [{name: u, user: {\(user)}}]
        contexts: [{name: main, context: {cluster: c, user: u}}]
        """, file: "/etc/hookline/config"
    ).resolved(context: nil, programs: programs)
  }

  // MARK: Programs

  static let exec = """
    exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token],
      env: [{name: AWS_PROFILE, value: ci}, {name: EMPTY}], installHint: install it,
      interactiveMode: IfAvailable, provideClusterInfo: true}
    """

  @Test func `a program is taken as it stands there`() throws {
    let cluster = """
      , tls-server-name: api, certificate-authority-data: Q0E=, extensions: [{name: other, extension: 1},
        {name: client.authentication.k8s.io/exec, extension: {audience: a}}]
      """
    let program = try #require(try resolve(cluster: cluster, user: Self.exec).program)
    #expect(program.version == .v1)
    #expect(program.command == "aws")
    #expect(program.arguments == ["eks", "get-token"])
    #expect(program.environment.map { "\($0.name)=\($0.value)" } == ["AWS_PROFILE=ci", "EMPTY="])
    #expect(program.installHint == "install it")
    #expect(
      try JSONValue.parse(Array(program.information.utf8)) == [
        "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
        "spec": [
          "interactive": false,
          "cluster": [
            "server": "https://api.test:6443", "tls-server-name": "api",
            "certificate-authority-data": "Q0E=", "config": ["audience": "a"],
          ],
        ],
      ])
  }

  @Test(arguments: [
    ("aws", "aws"), ("./bin/aws", "/etc/hookline/./bin/aws"), ("bin/aws", "/etc/hookline/bin/aws"),
    ("/usr/bin/aws", "/usr/bin/aws"),
  ])
  func `a command with a slash is a path from the file's folder`(
    _ command: String, _ path: String
  ) throws {
    let user = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: \(command)}"
    let program = try #require(try resolve(user: user).program)
    #expect(program.command == path)
    #expect(program.version == .v1beta1)
    #expect(program.cluster == nil)
  }

  @Test func `no program runs unless that was allowed`() {
    let error = #expect(throws: KubeconfigError.self) {
      try resolve(user: Self.exec, programs: .refused)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("--allow-exec-credentials") == true)
  }

  @Test(arguments: [
    "token: abc", "tokenFile: t", "username: a, password: b",
    "client-certificate: a, client-key: b",
  ])
  func `a program is not asked where there are credentials`(_ other: String) throws {
    let user = "\(other), exec: {command: aws}"
    #expect(try resolve(user: user, programs: .refused).program == nil)
    #expect(try resolve(user: user).program == nil)
  }

  @Test(arguments: [
    ("command: a", "users[0].user.exec: has no apiVersion"),
    (
      "apiVersion: client.authentication.k8s.io/v1alpha1, command: a",
      "users[0].user.exec.apiVersion: \"client.authentication.k8s.io/v1alpha1\" is not supported, "
        + "client.authentication.k8s.io/v1 and v1beta1 are"
    ),
    ("apiVersion: client.authentication.k8s.io/v1", "users[0].user.exec: has no command"),
    (
      "apiVersion: client.authentication.k8s.io/v1, command: a, interactiveMode: Always",
      "users[0].user.exec.interactiveMode: the program wants somebody at a terminal, and here is "
        + "nobody"
    ),
    (
      "apiVersion: client.authentication.k8s.io/v1, command: a, env: [{value: b}]",
      "users[0].user.exec.env[0]: has no name"
    ),
    (
      "apiVersion: client.authentication.k8s.io/v1, command: a, env: [{name: a=b}]",
      "users[0].user.exec.env[0]: its name has a ="
    ),
    (
      "apiVersion: client.authentication.k8s.io/v1, command: a, args: [1]",
      "users[0].user.exec.args[0]: must be a string, not a number; quote it"
    ),
  ])
  func `a program that cannot be run as described is refused`(_ exec: String, _ message: String) {
    let error = #expect(throws: KubeconfigError.self) { try resolve(user: "exec: {\(exec)}") }
    #expect(error?.message == message)
  }

  // MARK: Names

  @Test(arguments: [
    ("username: admin, password: 'p:w'", "Basic YWRtaW46cDp3"),
    ("username: admin", "Basic YWRtaW46"),
  ])
  func `a name and a password go into the field`(_ user: String, _ value: String) async throws {
    let transport = ScriptedTransport([.json(.ok, ["gitVersion": "v1"])])
    _ = try await client(try resolve(user: user), transport).serverVersion()
    #expect(transport.requests[0].fields.values(for: "Authorization") == [value])
  }

  @Test func `a password that an answer quotes is not passed on`() async throws {
    let transport = ScriptedTransport([.text(.forbidden, "no entry for Basic YWRtaW46cDp3!")])
    let error = await #expect(throws: KubernetesError.self) {
      try await client(try resolve(user: "username: admin, password: 'p:w'"), transport)
        .serverVersion()
    }
    #expect(error?.message == "no entry for <token>!")
  }

  @Test func `we act as whom the user says`() async throws {
    let user = """
      token: abc, as: jane, as-uid: "7", as-groups: [g, "h i"],
      as-user-extra: {scopes: [view, edit], acme.test/üb%er: [x]}
      """
    let transport = ScriptedTransport([.json(.ok, ["gitVersion": "v1"])])
    _ = try await client(try resolve(user: user), transport).serverVersion()
    let fields = transport.requests[0].fields
    #expect(fields.values(for: "Authorization") == ["Bearer abc"])
    #expect(fields.values(for: "Impersonate-User") == ["jane"])
    #expect(fields.values(for: "Impersonate-Uid") == ["7"])
    #expect(fields.values(for: "Impersonate-Group") == ["g", "h i"])
    #expect(fields.values(for: "Impersonate-Extra-scopes") == ["view", "edit"])
    #expect(fields.values(for: "Impersonate-Extra-acme.test%2F%C3%BCb%25er") == ["x"])
  }

  @Test(arguments: [
    ("password: hunter2", "users[0].user: has a password but no username"),
    ("username: 'a:b'", "users[0].user.username: has a colon or a control character"),
    ("username: a, token: b", "users[0].user: has a token and a user name; remove one of them"),
    ("as-uid: '7'", "users[0].user: has as-uid, as-groups or as-user-extra, but no as"),
    ("as-groups: [a]", "users[0].user: has as-uid, as-groups or as-user-extra, but no as"),
    ("as: \"a\\nb\"", "users[0].user.as: has characters that cannot be sent"),
    (
      "as: a, as-groups: [\"b\\r\"]",
      "users[0].user.as-groups[0]: has characters that cannot be sent"
    ),
    (
      "as: a, as-user-extra: {k: v}", "users[0].user.as-user-extra.k: must be a list, not a string"
    ),
  ])
  func `names that cannot be sent or do not fit together are refused`(
    _ user: String, _ message: String
  ) {
    let error = #expect(throws: KubeconfigError.self) { try resolve(user: user) }
    #expect(error?.message == message)
    #expect(error?.description.contains("hunter2") == false)
  }

  // MARK: Ways

  @Test(arguments: [
    ("http://p", "http://p:80"), ("https://p.test/", "https://p.test:443"),
    ("socks5://p", "socks5://p:1080"), ("HTTP://10.0.0.1:3128", "http://10.0.0.1:3128"),
    ("http://u:p%40w@[fd00::1]:8080", "http://[fd00::1]:8080"),
  ])
  func `a proxy's address is read`(_ text: String, _ description: String) throws {
    let proxy = try #require(try resolve(cluster: ", proxy-url: '\(text)'", user: "").proxy)
    #expect(proxy.description == description)
    if text.contains("@") {
      #expect(proxy.credentials?.user == "u")
      #expect(proxy.credentials?.password.copy() == Array("p@w".utf8))
    } else {
      #expect(proxy.credentials == nil)
    }
  }

  @Test(arguments: [
    ("proxy:3128", "it does not begin with http://, https:// or socks5://"),
    ("ftp://s3cret@p", "it does not begin with http://, https:// or socks5://"),
    ("http://p/path", "it has a path, a query or a fragment"),
    ("http://s3cret%zz@p", "its user name or password is wrongly percent-encoded or too long"),
    ("http://p:0", "its port is not a number from 1 to 65535"),
    ("http://", "its host is neither a name nor an IP address"),
  ])
  func `what is no proxy's address is refused`(_ text: String, _ message: String) {
    let error = #expect(throws: KubeconfigError.self) {
      try resolve(cluster: ", proxy-url: '\(text)'", user: "")
    }
    #expect(error?.message == "clusters[0].cluster.proxy-url: \(message)")
    #expect(error?.description.contains("s3cret") == false)
  }

  @Test func `verification is skipped where the file says so, and not beside an authority`() throws
  {
    let skips = ", insecure-skip-tls-verify: true"
    #expect(try resolve(cluster: skips, user: "").verification == .skipped)
    #expect(try resolve(user: "").verification == .required)
    for authority in [", certificate-authority: a", ", certificate-authority-data: Q0E="] {
      let error = #expect(throws: KubeconfigError.self) {
        try resolve(cluster: skips + authority, user: "")
      }
      #expect(error?.code == .malformed)
    }
  }

  private func client(
    _ configuration: ClusterConfiguration, _ transport: ScriptedTransport
  ) -> KubernetesClient {
    KubernetesClient(
      configuration, transport: transport,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, userAgent: "test")
  }
}
