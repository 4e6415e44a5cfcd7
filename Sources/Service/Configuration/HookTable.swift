// Which hooks are served, and which wait for their secrets.

package import Hooks
import Synchronization

/// The hooks by name. Shared by the listeners and by whoever reads secrets.
///
/// A hook whose Kubernetes Secret could not be read yet is known and takes nothing.
package final class HookTable: Sendable {
  enum Entry: Sendable {
    case ready(ResolvedHook)
    /// Not before its secrets were read.
    case waiting(Hook)

    var hook: Hook {
      switch self {
      case .ready(let resolved): resolved.hook
      case .waiting(let hook): hook
      }
    }
  }

  private let entries: Mutex<[HookName: Entry]>

  /// - Parameter waiting: hooks that have to wait.
  package init(_ ready: [HookName: ResolvedHook], waiting: [Hook] = []) {
    var entries = ready.mapValues { Entry.ready($0) }
    for hook in waiting { entries[hook.name] = .waiting(hook) }
    self.entries = Mutex(entries)
  }

  subscript(name: HookName) -> Entry? { entries.withLock { $0[name] } }

  /// The hook of a name as `namespace/name`.
  func hook(named name: String) -> Hook? {
    HookName(name).flatMap { self[$0]?.hook }
  }

  /// All hooks, those included that wait: a schedule needs no secret.
  package var all: [Hook] { entries.withLock { $0.values.map(\.hook) } }

  /// Hooks that wait, sorted by name.
  var waiting: [Hook] {
    entries.withLock { entries in
      entries.values.compactMap { if case .waiting(let hook) = $0 { hook } else { nil } }
    }.sorted { $0.name.description < $1.name.description }
  }

  /// Hooks that are served.
  var ready: [ResolvedHook] {
    entries.withLock { entries in
      entries.values.compactMap { if case .ready(let hook) = $0 { hook } else { nil } }
    }
  }

  /// The secrets of a hook were read.
  func serve(_ hook: ResolvedHook) {
    entries.withLock { $0[hook.hook.name] = .ready(hook) }
  }
}
