// From a context's name to everything needed to reach its cluster.

import Bytes
import Crypto

extension Kubeconfig {
  /// What a context stands for.
  ///
  /// - Parameter context: Its name; nil for the file's current one.
  /// - Throws: What is missing, malformed or not supported in the context, its cluster or its user.
  func resolved(context: String?) throws(KubeconfigError) -> ClusterConfiguration {
    let place = files.joined(separator: ", ")
    guard let name = context ?? currentContext else {
      throw KubeconfigError(
        .missing, file: place,
        message: "there is no current-context; choose one with --context: \(Self.list(contexts))")
    }
    guard let entry = contexts[name] else {
      let source = context == nil ? "current-context" : "--context"
      throw KubeconfigError(
        .missing, file: place,
        message: "\(source) names \(quoted(name)), the contexts are: \(Self.list(contexts))")
    }
    let cluster = try referred(from: entry, "cluster", in: clusters)
    let user = try referred(from: entry, "user", in: users)
    try Self.refuse(Self.unsupportedClusterFields, in: cluster)
    try Self.refuse(Self.unsupportedUserFields, in: user)
    try Self.refuseUnverifiedTLS(cluster)
    return ClusterConfiguration(
      server: try Self.server(cluster),
      tlsServerName: try cluster.text("tls-server-name"),
      certificateAuthority: try Self.material("certificate-authority", in: cluster),
      clientIdentity: try Self.identity(user),
      token: try Self.token(user),
      defaultNamespace: try entry.text("namespace") ?? "default",
      origin: "context \(quoted(name)) of \(entry.file)")
  }

  /// The cluster or user that a context names.
  private func referred(
    from context: KubeconfigNode, _ key: String, in entries: Entries
  ) throws(KubeconfigError) -> KubeconfigNode {
    let name = try context.requiredText(key)
    guard let entry = entries[name] else {
      throw context.error(
        .missing, "\(key) \(quoted(name)) is not defined, the \(key)s are: \(Self.list(entries))")
    }
    return entry
  }

  private static func list(_ entries: Entries) -> String {
    entries.isEmpty ? "none" : entries.keys.sorted().joined(separator: ", ")
  }

  private static func server(_ cluster: KubeconfigNode) throws(KubeconfigError) -> ServerAddress {
    let text = try cluster.requiredText("server")
    do throws(ServerAddress.Mistake) {
      return try ServerAddress(parsing: text)
    } catch {
      // The text is not quoted: it may hold a password.
      throw (cluster["server"] ?? cluster).error(.malformed, error.description)
    }
  }

  /// A field with an own value (`x-data`, base64) or a file's name (`x`); the value wins.
  private static func material(
    _ key: String, in node: KubeconfigNode
  ) throws(KubeconfigError) -> ClusterConfiguration.Material? {
    let dataKey = "\(key)-data"
    if let text = try node.text(dataKey) {
      let digits = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
      guard let bytes = Base64.decode(digits), !bytes.isEmpty else {
        throw (node[dataKey] ?? node).error(.malformed, "is not base64")
      }
      return .data(SecretBytes(bytes))
    }
    return try node.text(key).map { .file(absolute($0, in: node)) }
  }

  private static func identity(
    _ user: KubeconfigNode
  ) throws(KubeconfigError) -> ClusterConfiguration.Identity? {
    let certificate = try material("client-certificate", in: user)
    let key = try material("client-key", in: user)
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
      return .file(absolute(file, in: user), fallback: secret)
    }
    return secret.map(ClusterConfiguration.Token.fixed)
  }

  /// A path in a kubeconfig is relative to the folder of that file, not to the current one.
  private static func absolute(_ path: String, in node: KubeconfigNode) -> String {
    guard !path.hasPrefix("/"), let slash = node.file.lastIndex(of: "/") else { return path }
    return "\(node.file[..<slash])/\(path)"
  }

  private static func refuse(
    _ fields: [(name: String, reason: String)], in node: KubeconfigNode
  ) throws(KubeconfigError) {
    for (name, reason) in fields {
      guard let field = node[name], !field.isEmptyText else { continue }
      throw field.error(.unsupported, reason)
    }
  }

  private static func refuseUnverifiedTLS(_ cluster: KubeconfigNode) throws(KubeconfigError) {
    guard let field = cluster["insecure-skip-tls-verify"], try field.boolean() else { return }
    throw field.error(
      .unsupported,
      "the server's certificate is always verified; remove this field and give the certificate "
        + "authority in certificate-authority or certificate-authority-data")
  }

  /// Fields that change whom we talk to. Ignoring one would send requests elsewhere.
  private static let unsupportedClusterFields = [
    (
      name: "proxy-url",
      reason: "proxies are not supported; remove it if the server can be reached directly"
    )
  ]

  /// Fields that change who we are. Ignoring one would act under another name, or under none.
  private static let unsupportedUserFields = [
    (
      name: "exec",
      reason: "running a program for credentials is not supported; use a token, a tokenFile or a "
        + "client certificate"
    ),
    (
      name: "auth-provider",
      reason: "auth providers are not supported; use a token, a tokenFile or a client certificate"
    ),
    (
      name: "username",
      reason:
        "user name and password are not supported, nor are they by Kubernetes since 1.19; use "
        + "a token, a tokenFile or a client certificate"
    ),
    (name: "password", reason: "user name and password are not supported; use a token"),
    (name: "as", reason: impersonation),
    (name: "as-uid", reason: impersonation),
    (name: "as-groups", reason: impersonation),
    (name: "as-user-extra", reason: impersonation),
  ]

  private static let impersonation =
    "impersonation is not supported; use the credentials of the account itself"
}
