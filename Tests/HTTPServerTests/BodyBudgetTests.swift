import Synchronization
import Testing

@testable import HTTPServer

/// What was granted, in order.
private final class Grants: Sendable {
  private let names = Mutex<[String]>([])

  var all: [String] { names.withLock { $0 } }

  func note(_ name: String) -> @Sendable () -> Void {
    { self.names.withLock { $0.append(name) } }
  }
}

/// A claim that a test can ask about.
private final class Body {
  private var claim: BodyClaim?
  /// What it waits for.
  private(set) var wanted = 0

  init(on budget: BodyBudget) {
    claim = BodyClaim(on: budget)
  }

  var byteCount: Int { claim?.byteCount ?? 0 }

  func grow(by count: Int) -> Bool { claim?.grow(by: count) ?? false }

  func grow(by count: Int, onGrant: @escaping @Sendable () -> Void) -> Bool {
    let hasGrown = claim?.grow(by: count, onGrant: onGrant) ?? false
    if !hasGrown { wanted = count }
    return hasGrown
  }

  func endWait() -> Bool {
    defer { wanted = 0 }
    return claim?.endWait(for: wanted) ?? false
  }

  func end() { claim = nil }
}

@Suite struct BodyBudgetTests {
  @Test func `claims take memory and give it back when they are gone`() {
    let budget = BodyBudget(byteCount: 100, largestBody: 40)
    do {
      let claim = Body(on: budget)
      #expect(claim.grow(by: 30))
      #expect(claim.grow(by: 20))
      #expect(claim.byteCount == 50)
      #expect(budget.availableByteCount == 50)
    }
    #expect(budget.availableByteCount == 100)
  }

  @Test func `one claim beyond the pool has the reserve, and no other`() {
    let budget = BodyBudget(byteCount: 100, largestBody: 40)
    let first = Body(on: budget)
    let second = Body(on: budget)
    let third = Body(on: budget)
    #expect(first.grow(by: 60))
    #expect(second.grow(by: 10))
    #expect(!third.grow(by: 1))
    #expect(second.grow(by: 30))
    #expect(!second.grow(by: 1))
    #expect(budget.availableByteCount == 0)
    second.end()
    #expect(third.grow(by: 1))
    third.end()
    first.end()
    #expect(budget.availableByteCount == 100)
  }

  @Test func `who waits is served in turn, and who comes later does not pass`() {
    let grants = Grants()
    let budget = BodyBudget(byteCount: 100, largestBody: 40)
    let first = Body(on: budget)
    let second = Body(on: budget)
    let third = Body(on: budget)
    let fourth = Body(on: budget)
    let fifth = Body(on: budget)
    #expect(first.grow(by: 50))
    #expect(second.grow(by: 40))
    #expect(!third.grow(by: 30, onGrant: grants.note("third")))
    #expect(!fourth.grow(by: 40, onGrant: grants.note("fourth")))
    // Ten bytes of the pool are left, and others were there before.
    #expect(!fifth.grow(by: 10, onGrant: grants.note("fifth")))
    second.end()
    #expect(grants.all == ["third"])
    #expect(third.endWait())
    first.end()
    #expect(grants.all == ["third", "fourth", "fifth"])
    #expect(fourth.endWait() && fifth.endWait())
    third.end()
    fourth.end()
    fifth.end()
    #expect(budget.availableByteCount == 100)
  }

  @Test func `who gives up waiting gets nothing and does not stand in the way`() {
    let grants = Grants()
    let budget = BodyBudget(byteCount: 100, largestBody: 40)
    let first = Body(on: budget)
    let second = Body(on: budget)
    let third = Body(on: budget)
    let fourth = Body(on: budget)
    #expect(first.grow(by: 50) && second.grow(by: 40))
    #expect(!third.grow(by: 30, onGrant: grants.note("third")))
    #expect(!fourth.grow(by: 5, onGrant: grants.note("fourth")))
    #expect(!third.endWait())
    #expect(third.byteCount == 0)
    #expect(grants.all == ["fourth"])
    #expect(fourth.endWait())
    #expect(budget.waitingCount == 0)
    first.end()
    second.end()
    third.end()
    fourth.end()
    #expect(budget.availableByteCount == 100)
  }

  @Test func `bodies that are half there and wait for each other are all completed`() {
    let grants = Grants()
    let budget = BodyBudget(byteCount: 120, largestBody: 40)
    let left = Body(on: budget)
    let right = Body(on: budget)
    #expect(left.grow(by: 40) && right.grow(by: 35))
    let late = Body(on: budget)
    #expect(late.grow(by: 5))
    // The pool is used up. `right` takes from the reserve, so `late` waits for it alone.
    #expect(right.grow(by: 5))
    #expect(!late.grow(by: 35, onGrant: grants.note("late")))
    right.end()
    #expect(grants.all == ["late"])
    #expect(late.endWait())
    late.end()
    left.end()
    #expect(budget.availableByteCount == 120)
  }

  @Test func `claims of several threads that come and go leave all memory behind`() async {
    let budget = BodyBudget(byteCount: 1000, largestBody: 100)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for count in 1...2000 {
            let body = Body(on: budget)
            if body.grow(by: count % 100 + 1, onGrant: {}), count % 3 == 0 {
              _ = body.grow(by: 99 - count % 100)
            }
            if body.wanted > 0 { _ = body.endWait() }
            body.end()
          }
        }
      }
    }
    #expect(budget.availableByteCount == 1000)
    #expect(budget.waitingCount == 0)
  }

  @Test func `nothing is lost or granted twice whatever claims do`() {
    var random = SystemRandomNumberGenerator()
    let budget = BodyBudget(byteCount: 1000, largestBody: 100)
    var bodies: [Body] = []
    for _ in 0..<20_000 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bodies.append(Body(on: budget))
      case 1:
        guard let body = bodies.randomElement(using: &random), body.wanted == 0,
          body.byteCount < 100
        else { continue }
        _ = body.grow(by: Int.random(in: 1...(100 - body.byteCount), using: &random), onGrant: {})
      case 2:
        guard let body = bodies.randomElement(using: &random), body.wanted > 0 else { continue }
        _ = body.endWait()
      default:
        guard let index = bodies.indices.randomElement(using: &random) else { continue }
        let body = bodies.remove(at: index)
        if body.wanted > 0 { _ = body.endWait() }
        body.end()
      }
      #expect((0...1000).contains(budget.availableByteCount))
    }
    for body in bodies where body.wanted > 0 { _ = body.endWait() }
    for body in bodies { body.end() }
    #expect(budget.availableByteCount == 1000)
    #expect(budget.waitingCount == 0)
  }
}
