// The memory that request bodies may take together.
//
// A body claims memory as it arrives, so that announcing a large body costs the server nothing, and
// gives all of it back when its request is answered or its connection ends. When the claims have used
// the budget up, the next ones wait in the order of their coming, and their connections are not read.
//
// Bodies that are half there and wait for each other would wait for ever. So a part of the budget, the
// reserve, which is as large as one whole body, is lent to one claim at a time: the one that waited
// longest. That body can always be completed, or runs into its time limit; then the next one has the
// reserve. Nobody waits for somebody who waits.

import Synchronization

/// How much memory is left for bodies, over all loops of a server.
///
/// *Shape*: a pool that every claim takes from, a reserve that one claim has, and the queue of the
/// claims that wait. Every operation is O(1), amortised.
///
/// *Concurrency*: any thread; the lock is held for a few instructions.
final class BodyBudget: Sendable {
  /// One body's claim. Never used twice.
  typealias ClaimID = UInt64

  /// A claim that waits for so many more bytes.
  fileprivate struct Waiting {
    let byteCount: Int
    let onGrant: @Sendable () -> Void
  }

  fileprivate struct State {
    var pool: Int
    var reserve: Int
    /// Who has the reserve, and how much of it.
    var holder: (id: ClaimID, byteCount: Int)?
    /// The waiting claims in order; those that are no longer in `waiting` gave up.
    var queue: [ClaimID] = []
    var queueStart = 0
    var waiting: [ClaimID: Waiting] = [:]
  }

  /// All of it, in bytes.
  let byteCount: Int
  private let state: Mutex<State>
  private let lastID = Atomic<ClaimID>(0)

  /// - Parameters:
  ///   - byteCount: what bodies may take together.
  ///   - largestBody: how much of that is the reserve: the largest body that is ever admitted.
  init(byteCount: Int, largestBody: Int) {
    precondition(byteCount > 0 && largestBody > 0, "a server without memory takes no body")
    self.byteCount = byteCount
    let reserve = min(byteCount, largestBody)
    state = Mutex(State(pool: byteCount - reserve, reserve: reserve))
  }

  /// What nobody has claimed, in bytes.
  var availableByteCount: Int { state.withLock { $0.pool + $0.reserve } }

  /// How many claims wait.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  fileprivate func makeID() -> ClaimID {
    lastID.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// Takes bytes for a claim if they are to be had now.
  fileprivate func take(_ byteCount: Int, for id: ClaimID) -> Bool {
    state.withLock { $0.take(byteCount, for: id) }
  }

  /// Takes bytes for a claim, now or when they are to be had.
  ///
  /// - Parameter onGrant: called once, on whatever thread, when the claim has waited and has them.
  /// - Returns: whether it has them now.
  fileprivate func take(
    _ byteCount: Int, for id: ClaimID, onGrant: @escaping @Sendable () -> Void
  ) -> Bool {
    state.withLock { state in
      if state.take(byteCount, for: id) { return true }
      state.queue.append(id)
      state.waiting[id] = Waiting(byteCount: byteCount, onGrant: onGrant)
      return false
    }
  }

  /// Gives up waiting.
  ///
  /// - Returns: whether the claim was still waiting; if not, it was given its bytes meanwhile.
  fileprivate func withdraw(_ id: ClaimID) -> Bool {
    let (hasWaited, granted) = state.withLock { state in
      // Those behind it need less, perhaps.
      (state.waiting.removeValue(forKey: id) != nil, state.grant())
    }
    for onGrant in granted { onGrant() }
    return hasWaited
  }

  /// Takes back all that a claim has.
  fileprivate func release(_ byteCount: Int, of id: ClaimID) {
    let granted = state.withLock { state in
      var pooled = byteCount
      if let holder = state.holder, holder.id == id {
        state.holder = nil
        state.reserve += holder.byteCount
        pooled -= holder.byteCount
      }
      state.pool += pooled
      return state.grant()
    }
    for onGrant in granted { onGrant() }
  }
}

extension BodyBudget.State {
  /// Takes bytes from the reserve for who has it; else from the pool, unless others wait.
  fileprivate mutating func take(_ byteCount: Int, for id: BodyBudget.ClaimID) -> Bool {
    if let holder, holder.id == id { return takeFromReserve(byteCount, for: id) }
    guard waiting.isEmpty else { return false }
    return takeInTurn(byteCount, for: id)
  }

  /// Takes bytes for the claim whose turn it is.
  private mutating func takeInTurn(_ byteCount: Int, for id: BodyBudget.ClaimID) -> Bool {
    if byteCount <= pool {
      pool -= byteCount
      return true
    }
    return holder == nil && takeFromReserve(byteCount, for: id)
  }

  private mutating func takeFromReserve(_ byteCount: Int, for id: BodyBudget.ClaimID) -> Bool {
    guard byteCount <= reserve else { return false }
    reserve -= byteCount
    holder = (id, (holder?.byteCount ?? 0) + byteCount)
    return true
  }

  /// Serves the queue as far as there is memory.
  fileprivate mutating func grant() -> [@Sendable () -> Void] {
    var granted: [@Sendable () -> Void] = []
    while queueStart < queue.count {
      let id = queue[queueStart]
      if let first = waiting[id] {
        guard takeInTurn(first.byteCount, for: id) else { break }
        waiting[id] = nil
        granted.append(first.onGrant)
      }
      queueStart += 1
    }
    if queueStart == queue.count {
      queue.removeAll(keepingCapacity: queue.count <= 64)
      queueStart = 0
    } else if queueStart > queue.count / 2 {
      queue.removeFirst(queueStart)
      queueStart = 0
    }
    return granted
  }
}

/// What one body has of a ``BodyBudget``. When it is gone, the budget has it back: once, whatever
/// became of the request.
struct BodyClaim: ~Copyable {
  private let budget: BodyBudget
  private let id: BodyBudget.ClaimID
  private(set) var byteCount = 0

  init(on budget: BodyBudget) {
    self.budget = budget
    id = budget.makeID()
  }

  deinit {
    if byteCount > 0 { budget.release(byteCount, of: id) }
  }

  /// Takes more if it is to be had now. Says whether it was.
  mutating func grow(by count: Int) -> Bool {
    guard budget.take(count, for: id) else { return false }
    byteCount += count
    return true
  }

  /// Takes more, now or when it is to be had; then ``endWait(for:)`` must follow.
  ///
  /// - Returns: whether it was to be had now.
  mutating func grow(by count: Int, onGrant: @escaping @Sendable () -> Void) -> Bool {
    guard budget.take(count, for: id, onGrant: onGrant) else { return false }
    byteCount += count
    return true
  }

  /// Ends the wait for more, whatever ended it. Says whether the claim has grown.
  mutating func endWait(for count: Int) -> Bool {
    guard !budget.withdraw(id) else { return false }
    byteCount += count
    return true
  }
}
