import Testing

@testable import HTTPClient

/// What is said to proxies, byte by byte.
@Suite struct ProxyNegotiationTests {
  private let someone = HTTPProxy.Credentials(user: Array("u".utf8), password: Array("p:w".utf8))

  private func negotiation(
    _ kind: HTTPProxy.Kind, credentials: HTTPProxy.Credentials? = nil, host: String = "api.test"
  ) -> ProxyNegotiation {
    ProxyNegotiation(
      HTTPProxy(kind, host: "proxy.test", port: 3128, credentials: credentials), toHost: host,
      port: 6443)
  }

  /// Gives each answer byte by byte and collects what is sent.
  private func run(
    _ negotiation: inout ProxyNegotiation, _ answers: [[UInt8]]
  ) throws(HTTPProxyError) -> [[UInt8]] {
    var sent: [[UInt8]] = []
    var rest = answers[...]
    while true {
      switch try negotiation.next() {
      case .complete: return sent
      case .send(let bytes): sent.append(bytes)
      case .needData:
        guard let answer = rest.popFirst() else {
          Issue.record("the proxy's answers were not enough")
          return sent
        }
        for (index, byte) in answer.enumerated() {
          negotiation.receive([byte].span)
          if index < answer.count - 1 {
            #expect(try negotiation.next() == .needData)
          }
        }
      }
    }
  }

  @Test(arguments: [
    ("api.test", "api.test:6443"), ("10.0.0.1", "10.0.0.1:6443"), ("fd00::1", "[fd00::1]:6443"),
  ])
  func `CONNECT names the server`(_ host: String, _ authority: String) throws {
    var negotiation = negotiation(.http, host: host)
    let sent = try run(&negotiation, [Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)])
    #expect(
      sent.map { String(decoding: $0, as: UTF8.self) } == [
        "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\r\n"
      ])
  }

  @Test func `CONNECT brings credentials`() throws {
    var negotiation = negotiation(.http, credentials: someone)
    let sent = try run(&negotiation, [Array("HTTP/1.0 200 \r\nVia: x\r\n\r\n".utf8)])
    #expect(
      String(decoding: sent[0], as: UTF8.self).contains(
        "\r\nProxy-Authorization: Basic dTpwOnc=\r\n"))
  }

  @Test func `what comes before the answer is passed over`() throws {
    var negotiation = negotiation(.http)
    _ = try negotiation.next()
    negotiation.receive(Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\n\r\n".utf8).span)
    #expect(try negotiation.next() == .complete)
  }

  @Test(arguments: [
    ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", HTTPProxyError.refused(status: 407)),
    ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno\n", .refused(status: 502)),
    ("HTTP/1.1 301 Moved\r\nLocation: http://elsewhere\r\n\r\n", .refused(status: 301)),
    ("HTTP/2 200\r\n\r\n", .malformed), ("SSH-2.0-x\r\n\r\n", .malformed),
    ("HTTP/1.1 20x\r\n\r\n", .malformed), ("HTTP/1.1 2000\r\n\r\n", .malformed),
    ("\r\n\r\n", .malformed), ("HTTP/1.1 200 OK\r\n\r\nbytes of somebody", .malformed),
  ])
  func `an answer that leads nowhere is an error`(_ answer: String, _ error: HTTPProxyError) throws
  {
    var negotiation = negotiation(.http)
    _ = try negotiation.next()
    negotiation.receive(Array(answer.utf8).span)
    #expect(throws: error) { try negotiation.next() }
  }

  @Test func `an answer without an end is given up`() throws {
    var negotiation = negotiation(.http)
    _ = try negotiation.next()
    negotiation.receive(
      [UInt8](repeating: 0x78, count: ProxyNegotiation.answerByteCountMax).span)
    #expect(try negotiation.next() == .needData)
    negotiation.receive([0x78].span)
    #expect(throws: HTTPProxyError.malformed) { try negotiation.next() }
  }

  @Test(arguments: [
    ("api.test", [3, 8] + Array("api.test".utf8)), ("10.0.0.1", [1, 10, 0, 0, 1]),
    ("fd00::1", [4, 0xFD] + [UInt8](repeating: 0, count: 14) + [1]),
  ])
  func `SOCKS is given a name or an address`(_ host: String, _ address: [UInt8]) throws {
    var negotiation = negotiation(.socks5, host: host)
    let sent = try run(&negotiation, [[5, 0], [5, 0, 0, 1, 127, 0, 0, 1, 0, 80]])
    #expect(sent == [[5, 1, 0], [5, 1, 0] + address + [0x19, 0x2B]])
  }

  @Test(arguments: [[5, 0, 0, 3, 1, 97, 0, 80], [5, 0, 0, 4] + [UInt8](repeating: 0, count: 18)])
  func `SOCKS brings credentials where they are asked for`(_ reply: [UInt8]) throws {
    var negotiation = negotiation(.socks5, credentials: someone)
    let sent = try run(&negotiation, [[5, 2], [1, 0], reply])
    #expect(sent[0] == [5, 2, 0, 2])
    #expect(sent[1] == [1, 1] + Array("u".utf8) + [3] + Array("p:w".utf8))
    #expect(sent.count == 3)
  }

  @Test(
    arguments: [
      ([[4, 0]], HTTPProxyError.malformed), ([[5, 0xFF]], .credentials), ([[5, 1]], .credentials),
      ([[5, 2]], .credentials), ([[5, 0], [5, 5, 0, 1, 0]], .failed(reply: 5)),
      ([[5, 0], [4, 0, 0, 1, 0]], .malformed), ([[5, 0], [5, 0, 0, 9, 0]], .malformed),
      ([[5, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9]], .malformed),
    ] as [([[UInt8]], HTTPProxyError)])
  func `a SOCKS proxy that refuses is an error`(
    _ answers: [[UInt8]], _ error: HTTPProxyError
  ) throws {
    var negotiation = negotiation(.socks5)
    #expect(throws: error) {
      for answer in answers {
        while try negotiation.next() != .needData {}
        negotiation.receive(answer.span)
      }
      while try negotiation.next() != .needData {}
    }
  }
}
