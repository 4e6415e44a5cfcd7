import Synchronization
import Testing

@testable import Reactor

/// A clock that is moved by hand while its loops sleep: like the machine's, it wakes nobody.
private final class SilentClock: MonotonicClock {
  private let instant = Mutex(MonotonicInstant(nanoseconds: 0))

  var now: MonotonicInstant { instant.withLock { $0 } }

  func add(_ loop: EventLoop) {}

  func move(by duration: Duration) {
    instant.withLock { $0 = $0.advanced(by: duration) }
  }
}

/// Straight-line code that goes through plain async functions, child tasks and suspensions, and
/// says at each step whether it is where it should be.
private func wander(on loop: EventLoop) async -> [Bool] {
  var places = [loop.isCurrent]
  await loop.yield()
  places.append(loop.isCurrent)
  places.append(await step(on: loop))
  try? await loop.sleep(for: .milliseconds(1))
  places.append(loop.isCurrent)
  await withCheckedContinuation { continuation in
    Task.detached { continuation.resume() }
  }
  places.append(loop.isCurrent)
  return places
}

private func step(on loop: EventLoop) async -> Bool {
  await Task.yield()
  return loop.isCurrent
}

@Suite struct EventLoopTests {
  @Test func `a task stays on the thread of its loop`() async throws {
    let group = try EventLoopGroup(loopCount: 2)
    for loop in group.loops {
      let places = try await loop.run {
        async let child = step(on: loop)
        return await wander(on: loop) + [await child]
      }
      #expect(places == Array(repeating: true, count: places.count))
    }
    group.stop()
  }

  @Test func `no other thread takes itself for a loop's`() throws {
    let group = try EventLoopGroup(loopCount: 1)
    #expect(!group.loops[0].isCurrent)
    group.stop()
  }

  @Test func `work handed over by many threads is all done`() async throws {
    let group = try EventLoopGroup(loopCount: 2)
    let loops = group.loops
    let total = try await withThrowingTaskGroup(of: Int.self) { tasks in
      for index in 0..<2_000 {
        tasks.addTask { try await loops[index % 2].run { index } }
      }
      return try await tasks.reduce(0, +)
    }
    #expect(total == 1_999_000)
    group.stop()
  }

  @Test func `a sleep ends when a manual clock has reached its time and not before`() async throws {
    let clock = ManualClock()
    let group = try EventLoopGroup(loopCount: 1, clock: clock)
    let loop = group.loops[0]
    let woken = Tally()
    let sleepers = [1, 2, 3].map { seconds in
      Task(executorPreference: loop) {
        try await loop.sleep(for: .seconds(seconds))
        woken.increment()
      }
    }
    _ = try await loop.run { loop.now }
    clock.advance(by: .milliseconds(999))
    _ = try await loop.run { await loop.yield() }
    #expect(woken.value == 0)
    clock.advance(by: .milliseconds(1))
    try await sleepers[0].value
    #expect(woken.value == 1)
    clock.advance(by: .seconds(2))
    for sleeper in sleepers { try await sleeper.value }
    #expect(woken.value == 3)
    group.stop()
  }

  @Test func `cancelling a task ends its sleep`() async throws {
    let group = try EventLoopGroup(loopCount: 1, clock: ManualClock())
    let loop = group.loops[0]
    let sleeper = Task(executorPreference: loop) { try await loop.sleep(for: .seconds(60)) }
    _ = try await loop.run { loop.now }
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    group.stop()
  }

  @Test func `stopping a group ends what sleeps on it`() async throws {
    let group = try EventLoopGroup(loopCount: 1, clock: ManualClock())
    let loop = group.loops[0]
    let ended = Tally()
    Task(executorPreference: loop) {
      try? await loop.sleep(for: .seconds(60))
      ended.increment()
    }
    _ = try await loop.run { loop.now }
    group.stop()
    #expect(ended.value == 1)
  }

  @Test func `a connection that comes after a long sleep comes at its own time`() async throws {
    let clock = SilentClock()
    let serving = try EventLoopGroup(loopCount: 1, clock: clock)
    let calling = try EventLoopGroup(loopCount: 1)
    let (loop, other) = (serving.loops[0], calling.loops[0])
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    let address = socket.address
    let (times, hand) = AsyncStream.makeStream(of: MonotonicInstant.self)
    try await loop.run {
      _ = try Listener(socket, on: loop, onTrouble: { _ in }) { stream in
        hand.yield(loop.now)
        stream.close()
      }
    }
    clock.move(by: .seconds(60))
    try await other.run {
      try await ByteStream.connect(to: address, on: other, deadline: .distantFuture).close()
    }
    var arrivals = times.makeAsyncIterator()
    #expect(await arrivals.next() == clock.now)
    serving.stop()
    calling.stop()
  }
}
