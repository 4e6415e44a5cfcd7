import Testing

@testable import HTTPWire

/// Property: whatever arrives, and in whatever pieces, is a request, a refusal or not yet complete,
/// and the same of these; and a head that was accepted reads the same when it is written again.
///
/// The operators are those of http-garden's `mutations.py`; the numbers come from a fixed seed.
@Suite struct MutationTests {
  /// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
  struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z &>> 31)
    }
  }

  private static let requests = [
    "GET /live HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /hooks/ci/app HTTP/1.1\r\nHost: a:8080\r\nContent-Length: 5\r\nX-GitHub-Event: push\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "PUT http://b/x HTTP/1.1\r\nhost: [::1]\r\nExpect: 100-continue\r\ncontent-length: 1\r\n\r\nx",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
  ]

  private static let responses = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nbody until the end",
  ]

  private static let insertions: [[UInt8]] = [
    "\r\n", "\r", "\n", "\0", ":", "\t", " ", ",", ";", "0", "chunked",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n", "Host: b\r\n", " HTTP/1.1", "\r\n\r\n",
  ].map { Array($0.utf8) }

  private static func mutated(
    _ seed: [UInt8], with other: [UInt8], by random: inout Random
  ) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = Int.random(in: place...min(bytes.count, place + 12), using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes.remove(at: place)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 3, 4:
        let piece = insertions[Int.random(in: 0..<insertions.count, using: &random)]
        bytes.insert(contentsOf: piece, at: place)
      case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 6: bytes.removeSubrange(place..<end)
      default: bytes = bytes[..<place] + other
      }
    }
    return bytes
  }

  /// The input byte by byte, and in two pieces.
  private static func cuts(_ input: [UInt8], by random: inout Random) -> [[[UInt8]]] {
    let place = Int.random(in: 0...input.count, using: &random)
    return [input.map { [$0] }, [Array(input[..<place]), Array(input[place...])]]
  }

  @Test func `a mutated request is the same to the server in any pieces`() throws {
    var random = Random(state: 1)
    var accepted = 0
    for round in 0..<6000 {
      let seed = Array(Self.requests[round % Self.requests.count].utf8)
      let other = Array(Self.requests[(round / 7) % Self.requests.count].utf8)
      let input = Self.mutated(seed, with: other, by: &random)
      let whole = ServerTranscript([input], end: .closed)
      for pieces in Self.cuts(input, by: &random)
      where ServerTranscript(pieces, end: .closed).said != whole.said {
        Issue.record("\(String(decoding: input, as: UTF8.self).debugDescription)")
      }
      accepted += whole.requests.count
      for request in whole.requests where request.head.host != nil {
        try Self.expectSameWhenWritten(request)
      }
    }
    // The mutants must not all be refused, or nothing was tested.
    #expect(accepted > 1000)
  }

  @Test func `a mutated response is the same to the client in any pieces`() {
    var random = Random(state: 2)
    var accepted = 0
    for round in 0..<6000 {
      let seed = Array(Self.responses[round % Self.responses.count].utf8)
      let other = Array(Self.responses[(round / 7) % Self.responses.count].utf8)
      let input = Self.mutated(seed, with: other, by: &random)
      let whole = ClientTranscript([input], end: .closed)
      for pieces in Self.cuts(input, by: &random)
      where ClientTranscript(pieces, end: .closed) != whole {
        Issue.record("\(String(decoding: input, as: UTF8.self).debugDescription)")
      }
      accepted += whole.responses.count
    }
    #expect(accepted > 1000)
  }

  private static func expectSameWhenWritten(_ request: ReceivedRequest) throws {
    let written = ["content-length", "transfer-encoding", "connection"]
    var fields: HTTPFields = []
    for field in request.head.fields where !written.contains(field.name.lowercased()) {
      fields.append(field)
    }
    let head = HTTPRequestHead(
      method: request.head.method, target: request.head.target, fields: fields)
    guard head.fields.firstIndex(named: "host") != nil else { return }
    var client = HTTPClientMachine()
    var output: [UInt8] = []
    try client.writeRequest(head, bytes: request.body, to: &output)
    let again = try #require(ServerTranscript([output]).requests.first)
    #expect(again.body == request.body)
    #expect(again.head.target == request.head.target)
    #expect(Array(again.head.fields.prefix(fields.count)) == Array(fields))
  }
}
