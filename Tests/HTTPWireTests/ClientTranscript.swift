// A client machine driven over an input, and what came of it.

import Bytes
import Testing

@testable import HTTPWire

/// One final response as it was given to a caller.
struct ReceivedResponse: Equatable {
  var head: HTTPResponseHead
  var body: [UInt8]
  var trailers: HTTPFields
}

/// What a client made of an input that answers one request, which was sent before.
struct ClientTranscript: Equatable {
  var responses: [ReceivedResponse] = []
  var informational: [HTTPResponseHead] = []
  var heads: [HTTPResponseHead] = []
  var outcome = Outcome.incomplete

  init(
    _ pieces: [[UInt8]], method: HTTPMethod = .get, requestFields: HTTPFields = ["Host": "x"],
    limits: HTTPLimits = .default, bodyLimit: Int = 1 << 20, end: InputEnd = .open
  ) {
    var machine = HTTPClientMachine(limits: limits)
    var driver = ClientDriver()
    var output: [UInt8] = []
    do throws(HTTPSendError) {
      let head = HTTPRequestHead(method: method, target: "/", fields: requestFields)
      try machine.writeRequest(head, bytes: [], responseBodyLimit: bodyLimit, to: &output)
    } catch {
      return
    }
    do throws(HTTPReceiveError) {
      for piece in pieces {
        machine.receive(piece.span)
        try driver.drain(&machine)
      }
      if end == .closed {
        machine.receiveEnd()
        try driver.drain(&machine)
      }
      outcome = driver.isClosed ? .closed : driver.isComplete ? .idle : .incomplete
    } catch {
      outcome = .failed(error)
    }
    responses = driver.responses
    informational = driver.informational
    heads = driver.heads
  }

  init(
    _ input: String, method: HTTPMethod = .get, requestFields: HTTPFields = ["Host": "x"],
    limits: HTTPLimits = .default, bodyLimit: Int = 1 << 20, end: InputEnd = .open
  ) {
    self.init(
      [Array(input.utf8)], method: method, requestFields: requestFields, limits: limits,
      bodyLimit: bodyLimit, end: end)
  }

  /// The transcript of an input, which must be the same in whatever pieces it arrives.
  static func ofEveryCut(
    _ input: [UInt8], method: HTTPMethod = .get, requestFields: HTTPFields = ["Host": "x"],
    bodyLimit: Int = 1 << 20, end: InputEnd = .open,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> ClientTranscript {
    func transcript(_ pieces: [[UInt8]]) -> ClientTranscript {
      ClientTranscript(
        pieces, method: method, requestFields: requestFields, bodyLimit: bodyLimit, end: end)
    }
    let whole = transcript([input])
    for pieces in Cut.all(of: input) {
      let cut = transcript(pieces)
      if cut != whole {
        Issue.record(
          "\(pieces.count) pieces, \(pieces[0].count) bytes first: \(cut) is not \(whole)",
          sourceLocation: sourceLocation)
        break
      }
    }
    return whole
  }

  static func ofEveryCut(
    _ input: String, bodyLimit: Int = 1 << 20, end: InputEnd = .open,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> ClientTranscript {
    ofEveryCut(
      Array(input.utf8), bodyLimit: bodyLimit, end: end, sourceLocation: sourceLocation)
  }

  /// The error, if there was one.
  var error: HTTPReceiveError? {
    if case .failed(let error) = outcome { error } else { nil }
  }
}

private struct ClientDriver {
  var responses: [ReceivedResponse] = []
  var informational: [HTTPResponseHead] = []
  var heads: [HTTPResponseHead] = []
  var isClosed = false
  var isComplete = false

  private var body: [UInt8] = []

  mutating func drain(_ machine: inout HTTPClientMachine) throws(HTTPReceiveError) {
    while true {
      switch try machine.next(body: &body) {
      case .informational(let head): informational.append(head)
      case .head(let head): heads.append(head)
      case .body: break
      case .end(let trailers):
        guard let head = heads.last else { return }
        responses.append(ReceivedResponse(head: head, body: body, trailers: trailers))
        body = []
        isComplete = true
      case .needData: return
      case .idle: return
      case .closed:
        isClosed = true
        return
      }
    }
  }
}
