import Bytes
import Crypto
import Reactor
import Testing

@testable import Kubernetes

@Suite struct ClusterConfigurationTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func config(_ host: String, context: String = "main") -> String {
    """
    current-context: \(context)
    clusters: [{name: \(host), cluster: {server: "https://\(host)"}}]
    users: [{name: u, user: {token: abc}}]
    contexts: [{name: \(context), context: {cluster: \(host), user: u}}]
    """
  }

  private func load(
    kubeconfig: String? = nil, context: String? = nil, _ environment: [String: String] = [:]
  ) throws(KubeconfigError) -> ClusterConfiguration {
    try ClusterConfiguration.load(
      kubeconfig: kubeconfig, context: context, environment: environment,
      serviceAccountFolder: "\(folder.path)/account")
  }

  private func mountAccount() throws {
    try folder.write("token-token", to: "account/token")
    try folder.write("-----BEGIN CERTIFICATE-----", to: "account/ca.crt")
    try folder.write("ci\n", to: "account/namespace")
  }

  private let pod = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

  @Test
  func `the file given comes before the environment, the home folder and the pod`() throws {
    try mountAccount()
    let given = try folder.write(config("given"), to: "given")
    let listed = try folder.write(config("listed"), to: "listed")
    try folder.write(config("home"), to: ".kube/config")
    var environment = pod
    environment["HOME"] = folder.path
    environment["KUBECONFIG"] = listed
    #expect(try load(kubeconfig: given, environment).server.host == "given")
    #expect(try load(environment).server.host == "listed")
    environment["KUBECONFIG"] = ""
    #expect(try load(environment).server.host == "home")
    environment["HOME"] = "\(folder.path)/nobody"
    #expect(try load(environment).server.host == "10.96.0.1")
  }

  @Test
  func `KUBECONFIG merges its files and passes over the ones that are not there`() throws {
    let first = try folder.write(config("first", context: "one"), to: "first")
    let second = try folder.write(config("second", context: "two"), to: "second")
    let list = ["KUBECONFIG": "/nonexistent:\(first)::\(second):\(first)"]
    #expect(try load(list).server.host == "first")
    #expect(try load(context: "two", list).server.host == "second")
  }

  @Test
  func `a list of which no file is there is a mistake, not a reason to look elsewhere`() throws {
    try mountAccount()
    var environment = pod
    environment["KUBECONFIG"] = "/nonexistent/a:/nonexistent/b"
    let error = #expect(throws: KubeconfigError.self) { try load(environment) }
    #expect(error?.code == .unreadable)
    #expect(error?.description.contains("/nonexistent/a, /nonexistent/b") == true)
  }

  @Test
  func `a file that was named has to be there, and to be a file`() throws {
    let absent = #expect(throws: KubeconfigError.self) { try load(kubeconfig: "/nonexistent") }
    #expect(absent?.description == "kubeconfig file /nonexistent: no such file")
    let isFolder = #expect(throws: KubeconfigError.self) { try load(kubeconfig: folder.path) }
    #expect(isFolder?.description == "kubeconfig file \(folder.path): is a folder")
    let long = try folder.write(String(repeating: "#", count: LocalFile.byteCountMax + 1), to: "l")
    let tooLong = #expect(throws: KubeconfigError.self) { try load(kubeconfig: long) }
    #expect(tooLong?.description.contains("longer than 4194304 bytes") == true)
  }

  @Test
  func `without any of them the ways to give one are listed`() {
    let error = #expect(throws: KubeconfigError.self) { try load(["HOME": folder.path]) }
    #expect(error?.code == .notConfigured)
    for way in ["--kubeconfig", "KUBECONFIG", "~/.kube/config", "cluster"] {
      #expect(error?.message.contains(way) == true)
    }
  }

  @Test
  func `a context without a file to look it up in is a mistake`() throws {
    try mountAccount()
    let error = #expect(throws: KubeconfigError.self) { try load(context: "main", pod) }
    #expect(error?.code == .notConfigured)
    #expect(error?.message.contains("\"main\"") == true)
  }

  @Test
  func `in a pod the service account's files are used`() throws {
    try mountAccount()
    let found = try load(pod)
    #expect(found.server == ServerAddress(host: "10.96.0.1", port: 443))
    #expect(found.defaultNamespace == "ci")
    #expect(found.origin == "the pod's service account")
    guard case .file(let token, fallback: nil) = found.token,
      case .file(let authority) = found.certificateAuthority
    else {
      Issue.record("\(found)")
      return
    }
    #expect(token == "\(folder.path)/account/token")
    #expect(authority == "\(folder.path)/account/ca.crt")
  }

  @Test
  func `in a pod the namespace may be missing and the host may be IPv6`() throws {
    try mountAccount()
    try folder.remove("account/namespace")
    let found = try load([
      "KUBERNETES_SERVICE_HOST": "fd00:10:96::1", "KUBERNETES_SERVICE_PORT": "6443",
    ])
    #expect(found.server.host == "fd00:10:96::1")
    #expect(found.server.authority == "[fd00:10:96::1]:6443")
    #expect(found.defaultNamespace == "default")
  }

  @Test(arguments: ["account/token", "account/ca.crt"])
  func `a pod without the account's files is a mistake`(_ file: String) throws {
    try mountAccount()
    try folder.remove(file)
    let error = #expect(throws: KubeconfigError.self) { try load(pod) }
    #expect(error?.code == .unreadable)
    #expect(error?.message.contains("\(folder.path)/\(file): no such file") == true)
    #expect(error?.message.contains("automountServiceAccountToken") == true)
  }

  @Test(arguments: [
    ["KUBERNETES_SERVICE_HOST": "10.0.0.1"], ["KUBERNETES_SERVICE_PORT": "443"],
    ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "tcp://1:2"],
    ["KUBERNETES_SERVICE_HOST": "a b", "KUBERNETES_SERVICE_PORT": "443"],
    ["KUBERNETES_SERVICE_HOST": "a/x", "KUBERNETES_SERVICE_PORT": "443"],
  ])
  func `a pod with half an address is a mistake`(_ environment: [String: String]) throws {
    try mountAccount()
    let error = #expect(throws: KubeconfigError.self) { try load(environment) }
    #expect(error?.code == .missing || error?.code == .malformed)
  }

  @Test
  func `a file with a certificate is read when it is needed, and named when it is not there`()
    throws
  {
    let file = try folder.write("PEM", to: "ca.pem")
    #expect(
      try ClusterConfiguration.Material.file(file).read(for: "certificate-authority").count == 3)
    let error = #expect(throws: KubeconfigError.self) {
      try ClusterConfiguration.Material.file("/nonexistent/ca").read(for: "certificate-authority")
    }
    #expect(error?.description == "certificate-authority: /nonexistent/ca: no such file")
  }
}
