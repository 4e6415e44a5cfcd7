import JSON
import TestSupport
import Testing

@testable import HTTPWire

/// llhttp's own response tests, on the client's machine.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct LlhttpResponseTests {
  @Test func `every case is decided as llhttp does or as the table says`() throws {
    var unused = Set(Self.differences.keys)
    for test in try LlhttpCase.load("llhttp-responses.json") {
      let transcript = ClientTranscript([test.bytes])
      let difference = Self.differences[test.name]
      unused.remove(test.name)
      let expected = difference?.verdict ?? test.verdict
      #expect(Self.verdict(transcript) == expected, "\(test.name): \(transcript.outcome)")
      #expect(difference?.verdict != test.verdict, "\(test.name) is no difference")
      if difference == nil, test.verdict != .reject { Self.compare(transcript, test) }
    }
    #expect(unused.isEmpty)
  }

  @Test func `every case gives the same however it is cut`() throws {
    for test in try LlhttpCase.load("llhttp-responses.json") {
      for end in [InputEnd.open, .closed] {
        _ = ClientTranscript.ofEveryCut(test.bytes, end: end)
      }
    }
  }

  private static func verdict(_ transcript: ClientTranscript) -> LlhttpCase.Verdict {
    switch transcript.outcome {
    case .idle, .closed: .accept
    case .incomplete: .incomplete
    case .failed: .reject
    }
  }

  private static func compare(_ transcript: ClientTranscript, _ test: LlhttpCase) {
    let complete = test.messages.filter { $0.isComplete }
    let all = transcript.informational.count + transcript.responses.count
    #expect(all == complete.count, "\(test.name)")
    for (response, message) in zip(
      transcript.responses, complete.suffix(transcript.responses.count))
    {
      let lines = response.head.fields.map {
        LlhttpCase.Line(name: Array($0.name.utf8), value: $0.value)
      }
      #expect(lines == LlhttpCase.Line.all(of: message.headers), "\(test.name)")
      #expect(LlhttpCase.withoutLineEnds(response.body) == message.body, "\(test.name)")
    }
  }

  private static let differences: [String: Difference] = [
    "Connection header > HTTP/1.0 with keep-alive and 204 status": Difference(.reject, unsolicited),
    "Connection header > HTTP/1.1 with 204 status": Difference(.reject, unsolicited),
    "Connection header > HTTP 304 with Content-Length": Difference(.reject, unsolicited),
    "Connection header > HTTP 304 with Transfer-Encoding": Difference(.reject, unsolicited),
    "Pipelining > Should parse multiple events": Difference(.reject, unsolicited),
    "Connection header > HTTP 101 response with Upgrade and Content-Length header":
      Difference(.reject, noUpgrade),
    "Connection header > HTTP 101 response with Upgrade and Transfer-Encoding header":
      Difference(.reject, noUpgrade),
    "Connection header > HTTP 100 first, then 400": Difference(.reject, emptyLine),
    "Sample responses > Response starting with CRLF": Difference(.reject, emptyLine),
    "Sample responses > RTSP response": Difference(.reject, otherProtocol),
    "Sample responses > ICE response": Difference(.reject, otherProtocol),
    "Sample responses > HTTP version 0.9": Difference(.reject, otherProtocol),
    "Sample responses > No reason phrase": Difference(.reject, noSpace),
    "Transfer-Encoding header > `chunked` before other transfer-encoding":
      Difference(.reject, coding),
    "Transfer-Encoding header > multiple transfer-encoding where chunked is not the last one":
      Difference(.reject, coding),
    "Transfer-Encoding header > `chunkedchunked` transfer-encoding does not enable chunked enconding":
      Difference(.reject, coding),
  ]

  private static let unsolicited =
    "RFC 9112 §9.2: one request was sent, and a second response answers nothing"
  private static let noUpgrade =
    "RFC 9110 §15.2.2: no upgrade was asked for, so a 101 is an error"
  private static let emptyLine =
    "RFC 9112 §2.2 lets a server skip an empty line before a request, not a client"
  private static let otherProtocol = "RFC 9112 §2.3: RTSP, ICE and HTTP/0.9 are other protocols"
  private static let noSpace = "RFC 9112 §4: the space before an absent reason is required"
  private static let coding =
    "a body whose codings are unknown cannot be decoded, wherever it ends"
}
