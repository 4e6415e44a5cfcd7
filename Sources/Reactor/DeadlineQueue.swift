/// Deadlines by urgency, made for deadlines that are moved far more often than they are reached.
///
/// A connection arms and disarms a deadline several times per request, and hardly one of them ever
/// passes. So a deadline is two instants in a table: when it is due, and when the queue looks at it
/// next. Moving it later, or clearing it, only writes the first; the queue finds out when it gets
/// there and files it again. Only pulling it forward, before the next look, pushes an entry.
///
/// Shape: a slot per deadline and a binary heap of looks. A look whose slot says something else is
/// stale and dropped when it surfaces.
///
/// Limits: one live look per armed deadline, and a stale one for each time it was pulled forward
/// since. Moving is O(1) except forward, which is O(log n), as is each look.
struct DeadlineQueue<Target> {
  fileprivate struct Slot {
    var due: MonotonicInstant
    var nextLook: MonotonicInstant
    var target: Target
  }

  private struct Look {
    var at: MonotonicInstant
    var token: SlotToken
  }

  private var slots = SlotTable<Slot>()
  private var looks: [Look] = []

  /// Adds a deadline that is not armed yet.
  mutating func insert(_ target: Target) -> SlotToken {
    slots.insert(Slot(due: .distantFuture, nextLook: .distantFuture, target: target))
  }

  /// Forgets a deadline; what is left of it in the heap is stale.
  mutating func remove(_ token: SlotToken) {
    slots.remove(token)
  }

  /// Arms a deadline, or moves it; ``MonotonicInstant/distantFuture`` disarms it.
  mutating func set(_ token: SlotToken, to due: MonotonicInstant) {
    let mustLook = slots.update(token) { slot in
      slot.due = due
      guard due < slot.nextLook else { return false }
      slot.nextLook = due
      return true
    }
    if mustLook == true { push(Look(at: due, token: token)) }
  }

  /// When ``expireNext(now:)`` should be called next; it may then find that nothing is due.
  var nextLook: MonotonicInstant { looks.first?.at ?? .distantFuture }

  /// Takes one deadline that is due and disarms it. Nil when none is.
  mutating func expireNext(now: MonotonicInstant) -> Target? {
    while let look = looks.first, look.at <= now {
      popFirst()
      let outcome = slots.update(look.token) { $0.settle(look: look.at, now: now) }
      switch outcome {
      case .due(let target): return target
      case .later(let due): push(Look(at: due, token: look.token))
      case .nothing, nil: continue
      }
    }
    return nil
  }
}

extension DeadlineQueue {
  fileprivate enum Outcome {
    case due(Target)
    case later(MonotonicInstant)
    case nothing
  }
}

extension DeadlineQueue.Slot {
  /// Decides what a look at this deadline means, and files the next one.
  fileprivate mutating func settle(
    look: MonotonicInstant, now: MonotonicInstant
  )
    -> DeadlineQueue.Outcome
  {
    guard nextLook == look else { return .nothing }
    nextLook = .distantFuture
    if due <= now {
      due = .distantFuture
      return .due(target)
    }
    guard due != .distantFuture else { return .nothing }
    nextLook = due
    return .later(due)
  }
}

// MARK: - The heap

extension DeadlineQueue {
  private mutating func push(_ look: Look) {
    looks.append(look)
    var child = looks.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard looks[child].at < looks[parent].at else { return }
      looks.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func popFirst() {
    looks.swapAt(0, looks.count - 1)
    looks.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < looks.count && looks[child].at < looks[least].at {
        least = child
      }
      guard least != parent else { return }
      looks.swapAt(parent, least)
      parent = least
    }
  }
}
