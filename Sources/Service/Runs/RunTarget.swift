// The API server, as far as creating runs needs it.

package import JSON
package import Kubernetes

/// Where runs go: the part of a Kubernetes API that ``RunCreation`` uses.
package protocol RunTarget: Sendable {
  /// Creates an object in a namespace and returns it as stored.
  func create(_ object: JSONValue, namespace: String?) async throws(KubernetesError) -> JSONValue

  /// Reads one object.
  func get(
    apiVersion: String, kind: String, namespace: String?, name: String
  ) async throws(KubernetesError) -> JSONValue
}

extension KubernetesClient: RunTarget {
  package func create(
    _ object: JSONValue, namespace: String?
  ) async throws(KubernetesError) -> JSONValue {
    try await create(object, namespace: namespace, mode: .persist)
  }
}
