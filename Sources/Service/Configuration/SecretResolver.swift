// Fetching the secrets that hooks refer to, from wherever they are.

import Bytes
import Crypto
package import Hooks
import JSON
import Kubernetes
import Reactor

/// Reads secrets.
///
/// A reference that cannot be resolved, or whose secret is blank, is an error: a hook without a
/// secret that works would refuse everything, and one with a blank secret would accept everything.
package struct SecretResolver: Sendable {
  /// A secret that is not to be had, for the person who configured it.
  package struct Problem: Error, Sendable, CustomStringConvertible {
    package enum Remedy: Sendable {
      /// The API server does not answer; it will.
      case patience
      /// Somebody has to correct the configuration, or what it names.
      case correction
    }

    package let hook: HookName
    package let reference: SecretReference
    package let message: String
    /// What it takes.
    package let remedy: Remedy

    /// `hook ci/my-app: key "token" of Secret ci/github: no such key`
    package var description: String { "hook \(hook): \(reference): \(message)" }
  }

  /// The configuration, which may hold secrets as documents among its files.
  package let configuration: HookSet
  /// Where the others are; `nil` when there is no cluster.
  package let cluster: (any RunTarget)?
  package let environment: [String: String]

  package init(
    configuration: HookSet, cluster: (any RunTarget)?, environment: [String: String]
  ) {
    self.configuration = configuration
    self.cluster = cluster
    self.environment = environment
  }

  /// Resolves the secrets of all hooks.
  ///
  /// - Returns: the hooks that have all their secrets, and the problems of the others.
  ///
  /// Once the API server does not answer it is not asked for the secrets of further hooks, so that
  /// this ends soon.
  package func resolve() async -> (hooks: [HookName: ResolvedHook], problems: [Problem]) {
    var resolved: [HookName: ResolvedHook] = [:]
    var problems: [Problem] = []
    var isAway = false
    for hook in configuration.hooks.values.sorted(by: { $0.name.description < $1.name.description })
    {
      if isAway, let reference = hook.secrets.first(where: isInCluster) {
        problems.append(
          Problem(
            hook: hook.name, reference: reference, message: "the API server does not answer",
            remedy: .patience))
        continue
      }
      do throws(Problem) {
        resolved[hook.name] = try await resolve(hook)
      } catch {
        problems.append(error)
        if error.remedy == .patience { isAway = true }
      }
    }
    return (resolved, problems)
  }

  /// Resolves the secrets of one hook.
  func resolve(_ hook: Hook) async throws(Problem) -> ResolvedHook {
    ResolvedHook(
      hook: hook,
      sourceSecrets: try await material(
        of: hook.source?.secrets.map(\.reference) ?? [], for: hook.name),
      callerSecrets: try await material(
        of: hook.callers.map(\.secret.reference), for: hook.name))
  }

  /// Whether only the API server can say what the secret is.
  private func isInCluster(_ reference: SecretReference) -> Bool {
    if case .kubernetes = reference { configuration.secret(reference) == nil } else { false }
  }

  private func material(
    of references: [SecretReference], for hook: HookName
  ) async throws(Problem) -> [SecretBytes] {
    var secrets: [SecretBytes] = []
    for reference in references {
      do throws(Unavailable) {
        secrets.append(try await secret(reference))
      } catch {
        throw Problem(
          hook: hook, reference: reference, message: error.message, remedy: error.remedy)
      }
    }
    return secrets
  }

  /// Why a secret is not to be had.
  struct Unavailable: Error {
    let message: String
    var remedy = Problem.Remedy.correction
  }

  /// Reads one secret.
  func secret(_ reference: SecretReference) async throws(Unavailable) -> SecretBytes {
    if let given = configuration.secret(reference) { return given }
    let bytes: [UInt8]
    switch reference {
    case .kubernetes(let namespace, let name, let key):
      bytes = try await read(key: key, ofSecret: name, in: namespace)
    case .file(let path):
      bytes = try read(file: path)
    case .environment(let name):
      guard let value = environment[name] else { throw Unavailable(message: "not set") }
      bytes = Array(value.utf8)
    case .publicKey(let text):
      bytes = Array(text.utf8)
    }
    do throws(SecretError) {
      return try SecretMaterial.secret(from: bytes)
    } catch {
      throw Unavailable(message: "\(error)")
    }
  }

  private func read(file path: String) throws(Unavailable) -> [UInt8] {
    do throws(FileError) {
      return try LocalFile.read(path)
    } catch {
      throw Unavailable(message: "\(error.reason)")
    }
  }

  private func read(
    key: String, ofSecret name: String, in namespace: String
  ) async throws(Unavailable) -> [UInt8] {
    guard let cluster else { throw Unavailable(message: "there is no cluster to read it from") }
    let object: JSONValue
    do throws(KubernetesError) {
      object = try await cluster.get(
        apiVersion: "v1", kind: "Secret", namespace: namespace, name: name)
    } catch {
      // A cluster that is coming up refuses what it will allow: its own accounts are not there yet.
      throw Unavailable(
        message: "\(error)", remedy: error.isPermanent ? .correction : .patience)
    }
    guard let encoded = object["data"]?[key]?.stringValue else {
      throw Unavailable(message: "the Secret has no such key")
    }
    guard let bytes = Base64.decode(Array(encoded.utf8)) else {
      throw Unavailable(message: "the value is not base64")
    }
    return bytes
  }
}
