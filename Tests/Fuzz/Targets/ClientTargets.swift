// The client's side of HTTP/1.1.

import HTTPWire

extension FuzzTarget {
  static let client = FuzzTarget(
    name: "client",
    property: "a connection's bytes are the same responses and the same error in any pieces"
  ) { input in
    for method in [HTTPMethod.get, .head] {
      let whole = ClientTranscript([input], method: method)
      let cut = ClientTranscript(Cuts.pieces(of: input), method: method)
      guard whole == cut else { violated("\(cut) in pieces is not \(whole)") }
    }
  }
}

/// What a client made of the answer to one request, on a connection that ended behind its last byte.
private struct ClientTranscript: Equatable {
  enum Outcome: Equatable {
    case incomplete
    case closed
    case failed(HTTPReceiveError)
  }

  private(set) var informational: [HTTPResponseHead] = []
  private(set) var heads: [HTTPResponseHead] = []
  private(set) var bodies: [[UInt8]] = []
  private(set) var trailers: [HTTPFields] = []
  private(set) var outcome = Outcome.incomplete

  private static let bodyLimit = 1 << 20

  init(_ pieces: [[UInt8]], method: HTTPMethod) {
    var machine = HTTPClientMachine()
    var output: [UInt8] = []
    do throws(HTTPSendError) {
      let head = HTTPRequestHead(method: method, target: "/", fields: ["Host": "a"])
      try machine.writeRequest(head, bytes: [], responseBodyLimit: Self.bodyLimit, to: &output)
    } catch {
      violated("a request cannot be written: \(error)")
    }
    var body: [UInt8] = []
    do throws(HTTPReceiveError) {
      for piece in pieces {
        machine.receive(piece.span)
        try drain(&machine, &body)
      }
      machine.receiveEnd()
      try drain(&machine, &body)
    } catch {
      outcome = .failed(error)
    }
  }

  private mutating func drain(
    _ machine: inout HTTPClientMachine, _ body: inout [UInt8]
  ) throws(HTTPReceiveError) {
    while true {
      switch try machine.next(body: &body) {
      case .informational(let head): informational.append(head)
      case .head(let head): heads.append(head)
      case .body: break
      case .end(let fields):
        bodies.append(body)
        trailers.append(fields)
        body = []
        guard bodies.count == heads.count else { violated("a response ends that has no head") }
      case .needData, .idle: return
      case .closed:
        outcome = .closed
        return
      }
    }
  }
}
