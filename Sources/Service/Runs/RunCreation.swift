// Creating a run at most once. Its name is derived from the delivery, so the API server is the
// lock: whoever comes second is told that the object exists, and finds our labels on it.

import Hooks
import JSON
import Kubernetes

/// What became of one run.
package enum RunOutcome: Sendable {
  /// It was created now.
  case created
  /// An earlier attempt at this delivery had created it.
  case existed
  /// It was not created.
  case failed(RunFailure)
}

/// Why a run was not created.
package struct RunFailure: Sendable, Equatable {
  /// A word for machines: the API's `reason` (`Forbidden`, `Invalid`, …) or, where no API answered,
  /// the kind of failure.
  package let reason: String
  /// A sentence for people, with the API's own message.
  package let message: String
}

/// Creates rendered runs so that a repeated attempt never makes a second one.
struct RunCreation: Sendable {
  let target: any RunTarget

  /// Creates the run, or finds that it is there.
  ///
  /// After an outcome that nobody can know (a connection lost, a time-out) the run is looked up by
  /// its name before it is called failed: the request may well have been carried out.
  func create(_ run: RenderedRun) async -> RunOutcome {
    do {
      _ = try await target.create(run.object, namespace: run.namespace)
      return .created
    } catch {
      if error.isAlreadyExists { return await identify(run) }
      if error.outcome == .ambiguous, case .existed = await identify(run) { return .created }
      return .failed(RunFailure(error))
    }
  }

  /// Whether the object that has the run's name is this delivery's.
  private func identify(_ run: RenderedRun) async -> RunOutcome {
    do {
      let found = try await target.get(
        apiVersion: run.apiVersion, kind: run.kind, namespace: run.namespace, name: run.name)
      guard Self.isSameDelivery(found, run.object) else {
        return .failed(
          RunFailure(
            reason: "NameCollision",
            message:
              "\(run.kind) \(run.namespace)/\(run.name) exists and belongs to another delivery: "
              + "use generateName instead of name in the template, or delete the object"))
      }
      return .existed
    } catch {
      return .failed(RunFailure(error))
    }
  }

  private static func isSameDelivery(_ found: JSONValue, _ wanted: JSONValue) -> Bool {
    [RunMark.hook, RunMark.trigger, RunMark.delivery].allSatisfy { label in
      let path = ["metadata", "labels", label]
      guard let value = wanted[path]?.stringValue else { return false }
      return found[path]?.stringValue == value
    }
  }
}

extension RunFailure {
  init(_ error: KubernetesError) {
    self.init(reason: error.reason ?? error.code.rawValue, message: "\(error)")
  }
}
