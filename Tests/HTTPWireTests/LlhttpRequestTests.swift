import JSON
import TestSupport
import Testing

@testable import HTTPWire

/// llhttp's own request tests, on the server's machine.
///
/// llhttp does not ask for `Host`: where a case has none, one is added behind each request line.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct LlhttpRequestTests {
  @Test func `every case is decided as llhttp does or as the table says`() throws {
    var unused = Set(Self.differences.keys)
    for test in try LlhttpCase.load("llhttp-requests.json") {
      let transcript = ServerTranscript([Self.withHosts(test.bytes)])
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
    for test in try LlhttpCase.load("llhttp-requests.json") {
      _ = ServerTranscript.ofEveryCut(Self.withHosts(test.bytes))
    }
  }

  private static func verdict(_ transcript: ServerTranscript) -> LlhttpCase.Verdict {
    switch transcript.outcome {
    case .idle, .closed: .accept
    case .incomplete: .incomplete
    case .failed: .reject
    }
  }

  private static func compare(_ transcript: ServerTranscript, _ test: LlhttpCase) {
    let complete = test.messages.filter(\.isComplete)
    #expect(transcript.requests.count == complete.count, "\(test.name)")
    for (request, message) in zip(transcript.requests, complete) {
      #expect(request.head.method.rawValue == message.method, "\(test.name)")
      #expect(request.head.target == message.url, "\(test.name)")
      #expect(
        lines(request.head.fields) == LlhttpCase.Line.all(of: message.headers), "\(test.name)")
      #expect(LlhttpCase.withoutLineEnds(request.body) == message.body, "\(test.name)")
      #expect(lines(request.trailers) == LlhttpCase.Line.all(of: message.trailers), "\(test.name)")
    }
  }

  private static func lines(_ fields: HTTPFields) -> [LlhttpCase.Line] {
    fields.filter { $0 != addedHost }
      .map { LlhttpCase.Line(name: Array($0.name.utf8), value: $0.value) }
  }

  private static let addedHost = HTTPField(name: "Host", value: "added.example")

  private static func withHosts(_ bytes: [UInt8]) -> [UInt8] {
    let text = bytes.map { Character(Unicode.Scalar($0)) }
    let lowered = String(text).lowercased()
    guard !lowered.contains("host:") else { return bytes }
    let line = Array(" HTTP/1.1\r\n".utf8)
    var result: [UInt8] = []
    for byte in bytes {
      result.append(byte)
      if result.suffix(line.count).elementsEqual(line) {
        result += Array("Host: added.example\r\n".utf8)
      }
    }
    return result
  }

  private static let differences: [String: Difference] = [
    "Connection header > `keep-alive` > No restart when keep-alive is off (1.0)":
      Difference(.accept, afterClose),
    "Connection header > `close` > CRLF between requests, explicit `close`":
      Difference(.accept, afterClose),
    "Connection header > `close` > CRLF between requests, explicit `close` followed by tab":
      Difference(.accept, afterClose),
    "Connection header > Parsing multiple tokens > Multiple tokens with folding and LWS":
      Difference(.reject, noUpgrade),
    "Connection header > `upgrade` > Emitting part of body and pausing":
      Difference(.incomplete, noUpgrade),
    "Connection header > `upgrade` > Upgrade GET request": Difference(.reject, noUpgrade),
    "Connection header > `upgrade` > Upgrade POST request": Difference(.reject, noUpgrade),
    "Content-Length header > Error on `Content-Length` overflow":
      Difference(.incomplete, atHeadEnd),
    "Content-Length header > Error on duplicate `Content-Length`":
      Difference(.incomplete, atHeadEnd),
    "Invalid requests > HTTP protocol and ANNOUNCE method": Difference(.accept, unknownMethod),
    "Invalid requests > Invalid method": Difference(.accept, unknownMethod),
    "Methods > CONNECT request": Difference(.reject, noTunnel),
    "Methods > CONNECT request with CAPS": Difference(.reject, noTunnel),
    "Methods > CONNECT with body": Difference(.reject, noTunnel),
    "URI > Underscore in hostname": Difference(.reject, noTunnel),
    "Methods > M-SEARCH request": Difference(.reject, asterisk),
    "Methods > PRI request HTTP2": Difference(.reject, asterisk),
    "Methods > SOURCE request with ICE": Difference(.reject, otherProtocol),
    "Methods > OPTIONS request with RTSP": Difference(.reject, otherProtocol),
    "Methods > ANNOUNCE request with RTSP": Difference(.reject, otherProtocol),
    "Sample requests > No HTTP version": Difference(.reject, http09),
    "Transfer-Encoding header > POST with `chunked` as last transfer-encoding":
      Difference(.reject, coding),
    "Transfer-Encoding header > POST with `chunked` as last transfer-encoding (multiple headers)":
      Difference(.reject, coding),
    "URI > `host:port` and basic auth": Difference(.reject, userInformation),
  ]

  private static let afterClose =
    "RFC 9112 §9.6: what follows `close` is not processed; it is dropped, and the answer still goes"
  private static let noUpgrade =
    "RFC 9110 §7.8: a server may ignore Upgrade, and does; what follows is the body or a request"
  private static let atHeadEnd =
    "fields are judged together when the head is complete, which this input never is"
  private static let unknownMethod =
    "RFC 9110 §9.1: any token is a method; which are answered with 501 is not the wire's to say"
  private static let noTunnel = "RFC 9112 §3.2.3: this is not a proxy, CONNECT is answered with 501"
  private static let asterisk = "RFC 9112 §3.2.4: `*` is for OPTIONS only"
  private static let otherProtocol = "RFC 9112 §2.3: RTSP and ICE are other protocols"
  private static let http09 = "HTTP/0.9 has no version, no fields and no framing"
  private static let coding =
    "RFC 9112 §6.1: deflate as a transfer coding is not implemented, hence 501"
  private static let userInformation =
    "RFC 9110 §4.2.4: user information in a target is treated as an error"
}
