import Synchronization

/// A count that tasks on any thread add to.
final class Tally: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .acquiring) }

  func increment() {
    count.add(1, ordering: .releasing)
  }
}
