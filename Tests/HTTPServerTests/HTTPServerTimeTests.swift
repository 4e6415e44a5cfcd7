import HTTPWire
import Reactor
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

@Suite struct HTTPServerTimeTests {
  private static let times = HTTPTimeLimits.default

  /// Sends something, moves the clock, and expects nothing before a limit and an end at it.
  private func expectEnd(
    after limit: Duration, of bytes: String, statuses: [String]
  ) async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).run { fixture in
      let client = try await fixture.connect()
      try await client.send(bytes)
      try await fixture.settle()
      clock.advance(by: limit - .milliseconds(1))
      try await fixture.settle()
      #expect(!client.stream.peerHasEnded)
      clock.advance(by: .milliseconds(1))
      let answer = try await client.receiveAll()
      #expect(answer.statuses == statuses)
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `a head that does not arrive is answered 408`() async throws {
    try await expectEnd(
      after: Self.times.head, of: "GET / HTTP/1.1\r\nHo", statuses: ["408"])
  }

  @Test func `a connection that asks nothing is closed without a word`() async throws {
    try await expectEnd(after: Self.times.idle, of: "", statuses: [])
  }

  @Test func `a body of which nothing comes is given up after the grace`() async throws {
    try await expectEnd(
      after: Self.times.bodyGrace,
      of: "POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\n", statuses: ["408"])
  }

  @Test func `a body that trickles is given up by its rate`() async throws {
    // Half a kilobyte buys half a second more than the grace, within a thousandth.
    try await expectEnd(
      after: Self.times.bodyGrace + .nanoseconds(512 * (1_000_000_000 / 1024)),
      of: "POST /echo HTTP/1.1\r\n\(host)Content-Length: 5000\r\n\r\n"
        + String(repeating: "a", count: 512), statuses: ["408"])
  }

  @Test func `a body that is fast enough has its whole time and no more`() async throws {
    try await expectEnd(
      after: Self.times.body,
      of: "POST /echo HTTP/1.1\r\n\(host)Content-Length: 50000\r\n\r\n"
        + String(repeating: "a", count: 20_000), statuses: ["408"])
  }

  @Test func `a head that trickles has the same time as one that stops`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).run { fixture in
      let client = try await fixture.connect()
      for byte in "GET /".utf8 {
        try await client.send([byte])
        try await fixture.settle()
        clock.advance(by: .seconds(1))
      }
      #expect(try await client.receiveAll().statuses == ["408"])
    }
  }

  @Test func `a connection is as good after a rest as before`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).run { fixture in
      let client = try await fixture.connect()
      for _ in 1...3 {
        try await client.send("GET /live HTTP/1.1\r\n\(host)\r\n")
        _ = try await client.receive(through: "\r\n\r\n-")
        try await fixture.settle()
        clock.advance(by: .seconds(2))
        try await fixture.settle()
        clock.advance(by: .seconds(20))
        try await fixture.settle()
      }
      client.stream.close()
    }
  }

  @Test func `an old connection closes after its next answer`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock) { $0.timeLimits.idle = .seconds(7200) }.run { fixture in
      let client = try await fixture.connect()
      try await fixture.settle()
      clock.advance(by: Self.times.age)
      try await client.send("GET /live HTTP/1.1\r\n\(host)\r\n")
      #expect(try await client.receiveAll().contains("Connection: close\r\n"))
    }
  }

  @Test func `a client that reads nothing is cut`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /large HTTP/1.1\r\n\(host)\r\n")
      while fixture.handler.requests.isEmpty { try await fixture.settle() }
      // The kernel takes some of it; then nothing more, and the next stall is the end.
      for _ in 0..<1000 where !client.stream.peerHasEnded {
        try await fixture.settle()
        clock.advance(by: Self.times.writeStall)
      }
      #expect(client.stream.peerHasEnded)
      let answer = try? await client.receiveAll()
      #expect((answer ?? "").utf8.count < 8 << 20)
    }
  }

  @Test func `lingering after a refusal has an end`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).run { fixture in
      let client = try await fixture.connect()
      try await client.send("POST /refused HTTP/1.1\r\n\(host)Content-Length: 9\r\n\r\n")
      _ = try await client.receive(through: "no\n")
      try await fixture.settle()
      clock.advance(by: Self.times.lingering)
      try await fixture.settle()
      // The server has closed: what is sent now is answered with a reset, so that writing fails.
      await #expect(throws: ReactorError.self) {
        while true {
          try await client.send("x")
          await client.stream.loop.yield()
        }
      }
      client.stream.close()
    }
  }
}
