import Testing

@testable import Reactor

@Suite struct DeadlineQueueTests {
  private func at(_ nanoseconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: nanoseconds)
  }

  @Test func `deadlines come in order of time and only when due`() {
    var queue = DeadlineQueue<Int>()
    for (index, due) in [50, 10, 40, 20, 30].enumerated() {
      queue.set(queue.insert(index), to: at(Int64(due)))
    }
    #expect(queue.expireNext(now: at(9)) == nil)
    #expect(queue.nextLook == at(10))
    var order: [Int] = []
    while let index = queue.expireNext(now: at(45)) { order.append(index) }
    #expect(order == [1, 3, 4, 2])
    #expect(queue.nextLook == at(50))
  }

  @Test func `a deadline moved later is reached later`() {
    var queue = DeadlineQueue<String>()
    let token = queue.insert("a")
    queue.set(token, to: at(10))
    queue.set(token, to: at(100))
    #expect(queue.expireNext(now: at(50)) == nil)
    #expect(queue.expireNext(now: at(100)) == "a")
    #expect(queue.expireNext(now: at(1_000)) == nil)
  }

  @Test func `a deadline pulled forward is reached once, at the earlier time`() {
    var queue = DeadlineQueue<String>()
    let token = queue.insert("a")
    queue.set(token, to: at(100))
    queue.set(token, to: at(10))
    #expect(queue.expireNext(now: at(10)) == "a")
    #expect(queue.expireNext(now: at(200)) == nil)
  }

  @Test func `a cleared deadline is not reached, and can be armed again`() {
    var queue = DeadlineQueue<String>()
    let token = queue.insert("a")
    queue.set(token, to: at(10))
    queue.set(token, to: .distantFuture)
    #expect(queue.expireNext(now: at(20)) == nil)
    queue.set(token, to: at(30))
    #expect(queue.expireNext(now: at(30)) == "a")
  }

  @Test func `a removed deadline is not reached, nor mistaken for its successor`() {
    var queue = DeadlineQueue<String>()
    let old = queue.insert("old")
    queue.set(old, to: at(10))
    queue.remove(old)
    let new = queue.insert("new")
    queue.set(new, to: at(20))
    queue.set(old, to: at(5))
    #expect(queue.expireNext(now: at(15)) == nil)
    #expect(queue.expireNext(now: at(20)) == "new")
  }

  @Test func `random moves agree with a plain list`() {
    var generator = SystemRandomNumberGenerator()
    var queue = DeadlineQueue<Int>()
    let tokens = (0..<50).map { queue.insert($0) }
    var model = [Int64](repeating: .max, count: 50)
    for now in Int64(1)...2_000 {
      let index = Int.random(in: 0..<50, using: &generator)
      let due = Bool.random(using: &generator) ? now + Int64.random(in: 0...99) : .max
      queue.set(tokens[index], to: at(due))
      model[index] = due
      var reached: Set<Int> = []
      while let index = queue.expireNext(now: at(now)) { reached.insert(index) }
      let expected = Set(model.indices.filter { model[$0] <= now })
      #expect(reached == expected)
      for index in expected { model[index] = .max }
    }
  }
}
