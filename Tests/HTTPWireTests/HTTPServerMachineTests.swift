import Testing

@testable import HTTPWire

@Suite struct HTTPServerMachineTests {
  @Test func `requests on one connection are given in order`() {
    let transcript = ServerTranscript(
      "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
        + "POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        + "POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n")

    #expect(transcript.outcome == .idle)
    #expect(transcript.requests.map(\.head.path) == ["/a", "/d", "/e"])
    #expect(transcript.requests.map(\.head.query) == ["b=c", nil, nil])
    #expect(
      transcript.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["", "abc", "de"])
    #expect(transcript.requests.last?.trailers["x-sum"] == "1")
    #expect(transcript.requests.last?.head.fields["x-sum"] == nil)
  }
}
