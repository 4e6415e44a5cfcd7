// From a context's name to everything needed to reach its cluster.

import Bytes

extension Kubeconfig {
  /// What a context stands for.
  ///
  /// - Parameters:
  ///   - context: Its name; nil for the file's current one.
  ///   - programs: Whether its user may be one whose credentials a program gives.
  /// - Throws: What is missing, malformed or not supported in the context, its cluster or its user.
  func resolved(
    context: String?, programs: ClusterConfiguration.ProgramPolicy = .refused
  ) throws(KubeconfigError) -> ClusterConfiguration {
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
    var configuration = ClusterConfiguration(
      server: try Self.server(cluster),
      tlsServerName: try cluster.text("tls-server-name"),
      certificateAuthority: try cluster.material("certificate-authority"),
      defaultNamespace: try entry.text("namespace") ?? "default",
      origin: "context \(quoted(name)) of \(entry.file)")
    configuration.proxy = try Self.proxy(cluster)
    configuration.verification = try Self.verification(cluster)
    try Self.authenticate(&configuration, as: user, of: cluster, programs: programs)
    return configuration
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
}

// MARK: - Clusters

extension Kubeconfig {
  private static func server(_ cluster: KubeconfigNode) throws(KubeconfigError) -> ServerAddress {
    let text = try cluster.requiredText("server")
    do throws(ServerAddress.Mistake) {
      return try ServerAddress(parsing: text)
    } catch {
      // The text is not quoted: it may hold a password.
      throw (cluster["server"] ?? cluster).error(.malformed, error.description)
    }
  }

  private static func proxy(_ cluster: KubeconfigNode) throws(KubeconfigError) -> ProxyAddress? {
    guard let text = try cluster.text("proxy-url") else { return nil }
    do throws(ProxyAddress.Mistake) {
      return try ProxyAddress(parsing: text)
    } catch {
      throw (cluster["proxy-url"] ?? cluster).error(.malformed, error.description)
    }
  }

  /// kubectl refuses both at once, too: it cannot be known which of them is the mistake.
  private static func verification(
    _ cluster: KubeconfigNode
  ) throws(KubeconfigError) -> ClusterConfiguration.Verification {
    guard let field = cluster["insecure-skip-tls-verify"], try field.boolean() else {
      return .required
    }
    for key in ["certificate-authority", "certificate-authority-data"]
    where try cluster.text(key) != nil {
      throw field.error(.malformed, "goes with no \(key); remove one of them")
    }
    return .skipped
  }
}
