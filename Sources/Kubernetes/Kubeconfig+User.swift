// Who we are, by the `user` of a kubeconfig.

import Bytes
import Crypto
import JSON
import YAML

extension Kubeconfig {
  /// Adds what a user says about authentication.
  ///
  /// As in kubectl, a program is asked only if the user has no credentials of another kind.
  static func authenticate(
    _ configuration: inout ClusterConfiguration, as user: KubeconfigNode,
    of cluster: KubeconfigNode, programs: ClusterConfiguration.ProgramPolicy
  ) throws(KubeconfigError) {
    if let field = user["auth-provider"], !field.isEmptyText {
      throw field.error(
        .unsupported,
        "auth providers are gone from Kubernetes since 1.26; use the provider's credential program "
          + "under exec, a token, a tokenFile or a client certificate")
    }
    configuration.clientIdentity = try identity(user)
    configuration.token = try token(user)
    configuration.password = try password(user)
    configuration.impersonation = try impersonation(user)
    if configuration.token != nil, configuration.password != nil {
      throw user.error(.malformed, "has a token and a user name; remove one of them")
    }
    guard configuration.token == nil, configuration.password == nil,
      configuration.clientIdentity == nil, let field = user["exec"], !field.isEmptyText
    else { return }
    guard programs == .allowed else {
      throw field.error(
        .unsupported,
        "it takes running a program, and so whoever writes this file decides what runs: say "
          + "--allow-exec-credentials if that is meant, or use a token, a tokenFile or a client "
          + "certificate")
    }
    configuration.program = try program(field, cluster: cluster)
  }

  private static func identity(
    _ user: KubeconfigNode
  ) throws(KubeconfigError) -> ClusterConfiguration.Identity? {
    let certificate = try user.material("client-certificate")
    let key = try user.material("client-key")
    switch (certificate, key) {
    case (.some(let certificate), .some(let key)):
      return ClusterConfiguration.Identity(certificate: certificate, key: key)
    case (nil, nil):
      return nil
    case (.some, nil):
      throw user.error(.missing, "has a client-certificate but no client-key")
    case (nil, .some):
      throw user.error(.missing, "has a client-key but no client-certificate")
    }
  }

  /// A token, a file with one, or both; then the file wins as soon as it could be read.
  private static func token(
    _ user: KubeconfigNode
  ) throws(KubeconfigError) -> ClusterConfiguration.Token? {
    let text = try user.text("token")
    if let text, !text.utf8.allSatisfy(ASCII.isVisible) {
      throw (user["token"] ?? user).error(.malformed, "has characters that no token has")
    }
    let secret = text.map { SecretBytes($0) }
    if let file = try user.text("tokenFile") {
      return .file(user.absolute(file), fallback: secret)
    }
    return secret.map(ClusterConfiguration.Token.fixed)
  }

  /// A password may be missing, and is then empty.
  private static func password(
    _ user: KubeconfigNode
  ) throws(KubeconfigError) -> ClusterConfiguration.Password? {
    let password = try user.text("password")
    guard let name = try user.text("username") else {
      guard password == nil else { throw user.error(.missing, "has a password but no username") }
      return nil
    }
    guard !name.utf8.contains(where: { $0 == UInt8(ascii: ":") || ASCII.isControl($0) }) else {
      throw (user["username"] ?? user).error(.malformed, "has a colon or a control character")
    }
    return ClusterConfiguration.Password(user: name, password: SecretBytes(password ?? ""))
  }

  private static func impersonation(
    _ user: KubeconfigNode
  ) throws(KubeconfigError) -> Impersonation? {
    let uid = try user.fieldValue("as-uid")
    var groups: [String] = []
    for element in try user.elements("as-groups") { groups.append(try element.fieldValue()) }
    var extra: [Impersonation.Attribute] = []
    for (name, attribute) in try user.members("as-user-extra") {
      var values: [String] = []
      for element in try attribute.elements() { values.append(try element.fieldValue()) }
      extra.append(Impersonation.Attribute(name: name, values: values))
    }
    guard let name = try user.fieldValue("as") else {
      guard uid == nil, groups.isEmpty, extra.isEmpty else {
        throw user.error(.missing, "has as-uid, as-groups or as-user-extra, but no as")
      }
      return nil
    }
    extra.sort { $0.name < $1.name }
    return Impersonation(user: name, uid: uid, groups: groups, extra: extra)
  }
}

// MARK: - Programs

extension Kubeconfig {
  private static func program(
    _ node: KubeconfigNode, cluster: KubeconfigNode
  ) throws(KubeconfigError) -> CredentialProgram {
    let version = try node.requiredText("apiVersion")
    guard let version = CredentialProgram.Version(rawValue: version) else {
      throw (node["apiVersion"] ?? node).error(
        .unsupported,
        "\(quoted(version)) is not supported, client.authentication.k8s.io/v1 and v1beta1 are")
    }
    if try node.text("interactiveMode") == "Always" {
      throw (node["interactiveMode"] ?? node).error(
        .unsupported, "the program wants somebody at a terminal, and here is nobody")
    }
    var program = CredentialProgram(
      version: version, command: node.absoluteCommand(try node.requiredText("command")))
    for element in try node.elements("args") { program.arguments.append(try element.text()) }
    for element in try node.elements("env") {
      let name = try element.requiredText("name")
      guard !name.contains("=") else { throw element.error(.malformed, "its name has a =") }
      program.environment.append(
        CredentialProgram.Variable(name: name, value: try element.text("value") ?? ""))
    }
    program.installHint = try node.text("installHint")
    if let asks = node["provideClusterInfo"], try asks.boolean() {
      program.cluster = try clusterInformation(cluster)
    }
    return program
  }

  /// What a program may know of its cluster. A CA file is read: the program gets bytes.
  private static func clusterInformation(
    _ cluster: KubeconfigNode
  ) throws(KubeconfigError) -> JSONValue {
    var information: JSONValue = ["server": .string(try cluster.requiredText("server"))]
    for key in ["tls-server-name", "proxy-url"] {
      if let text = try cluster.text(key) { information[key] = .string(text) }
    }
    if let skips = cluster["insecure-skip-tls-verify"], try skips.boolean() {
      information["insecure-skip-tls-verify"] = true
    }
    if let authority = try cluster.material("certificate-authority") {
      let bytes = try authority.read(for: "certificate-authority").copy()
      information["certificate-authority-data"] = .string(Base64.encode(bytes))
    }
    for element in try cluster.elements("extensions")
    where try element.text("name") == configurationExtension {
      if let configuration = element["extension"] {
        information["config"] = configuration.value.json
      }
    }
    return information
  }

  /// The name of the extension whose content is meant for the program.
  private static let configurationExtension = "client.authentication.k8s.io/exec"
}

// MARK: - Values

extension KubeconfigNode {
  /// A field with an own value (`x-data`, base64) or a file's name (`x`); the value wins.
  func material(_ key: String) throws(KubeconfigError) -> ClusterConfiguration.Material? {
    let dataKey = "\(key)-data"
    if let text = try text(dataKey) {
      let digits = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
      guard let bytes = Base64.decode(digits), !bytes.isEmpty else {
        throw (self[dataKey] ?? self).error(.malformed, "is not base64")
      }
      return .data(SecretBytes(bytes))
    }
    return try text(key).map { .file(absolute($0)) }
  }

  /// A path in a kubeconfig is relative to the folder of that file, not to the current one.
  func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return "\(file[..<slash])/\(path)"
  }

  /// A command without a slash is looked for along `PATH`; another is a path.
  fileprivate func absoluteCommand(_ command: String) -> String {
    command.contains("/") ? absolute(command) : command
  }

  /// A text that may stand in a field of a request; nil if it is absent.
  fileprivate func fieldValue(_ key: String) throws(KubeconfigError) -> String? {
    guard try text(key) != nil, let member = self[key] else { return nil }
    return try member.fieldValue()
  }

  /// The text that this has to be, one that may stand in a field of a request.
  fileprivate func fieldValue() throws(KubeconfigError) -> String {
    let text = try text()
    guard !text.utf8.contains(where: ASCII.isControl), text.first != " ", text.last != " " else {
      throw error(.malformed, "has characters that cannot be sent")
    }
    return text
  }
}
