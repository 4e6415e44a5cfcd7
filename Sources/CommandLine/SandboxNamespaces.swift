import Hooks
import JSON
import Kubernetes

/// Namespaces in a sandbox that came up empty.
enum SandboxNamespaces {
  /// Creates the namespaces of the hooks and of their runs, so that `serve --sandbox` needs no
  /// preparation.
  static func create(for hooks: HookSet, through client: KubernetesClient) async throws {
    for namespace in hooks.namespaces.sorted() {
      let object: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
      ]
      do {
        _ = try await client.create(object)
      } catch  where error.isAlreadyExists {
        continue
      } catch {
        throw CommandFailure.failed("\(error)")
      }
    }
  }
}
