import HTTPWire
import Reactor
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

/// Memory for one body of 60,000 bytes in the reserve, and as much beside it.
private func isTight(_ configuration: inout HTTPServerConfiguration) {
  configuration.bodyBudgetByteCount = 120_000
  configuration.largestBodyByteCount = 60_000
}

extension Fixture {
  /// Begins a body of 60,000 bytes and sends so many of them, without ending it.
  fileprivate func hold(_ count: Int, path: String = "/echo") async throws -> Client {
    let client = try await connect()
    try await client.send("POST \(path) HTTP/1.1\r\n\(host)Content-Length: 60000\r\n\r\n")
    try await client.send([UInt8](repeating: 0x61, count: count))
    return client
  }

  /// Two requests that take all memory until the handler lets them be answered.
  fileprivate func fill() async throws -> [Client] {
    let clients = [
      try await hold(60_000, path: "/held"), try await hold(60_000, path: "/held"),
    ]
    while handler.heldCount != 2 { try await settle() }
    return clients
  }

  /// Lets them be answered, and waits until all memory is there again.
  fileprivate func empty(_ clients: [Client]) async throws {
    handler.release()
    for client in clients {
      _ = try await client.receive(through: "held")
      client.stream.close()
    }
    try await settle(untilAvailable: 120_000...120_000)
  }

  /// Waits until so much memory is left.
  fileprivate func settle(untilAvailable wanted: ClosedRange<Int>) async throws {
    while !wanted.contains(server.bodyBudget.availableByteCount) { try await settle() }
  }

  /// Waits until so many claims wait.
  fileprivate func settle(untilWaiting count: Int) async throws {
    while server.bodyBudget.waitingCount != count { try await settle() }
  }
}

@Suite struct HTTPServerMemoryTests {
  @Test func `a request without a body claims nothing`() async throws {
    try await Fixture { $0.bodyBudgetByteCount = 1 }.run { fixture in
      let answer = try await fixture.exchange(
        "GET /live HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      #expect(answer.statuses == ["200"])
    }
  }

  @Test func `a body that is only announced claims nothing`() async throws {
    try await Fixture(isTight).run { fixture in
      let client = try await fixture.hold(0)
      try await fixture.settle()
      #expect(fixture.server.bodyBudget.availableByteCount == 120_000)
      client.stream.close()
    }
  }

  @Test func `a body that does not fit waits until another is answered`() async throws {
    try await Fixture(isTight).run { fixture in
      let holders = try await fixture.fill()
      #expect(fixture.server.bodyBudget.availableByteCount == 0)

      let third = try await fixture.hold(60_000)
      try await fixture.settle(untilWaiting: 1)
      try await fixture.empty(holders)
      #expect(try await third.receive(through: "aaaa").statuses == ["200"])
      third.stream.close()
    }
  }

  @Test func `a body that finds no memory in time is refused with 503`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock, isTight).run { fixture in
      let holders = try await fixture.fill()
      let third = try await fixture.hold(20_000)
      try await fixture.settle(untilWaiting: 1)
      clock.advance(by: .seconds(4))
      try await fixture.settle()
      #expect(fixture.server.bodyBudget.waitingCount == 1)
      clock.advance(by: .seconds(1))
      let answer = try await third.receiveAll()
      #expect(answer.statuses == ["503"])
      #expect(answer.contains("Retry-After: 10\r\n"))
      #expect(answer.contains("Connection: close\r\n"))
      #expect(fixture.server.bodyBudget.waitingCount == 0)
      try await fixture.empty(holders)
    }
  }

  @Test func `the time a body waits for memory is not counted against its sender`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock) { configuration in
      isTight(&configuration)
      configuration.timeLimits.memory = .seconds(60)
    }.run { fixture in
      let holders = try await fixture.fill()
      let third = try await fixture.hold(20_000)
      try await fixture.settle(untilWaiting: 1)
      clock.advance(by: .seconds(30))
      try await fixture.settle()
      fixture.handler.release()
      try await fixture.settle(untilWaiting: 0)
      try await third.send([UInt8](repeating: 0x61, count: 40_000))
      #expect(try await third.receive(through: "aaaa").statuses == ["200"])
      for client in holders + [third] { client.stream.close() }
    }
  }

  @Test func `bodies that are all half there are completed one after the other`() async throws {
    try await Fixture(isTight).run { fixture in
      var clients: [Client] = []
      for _ in 0..<4 { clients.append(try await fixture.hold(30_000)) }
      for client in clients {
        try await client.send([UInt8](repeating: 0x61, count: 30_000))
      }
      for client in clients {
        #expect(try await client.receive(through: "aaaa").statuses == ["200"])
        client.stream.close()
      }
      try await fixture.settle(untilAvailable: 120_000...120_000)
    }
  }

  @Test func `bodies on several loops share the memory and all get their turn`() async throws {
    try await Fixture(loopCount: 4) { configuration in
      isTight(&configuration)
      configuration.timeLimits.memory = .seconds(60)
      configuration.timeLimits.body = .seconds(60)
    }.run { fixture in
      for _ in 0..<10 {
        var clients: [Client] = []
        for _ in 0..<32 { clients.append(try await fixture.hold(20_000)) }
        for client in clients.reversed() {
          try await client.send([UInt8](repeating: 0x61, count: 40_000))
        }
        for client in clients {
          #expect(try await client.receive(through: "aaaa").statuses == ["200"])
          client.stream.close()
        }
      }
      try await fixture.settle(untilAvailable: 120_000...120_000)
      #expect(fixture.server.bodyBudget.waitingCount == 0)
    }
  }

  @Test(arguments: ["reset", "end", "too large", "malformed", "too slow"])
  func `a body that is not completed gives its memory back`(way: String) async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock, isTight).run { fixture in
      let client = try await fixture.connect()
      try await client.send(
        "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
      try await fixture.settle(untilAvailable: 0...119_999)
      switch way {
      case "reset": client.stream.reset()
      case "end": client.stream.shutdownWriting()
      case "too large": try await client.send("FFFFFFF\r\n")
      case "malformed": try await client.send("x\r\n")
      default: clock.advance(by: .seconds(3))
      }
      try await fixture.settle(untilAvailable: 120_000...120_000)
      client.stream.close()
    }
  }

  @Test func `a peer that resets while it waits for memory leaves nothing behind`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock, isTight).run { fixture in
      let holders = try await fixture.fill()
      let third = try await fixture.hold(20_000)
      try await fixture.settle(untilWaiting: 1)
      third.stream.reset()
      try await fixture.empty(holders)
      #expect(fixture.server.bodyBudget.waitingCount == 0)
    }
  }

  @Test func `stopping ends who waits for memory`() async throws {
    try await Fixture(isTight).run { fixture in
      let holders = try await fixture.fill()
      let third = try await fixture.hold(20_000)
      try await fixture.settle(untilWaiting: 1)
      await fixture.server.stop(deadline: .zero)
      fixture.handler.release()
      try await fixture.settle(untilAvailable: 120_000...120_000)
      #expect(fixture.server.bodyBudget.waitingCount == 0)
      for client in holders + [third] { client.stream.close() }
    }
  }
}
