// Keeps the hooks up with their secrets and lists of addresses.

import Crypto
import Hooks
package import Logging
import ServiceLifecycle

/// Reads everything that served hooks need again and again, and exchanges those for which something has
/// changed. What was not there at the start is ``SecretWait``'s affair.
///
/// * A secret that is gone, blank or not a secret at all matches nothing from then on.
/// * One that cannot be read for the moment, because the API server does not answer, stays in force:
///   deliveries are not refused because something else is away.
/// * A list of addresses that is not whole leaves the one before in force.
///
/// *Limits*: what is removed or exchanged counts ``interval`` later, and the time that the reading
/// takes; together less than a minute.
package struct SecretWatch: ServiceLifecycle.Service {
  package typealias Sleep = @Sendable (Duration) async throws -> Void

  /// Between two readings: with the 30 s after which the API server's silence is an answer, well
  /// below a minute.
  package static let interval = Duration.seconds(20)

  private let resolver: SecretResolver
  private let table: HookTable
  private let logger: Logger
  private let sleep: Sleep

  /// - Parameters:
  ///   - table: the hooks that are served.
  ///   - sleep: waits, or throws when the task is cancelled.
  package init(
    _ resolver: SecretResolver, table: HookTable, logger: Logger,
    sleep: @escaping Sleep = { try await Task.sleep(for: $0) }
  ) {
    self.resolver = resolver
    self.table = table
    self.logger = logger
    self.sleep = sleep
  }

  /// Watches until the shutdown.
  package func run() async throws {
    await untilShutdown { await watch() }
  }

  /// Reads until the task is cancelled.
  func watch() async {
    var reading = Reading(resolver: resolver, logger: logger)
    while true {
      do { try await sleep(Self.interval) } catch { return }
      reading.isClusterAway = false
      for hook in table.ready {
        guard let material = await reading.changes(of: hook) else { continue }
        table.serve(ResolvedHook(hook.hook, material, metrics: resolver.metrics))
      }
    }
  }

  /// Readings one after the other, and what was wrong at the last of them.
  private struct Reading {
    let resolver: SecretResolver
    let logger: Logger
    /// Whether the API server did not answer this time: it is asked again next time.
    var isClusterAway = false
    private var problems: [String: String] = [:]

    init(resolver: SecretResolver, logger: Logger) {
      self.resolver = resolver
      self.logger = logger
    }

    /// What a hook is to be made with from now on; nil when nothing has changed.
    mutating func changes(of hook: ResolvedHook) async -> HookMaterial? {
      var material = hook.material
      var hasChanged = false
      for reference in hook.hook.secrets {
        if case .kubernetes = reference, isClusterAway { continue }
        let place = "\(reference)"
        do throws(SecretResolver.Unavailable) {
          let secret = try await resolver.secret(reference)
          problems[place] = nil
          guard material.secrets[reference]?.isEqual(to: secret) != true else { continue }
          material.secrets[reference] = secret
          hasChanged = true
          logger.notice(
            "secret replaced", metadata: ["hook": "\(hook.hook.name)", "secret": "\(place)"])
        } catch {
          report(place, error)
          if error.remedy == .patience { isClusterAway = true }
          if error.isGone, error.remedy == .correction,
            material.secrets.removeValue(forKey: reference) != nil
          {
            hasChanged = true
          }
        }
      }
      for file in hook.hook.source?.allowFiles ?? [] {
        do throws(SecretResolver.Unavailable) {
          let ranges = try SecretResolver.ranges(file)
          problems[file.path] = nil
          guard material.ranges[file] != ranges else { continue }
          material.ranges[file] = ranges
          hasChanged = true
          logger.notice("addresses replaced", metadata: ["file": "\(file.path)"])
        } catch {
          report(file.path, error)
        }
      }
      return hasChanged ? material : nil
    }

    /// Says once what is wrong, and again when it is something else.
    private mutating func report(_ place: String, _ problem: SecretResolver.Unavailable) {
      guard problems.updateValue(problem.message, forKey: place) != problem.message else { return }
      let isGone = problem.isGone && problem.remedy == .correction
      logger.error(
        isGone ? "no longer to be used" : "cannot be read, the one before stays in use",
        metadata: ["secret": "\(place)", "reason": "\(problem.message)"])
    }
  }
}

extension SecretBytes {
  fileprivate func isEqual(to other: SecretBytes) -> Bool {
    other.withBytes { matches($0) }
  }
}
