// A server machine driven over an input, and what came of it.

import Bytes
import Testing

@testable import HTTPWire

/// One request as it was given to a handler.
struct ReceivedRequest: Equatable, CustomStringConvertible {
  var head: HTTPRequestHead
  var body: [UInt8]
  var trailers: HTTPFields

  var description: String {
    "\(head.method) \(head.target) \(head.fields.map { "\($0.name): \($0.valueString)" }) "
      + "body \(String(decoding: body, as: UTF8.self)) "
      + "trailers \(trailers.map { "\($0.name): \($0.valueString)" })"
  }
}

/// How a connection stood when the input was used up.
enum Outcome: Equatable {
  case idle
  case incomplete
  case closed
  case failed(HTTPReceiveError)
}

/// What a server did with an input: the requests that it was given whole, how it ended, and what
/// it wrote. It admits every body and answers each request with an empty 200.
struct ServerTranscript: Equatable {
  var requests: [ReceivedRequest] = []
  var heads: [HTTPRequestHead] = []
  var outcome = Outcome.incomplete
  var output: [UInt8] = []

  init(
    _ pieces: [[UInt8]], limits: HTTPLimits = .default, bodyLimit: Int = 1 << 20,
    end: InputEnd = .open
  ) {
    var machine = HTTPServerMachine(limits: limits)
    var driver = Driver(bodyLimit: bodyLimit)
    do throws(HTTPReceiveError) {
      for piece in pieces {
        machine.receive(piece.span)
        try driver.drain(&machine)
      }
      if end == .closed {
        machine.receiveEnd()
        try driver.drain(&machine)
      }
      outcome = driver.isClosed ? .closed : machine.isIdle ? .idle : .incomplete
    } catch {
      outcome = .failed(error)
    }
    requests = driver.requests
    heads = driver.heads
    output = driver.output
  }

  init(
    _ input: String, limits: HTTPLimits = .default, bodyLimit: Int = 1 << 20,
    end: InputEnd = .open
  ) {
    self.init([Array(input.utf8)], limits: limits, bodyLimit: bodyLimit, end: end)
  }

  /// The transcript of an input, which must be the same in whatever pieces it arrives: whole, byte by
  /// byte, and cut in two at every place.
  static func ofEveryCut(
    _ input: [UInt8], bodyLimit: Int = 1 << 20, end: InputEnd = .open,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> ServerTranscript {
    let whole = ServerTranscript([input], bodyLimit: bodyLimit, end: end)
    for pieces in Cut.all(of: input) {
      let cut = ServerTranscript(pieces, bodyLimit: bodyLimit, end: end)
      if cut.said != whole.said {
        Issue.record(
          "\(pieces.count) pieces, \(pieces[0].count) bytes first: \(cut.said) is not \(whole.said)",
          sourceLocation: sourceLocation)
        break
      }
    }
    return whole
  }

  static func ofEveryCut(
    _ input: String, end: InputEnd = .open, sourceLocation: SourceLocation = #_sourceLocation
  ) -> ServerTranscript {
    ofEveryCut(Array(input.utf8), end: end, sourceLocation: sourceLocation)
  }

  /// What must not depend on how the input was cut. The output may: `100 Continue` is needless once
  /// the body is there.
  var said: Said { Said(requests: requests, heads: heads, outcome: outcome) }

  struct Said: Equatable {
    var requests: [ReceivedRequest]
    var heads: [HTTPRequestHead]
    var outcome: Outcome
  }

  /// The error, if there was one.
  var error: HTTPReceiveError? {
    if case .failed(let error) = outcome { error } else { nil }
  }
}

/// Whether an input's end is the connection's end.
enum InputEnd {
  case open
  case closed
}

private struct Driver {
  let bodyLimit: Int
  var requests: [ReceivedRequest] = []
  var heads: [HTTPRequestHead] = []
  var output: [UInt8] = []
  var isClosed = false

  private var body: [UInt8] = []

  init(bodyLimit: Int) {
    self.bodyLimit = bodyLimit
  }

  mutating func drain(_ machine: inout HTTPServerMachine) throws(HTTPReceiveError) {
    while true {
      switch try machine.next(body: &body) {
      case .head(let head):
        heads.append(head)
        try machine.admit(bodyLimit: bodyLimit, continueTo: &output)
      case .body: break
      case .end(let trailers):
        guard let head = heads.last else { return }
        requests.append(ReceivedRequest(head: head, body: body, trailers: trailers))
        body = []
        _ = try? machine.writeResponse(
          HTTPResponseHead(status: .ok), bytes: [], date: testDate, to: &output)
      case .needData, .paused: return
      case .closed:
        isClosed = true
        return
      }
    }
  }
}

let testDate = HTTPDate.format(secondsSince1970: 784_111_777)
