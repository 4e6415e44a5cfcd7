import JSON
import Kubernetes
import Service
import Synchronization

/// An API server as far as ``RunTarget`` goes: objects in memory, and failures on demand.
final class FakeCluster: RunTarget {
  enum Behaviour: Sendable {
    /// Creates what is not there yet.
    case normal
    /// Refuses every creation so.
    case refuses(KubernetesError)
    /// Creates the object, and the answer is lost.
    case losesTheAnswer
    /// Refuses what goes to one namespace so.
    case refusesNamespace(String, KubernetesError)
  }

  private struct State {
    var objects: [String: JSONValue] = [:]
    var creations = 0
    var attempts = 0
    var order: [String] = []
    var behaviour = Behaviour.normal
  }

  private let state = Mutex(State())

  func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

  /// An object that is there already.
  func insert(_ object: JSONValue) {
    state.withLock { $0.objects[Self.key(object)] = object }
  }

  var objects: [JSONValue] { state.withLock { Array($0.objects.values) } }

  /// How many objects were made.
  var creationCount: Int { state.withLock { $0.creations } }

  /// How often somebody tried to make one.
  var attemptCount: Int { state.withLock { $0.attempts } }

  /// The names of the objects in the order in which they were made.
  var order: [String] { state.withLock { $0.order } }

  func remove(named name: String) {
    state.withLock { state in
      for key in state.objects.keys where key.hasSuffix("/\(name)") { state.objects[key] = nil }
    }
  }

  func create(_ object: JSONValue, namespace: String?) async throws(KubernetesError) -> JSONValue {
    let failure: KubernetesError? = state.withLock { state in
      state.attempts += 1
      switch state.behaviour {
      case .refuses(let error): return error
      case .refusesNamespace(let name, let error) where name == namespace: return error
      default: break
      }
      let key = Self.key(object)
      guard state.objects[key] == nil else {
        return KubernetesError(
          .alreadyExists, httpStatus: 409, reason: "AlreadyExists",
          message: "pipelineruns.tekton.dev already exists")
      }
      state.objects[key] = object
      state.creations += 1
      state.order.append(object["metadata"]?["name"]?.stringValue ?? "")
      guard case .losesTheAnswer = state.behaviour else { return nil }
      return KubernetesError(
        .timeout, message: "no answer within 30 s", retry: .backoff, outcome: .ambiguous)
    }
    if let failure { throw failure }
    return object
  }

  func get(
    apiVersion: String, kind: String, namespace: String?, name: String
  ) async throws(KubernetesError) -> JSONValue {
    let key = "\(apiVersion) \(kind) \(namespace ?? "")/\(name)"
    guard let object = state.withLock({ $0.objects[key] }) else {
      throw KubernetesError(
        .notFound, httpStatus: 404, reason: "NotFound", message: "\(key) not found")
    }
    return object
  }

  private static func key(_ object: JSONValue) -> String {
    let metadata = object["metadata"]
    return "\(object["apiVersion"]?.stringValue ?? "") \(object["kind"]?.stringValue ?? "") "
      + "\(metadata?["namespace"]?.stringValue ?? "")/\(metadata?["name"]?.stringValue ?? "")"
  }
}
