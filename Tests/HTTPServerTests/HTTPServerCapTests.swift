import HTTPWire
import Reactor
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

@Suite struct HTTPServerCapTests {
  @Test func `at the cap the connections longest idle make room`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock) { $0.connectionCount = 3 }.run { fixture in
      let request = "GET /live HTTP/1.1\r\n\(host)\r\n"
      var clients: [Client] = []
      for _ in 0..<3 {
        let client = try await fixture.connect()
        try await client.send(request)
        _ = try await client.receive(through: "\r\n\r\n-")
        clock.advance(by: .milliseconds(10))
        clients.append(client)
      }
      clients.append(try await fixture.connect())
      #expect(try await clients[0].receiveAll() == "")
      for client in clients.dropFirst() {
        try await client.send(request)
        _ = try await client.receive(through: "\r\n\r\n-")
      }
    }
  }

  @Test func `the cap holds for connections that come together`() async throws {
    let cap = 32
    try await Fixture { $0.connectionCount = cap }.run { fixture in
      let request = "GET /live HTTP/1.1\r\n\(host)\r\n"
      var clients: [Client] = []
      for _ in 0..<cap {
        clients.append(try await fixture.connect())
        try await clients[clients.count - 1].send(request)
        _ = try await clients[clients.count - 1].receive(through: "\r\n\r\n-")
      }
      // A loop that is busy with one request finds all the others in one look.
      let busy = try await fixture.connect()
      try await busy.send("GET /busy HTTP/1.1\r\n\(host)\r\n")
      while !fixture.handler.isBusy { await busy.stream.loop.yield() }
      for _ in 0..<cap / 2 { clients.append(try await fixture.connect()) }
      fixture.handler.endBusyness()
      _ = try await busy.receive(through: "busy")
      let newest = clients[clients.count - 1]
      try await newest.send(request)
      _ = try await newest.receive(through: "\r\n\r\n-")
      try await fixture.settle()
      #expect(clients.count { !$0.stream.peerHasEnded } < cap)
      for client in clients { client.stream.close() }
    }
  }

  @Test func `at the cap with nobody idle new connections wait`() async throws {
    try await Fixture { $0.connectionCount = 1 }.run { fixture in
      let first = try await fixture.connect()
      try await first.send("GET /held HTTP/1.1\r\n\(host)\r\n")
      while fixture.handler.heldCount == 0 { try await fixture.settle() }
      let second = try await fixture.connect()
      try await second.send("GET /second HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      try await fixture.settle()
      #expect(fixture.handler.requests == ["GET /held 0"])
      fixture.handler.release()
      _ = try await first.receive(through: "held")
      first.stream.close()
      #expect(try await second.receiveAll().statuses == ["200"])
    }
  }

  @Test func `clients that reset their connections do no harm`() async throws {
    try await Fixture().run { fixture in
      for _ in 0..<50 {
        let client = try await fixture.connect()
        try await client.send("GET /large HTTP/1.1\r\n\(host)\r\n")
        client.stream.close()
      }
      let answer = try await fixture.exchange(
        "GET /live HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      #expect(answer.statuses == ["200"])
    }
  }
}
