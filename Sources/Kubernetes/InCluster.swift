// The credentials that a pod has.
// Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/

import Bytes
import Reactor

/// The service account of the pod we run in.
enum InCluster {
  /// Where the kubelet mounts it.
  static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The configuration of this pod; nil when we are in none, that is, when neither of the two
  /// variables is set.
  ///
  /// - Throws: When there is half of it: one variable, or no token or certificate authority.
  static func configuration(
    environment: [String: String], folder: String
  ) throws(KubeconfigError) -> ClusterConfiguration? {
    let host = environment["KUBERNETES_SERVICE_HOST"] ?? ""
    let portText = environment["KUBERNETES_SERVICE_PORT"] ?? ""
    guard !host.isEmpty || !portText.isEmpty else { return nil }
    guard !host.isEmpty, !portText.isEmpty else {
      throw KubeconfigError(
        .missing,
        message: "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must both be set in a pod")
    }
    guard let server = server(host: host, port: portText) else {
      throw KubeconfigError(
        .malformed,
        message: "KUBERNETES_SERVICE_HOST \(quoted(host)) and KUBERNETES_SERVICE_PORT "
          + "\(quoted(portText)) are no host and port")
    }
    let authority = "\(folder)/ca.crt"
    let token = "\(folder)/token"
    for file in [token, authority] {
      do {
        _ = try LocalFile.read(file)
      } catch {
        throw KubeconfigError(
          .unreadable,
          message: "\(error); does the pod have automountServiceAccountToken: false?")
      }
    }
    return ClusterConfiguration(
      server: server, certificateAuthority: .file(authority),
      token: .file(token, fallback: nil), defaultNamespace: try namespace(folder),
      origin: "the pod's service account")
  }

  /// An IPv6 host is written without brackets in the variable.
  private static func server(host: String, port: String) -> ServerAddress? {
    let bracketed = host.contains(":") && host.first != "[" ? "[\(host)]" : host
    do {
      let server = try ServerAddress(parsing: "https://\(bracketed):\(port)")
      return server.basePath.isEmpty ? server : nil
    } catch {
      return nil
    }
  }

  /// The pod's own namespace; `default` if the file is missing, as it is in old clusters.
  private static func namespace(_ folder: String) throws(KubeconfigError) -> String {
    do {
      let text = try LocalFile.readText("\(folder)/namespace").filter { !$0.isWhitespace }
      return text.isEmpty ? defaultNamespace : text
    } catch {
      guard error.isAbsence else { throw KubeconfigError(.unreadable, message: "\(error)") }
      return defaultNamespace
    }
  }

  private static let defaultNamespace = "default"
}
