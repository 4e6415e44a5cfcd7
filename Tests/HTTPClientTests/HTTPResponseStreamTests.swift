import HTTPWire
import Reactor
import TestSupport
import Testing

@testable import HTTPClient

/// Answers that are read as they come.
@Suite(.timeLimit(.minutes(TestTime.minutes))) struct HTTPResponseStreamTests {
  private let watch = HTTPClientRequest(.get, "/api/v1/pods?watch=1")

  private static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  @Test(arguments: Transport.allCases)
  func `parts are given as they come and the connection is kept`(
    transport: Transport
  ) async throws {
    try await withHarness(
      over: transport,
      { connection in
        for _ in 0..<2 {
          try connection.readRequest()
          try connection.send(Self.head)
          try connection.send("6\r\nfirst\n\r\n")
          // The second part is not sent before the first was read.
          try connection.wait(for: "more")
          try connection.send("7\r\nsecond\n\r\n0\r\n\r\n")
        }
      }
    ) { (harness) async throws in
      for _ in 0..<2 {
        let stream = try await harness.client.stream(watch)
        #expect(stream.head.status == .ok)
        #expect(try await stream.next() == Array("first\n".utf8))
        harness.server.tell("more")
        #expect(try await stream.next() == Array("second\n".utf8))
        #expect(try await stream.next() == nil)
        #expect(try await stream.next() == nil)
      }
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test func `an error's body can be collected`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(response("410 Gone", "too old"))
    }) { (harness) async throws in
      let stream = try await harness.client.stream(watch)
      #expect(stream.head.status.rawValue == 410)
      #expect(try await stream.collect(upTo: 7) == Array("too old".utf8))
    }
  }

  @Test func `collecting more than the limit is an error`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(response("410 Gone", "too old!"))
      connection.waitForEnd()
    }) { (harness) async throws in
      let stream = try await harness.client.stream(watch)
      let error = await failure { () async throws(HTTPClientError) in
        try await stream.collect(upTo: 7)
      }
      #expect(error?.code == .invalidResponse(.bodyTooLarge(limit: 7)))
    }
  }

  @Test(arguments: Transport.allCases)
  func `a stream that is cut says so`(transport: Transport) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send(Self.head + "6\r\nfirst\n\r\n9\r\nhal")
      }
    ) { (harness) async throws in
      let stream = try await harness.client.stream(watch)
      var text: [UInt8] = []
      let error = await failure { () async throws(HTTPClientError) in
        while let part = try await stream.next() { text += part }
      }
      #expect(String(decoding: text, as: UTF8.self) == "first\nhal")
      #expect(error?.code == .connectionLost)
      #expect(error?.requestState == .answeredPartly(.ok))
    }
  }

  @Test func `silence ends a stream`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(Self.head)
      connection.waitForEnd()
    }) { (harness) async throws in
      let stream = try await harness.client.stream(watch)
      async let error = failure { () async throws(HTTPClientError) in try await stream.next() }
      // Whether the wait has begun cannot be seen from here, so time passes until it is over.
      let ticking = Task {
        while !Task.isCancelled {
          harness.clock.advance(by: .seconds(301))
          await Task.yield()
        }
      }
      #expect(await error?.code == .timedOut(.response))
      ticking.cancel()
      #expect(await harness.report() == "ended")
    }
  }

  /// How a reader loses interest.
  enum Leaving: CaseIterable, Sendable {
    case cancelled
    case taskCancelled
    case letGo
  }

  @Test(arguments: Transport.allCases, Leaving.allCases)
  func `a stream that nobody wants any more closes its connection`(
    transport: Transport, leaving: Leaving
  ) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send(Self.head + "6\r\nfirst\n\r\n")
        connection.waitForEnd()
      }
    ) { (harness) async throws in
      let task = Task {
        let stream = try await harness.client.stream(watch)
        #expect(try await stream.next() == Array("first\n".utf8))
        harness.server.report("read")
        switch leaving {
        case .letGo: return
        case .cancelled:
          stream.cancel()
          #expect(try await stream.next() == nil)
        case .taskCancelled:
          let error = await failure { () async throws(HTTPClientError) in try await stream.next() }
          #expect(error?.code == .cancelled)
        }
      }
      if leaving == .taskCancelled {
        // The task is cancelled before or while it waits; both must end.
        #expect(await harness.report() == "read")
        task.cancel()
      } else {
        #expect(await harness.report() == "read")
      }
      _ = await task.result
      #expect(await harness.report() == "ended")
    }
  }

  @Test func `a stream that finds its kept connection dead is opened again`() async throws {
    try await withHarness(
      { connection in
        try connection.readRequest()
        try connection.send(response())
        try connection.readRequest()
        connection.close()
      },
      { connection in
        try connection.readRequest()
        try connection.send(response("200 OK", "alive"))
      }
    ) { (harness) async throws in
      #expect(try await harness.client.send(watch).status == .ok)
      let stream = try await harness.client.stream(watch)
      #expect(try await stream.collect(upTo: 10) == Array("alive".utf8))
      #expect(harness.client.statistics.repeatCount == 1)
    }
  }
}
