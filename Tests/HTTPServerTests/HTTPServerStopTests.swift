import HTTPWire
import Reactor
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

@Suite struct HTTPServerStopTests {
  @Test func `stopping closes idle connections and takes no new ones`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /live HTTP/1.1\r\n\(host)\r\n")
      _ = try await client.receive(through: "\r\n\r\n-")
      await fixture.server.stop(deadline: .seconds(60))
      #expect(try await client.receiveAll() == "")
      await #expect(throws: ReactorError.self) { try await fixture.connect() }
    }
  }

  @Test func `stopping lets a request in flight finish`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /held HTTP/1.1\r\n\(host)\r\n")
      while fixture.handler.heldCount == 0 { try await fixture.settle() }
      async let stopped: Void = fixture.server.stop(deadline: .seconds(60))
      try await fixture.settle()
      fixture.handler.release()
      let answer = try await client.receiveAll()
      await stopped
      #expect(answer.hasSuffix("held"))
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func `stopping lets a body that is arriving finish`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhe")
      try await fixture.settle()
      async let stopped: Void = fixture.server.stop(deadline: .seconds(60))
      try await fixture.settle()
      try await client.send("llo")
      #expect(try await client.receiveAll().hasSuffix("hello"))
      await stopped
    }
  }

  @Test func `stopping tells streamed bodies to end`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /watch HTTP/1.1\r\n\(host)\r\n")
      _ = try await client.receive(through: "begun\n\r\n")
      await fixture.server.stop(deadline: .seconds(60))
      #expect(try await client.receiveAll() == "0\r\n\r\n")
      #expect(fixture.handler.requests.last == "watch ended")
    }
  }

  @Test func `stopping cuts what is left at the deadline`() async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock).run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /held HTTP/1.1\r\n\(host)\r\n")
      while fixture.handler.heldCount == 0 { try await fixture.settle() }
      async let stopped: Void = fixture.server.stop(deadline: .seconds(9))
      try await fixture.settle()
      clock.advance(by: .seconds(9))
      await stopped
      #expect(try await client.receiveAll() == "")
      fixture.handler.release()
    }
  }
}
