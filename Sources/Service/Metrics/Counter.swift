import Synchronization

/// A number that only grows.
///
/// *Concurrency*: any thread, without a lock; it wraps after 2^64.
final class Counter: Sendable {
  private let value = Atomic<UInt64>(0)

  func add(_ count: UInt64 = 1) {
    value.wrappingAdd(count, ordering: .relaxed)
  }

  var current: UInt64 { value.load(ordering: .relaxed) }
}
