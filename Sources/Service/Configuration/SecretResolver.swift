// Fetching what hooks refer to: secrets, from wherever they are, and lists of addresses.

import Bytes
import Crypto
package import Hooks
import JSON
import Kubernetes
import Reactor

/// Reads secrets and lists of addresses.
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
    /// What was referred to, in words.
    package let reference: String
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
  package let metrics: MetricsRegistry

  package init(
    configuration: HookSet, cluster: (any RunTarget)?, environment: [String: String],
    metrics: MetricsRegistry = MetricsRegistry()
  ) {
    self.configuration = configuration
    self.cluster = cluster
    self.environment = environment
    self.metrics = metrics
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
            hook: hook.name, reference: "\(reference)", message: "the API server does not answer",
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

  /// Resolves the secrets and lists of one hook.
  func resolve(_ hook: Hook) async throws(Problem) -> ResolvedHook {
    var material = HookMaterial()
    for reference in hook.secrets {
      do throws(Unavailable) {
        material.secrets[reference] = try await secret(reference)
      } catch {
        throw Problem(
          hook: hook.name, reference: "\(reference)", message: error.message, remedy: error.remedy)
      }
    }
    for file in hook.source?.allowFiles ?? [] {
      do throws(Unavailable) {
        material.ranges[file] = try Self.ranges(file)
      } catch {
        throw Problem(
          hook: hook.name, reference: "file \(file.path)", message: error.message,
          remedy: error.remedy)
      }
    }
    if let reference = Self.unusable(hook, material) {
      throw Problem(
        hook: hook.name, reference: "\(reference)",
        message: "not written as this source's secrets are", remedy: .correction)
    }
    return ResolvedHook(hook, material, metrics: metrics)
  }

  /// A secret of a source that no way of proving takes, such as one that is not base64.
  private static func unusable(_ hook: Hook, _ material: HookMaterial) -> SecretReference? {
    guard let source = hook.source else { return nil }
    let secrets = source.secrets.map { material.secret($0.reference) }
    let places = SenderAuthentication.unusable(secrets, for: source.profile.methods)
    return places.first.map { source.secrets[$0].reference }
  }

  /// Whether only the API server can say what the secret is.
  private func isInCluster(_ reference: SecretReference) -> Bool {
    if case .kubernetes = reference { configuration.secret(reference) == nil } else { false }
  }

  /// Why a secret is not to be had.
  struct Unavailable: Error {
    let message: String
    var remedy = Problem.Remedy.correction
    /// Whether it is known that there is none; otherwise it may only be out of reach.
    var isGone = true
  }

  /// Reads one secret.
  func secret(_ reference: SecretReference) async throws(Unavailable) -> SecretBytes {
    if let given = configuration.secret(reference) { return given }
    let bytes: [UInt8]
    switch reference {
    case .kubernetes(let namespace, let name, let key):
      bytes = try await read(key: key, ofSecret: name, in: namespace)
    case .file(let path):
      bytes = try Self.read(file: path)
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

  /// The ranges of a list. What cannot be used is not gone: the list before stays in force.
  static func ranges(_ file: AddressFile) throws(Unavailable) -> [AddressRange] {
    let content = try read(file: file.path)
    do throws(AddressFileError) {
      return try file.ranges(in: content)
    } catch {
      throw Unavailable(message: "\(error)", isGone: false)
    }
  }

  private static func read(file path: String) throws(Unavailable) -> [UInt8] {
    do throws(FileError) {
      return try LocalFile.read(path)
    } catch {
      throw Unavailable(message: "\(error.reason)", isGone: error.isAbsence)
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
        message: "\(error)", remedy: error.isPermanent ? .correction : .patience,
        isGone: error.isNotFound)
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
