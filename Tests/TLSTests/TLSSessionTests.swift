import COpenSSL
import Testing

@testable import TLS

@Suite struct TLSSessionTests {
  let fixture: Fixture

  init() throws {
    fixture = try Fixture.shared.get()
  }

  private func pair(
    dialling name: String = "api.example.test", feed: Feed = .whole
  ) throws -> Pair {
    try Pair(client: fixture.client, server: fixture.server, dialling: name, feed: feed)
  }

  private func establishedPair(feed: Feed = .whole) throws -> Pair {
    let pair = try pair(feed: feed)
    let (client, server) = pair.handshake()
    #expect(client == .success(true))
    #expect(server == .success(true))
    return pair
  }

  @Test(arguments: Feed.allCases)
  func `client and server agree on TLS 1.3 and http 1.1`(feed: Feed) throws {
    let pair = try establishedPair(feed: feed)
    for end in [pair.client, pair.server] {
      #expect(end.version == "TLSv1.3")
      #expect(end.hasNegotiatedHTTP11)
      #expect(end.isEstablished)
      #expect(!end.isResumed)
    }
    #expect(pair.client.peerIdentity?.commonName == "server")
    #expect(pair.server.peerIdentity == nil)
  }

  @Test(arguments: Feed.allCases)
  func `what one end writes the other reads`(feed: Feed) throws {
    let pair = try establishedPair(feed: feed)
    let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
    #expect(try pair.client.write(request.span) == .wrote(request.count))
    pair.carry(from: pair.client, to: pair.server)
    let (bytes, end) = try readAll(pair.server)
    #expect(bytes == request)
    #expect(end == .needsCiphertext)
  }

  @Test func `two records that arrive at once are both read`() throws {
    let pair = try establishedPair()
    #expect(try pair.client.write(Array("first,".utf8).span) == .wrote(6))
    #expect(try pair.client.write(Array("second".utf8).span) == .wrote(6))
    pair.carry(from: pair.client, to: pair.server)
    var buffer = [UInt8](repeating: 0, count: 64)
    var span = buffer.mutableSpan
    #expect(try pair.server.read(into: &span) == .bytes(12))
    #expect(String(decoding: buffer[..<12], as: UTF8.self) == "first,second")
  }

  @Test func `a record larger than the buffer is read in parts`() throws {
    let pair = try establishedPair()
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try pair.client.write(message.span) == .wrote(1000))
    pair.carry(from: pair.client, to: pair.server)
    #expect(try readAll(pair.server, room: 7).bytes == message)
  }

  @Test func `plaintext can be appended to what is there`() throws {
    let pair = try establishedPair()
    #expect(try pair.client.write(Array("bcd".utf8).span) == .wrote(3))
    pair.carry(from: pair.client, to: pair.server)
    var outcome: Result<TLSReadOutcome, TLSError>?
    let bytes = [UInt8](capacity: 3) { (output: inout OutputSpan<UInt8>) in
      output.append(UInt8(ascii: "a"))
      outcome = Result { () throws(TLSError) in try pair.server.read(into: &output) }
    }
    #expect(outcome == .success(.bytes(2)))
    #expect(String(decoding: bytes, as: UTF8.self) == "abc")
    #expect(try readAll(pair.server).bytes == [UInt8(ascii: "d")])
  }

  @Test(arguments: [1 << 20], [511, 16 * 1024, 1 << 20])
  func `a megabyte passes through in small feeds`(byteCount: Int, piece: Int) throws {
    let pair = try establishedPair()
    let message = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    var written = 0
    var received: [UInt8] = []
    received.reserveCapacity(byteCount)
    var declined = false
    while received.count < byteCount {
      let end = min(written + piece, byteCount)
      switch try pair.client.write(message.span.extracting(written..<end)) {
      case .wrote(let count): written += count
      case .needsSending: declined = true
      case .needsCiphertext: Issue.record("the handshake was complete")
      }
      #expect(
        pair.client.pendingByteCount <= TLSSession.pendingByteCountMax + 17 * 1024)
      // Only part of what is pending is sent, as a full socket buffer would have it.
      let sent = pair.client.withPendingCiphertext { pending in
        pair.server.receive(pending.extracting(first: min(1500, pending.count)))
        return min(1500, pending.count)
      }
      pair.client.markSent(sent)
      received += try readAll(pair.server).bytes
    }
    #expect(received == message)
    // Pieces smaller than what is sent each time never pile up.
    #expect(declined == (piece > 1500))
  }

  // MARK: Endings

  @Test func `close_notify ends reading at both ends`() throws {
    let pair = try establishedPair()
    #expect(try pair.client.write(Array("bye".utf8).span) == .wrote(3))
    pair.client.close()
    pair.carry(from: pair.client, to: pair.server)
    let (bytes, end) = try readAll(pair.server)
    #expect(bytes == Array("bye".utf8))
    #expect(end == .closed)
    // The other direction is still open.
    #expect(try pair.server.write(Array("and you".utf8).span) == .wrote(7))
    pair.server.close()
    pair.carry(from: pair.server, to: pair.client)
    let answer = try readAll(pair.client)
    #expect(answer.bytes == Array("and you".utf8))
    #expect(answer.end == .closed)
    pair.client.receiveEnd()
    #expect(try readAll(pair.client).end == .closed)
  }

  @Test func `a connection that ends without close_notify is truncated`() throws {
    let pair = try establishedPair()
    #expect(try pair.client.write(Array("half".utf8).span) == .wrote(4))
    pair.carry(from: pair.client, to: pair.server)
    pair.server.receiveEnd()
    var buffer = [UInt8](repeating: 0, count: 64)
    var span = buffer.mutableSpan
    #expect(try pair.server.read(into: &span) == .bytes(4))
    for _ in 0..<2 {
      #expect(throws: TLSError.truncated) { try readAll(pair.server) }
    }
  }

  @Test func `a connection that ends within the handshake is truncated`() throws {
    let pair = try pair()
    #expect(try pair.client.handshake() == .needsCiphertext)
    pair.client.receiveEnd()
    #expect(throws: TLSError.truncated) { try pair.client.handshake() }
  }

  @Test func `nothing can be written after closing`() throws {
    let pair = try establishedPair()
    pair.client.close()
    #expect(throws: TLSError.closed) { try pair.client.write([1].span) }
  }

  @Test func `closing before the handshake says nothing`() throws {
    let pair = try pair()
    pair.client.close()
    #expect(pair.client.pendingByteCount == 0)
  }

  // MARK: What is no TLS

  @Test(arguments: [
    "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "CONNECT a:1 HTTP/1.1\r\n",
  ])
  func `plain text on the TLS port is recognised`(text: String) throws {
    let server = TLSSession(server: fixture.server)
    server.receive(Array(text.utf8).span)
    #expect(throws: TLSError.notTLS) { try server.handshake() }
    #expect(throws: TLSError.notTLS) { try readAll(server) }
    #expect(server.wasAddressedInPlainText)
    server.close()
  }

  @Test func `a server that answers in plain text is not taken for a client that asks`() throws {
    let pair = try pair()
    #expect(try pair.client.handshake() == .needsCiphertext)
    pair.client.receive(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span)
    #expect(throws: TLSError.notTLS) { try pair.client.handshake() }
    #expect(!pair.client.wasAddressedInPlainText)
  }

  @Test func `a key update that is asked for in the middle of a large answer loses nothing`()
    throws
  {
    let pair = try establishedPair()
    let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var written = 0
    var received: [UInt8] = []
    while received.count < message.count {
      if case .wrote(let count) = try pair.server.write(
        message.span.extracting(droppingFirst: written))
      {
        written += count
      }
      // SAFETY: the session is alive; the message that is queued asks for one in return.
      #expect(unsafe SSL_key_update(pair.client.handle, SSL_KEY_UPDATE_REQUESTED) == 1)
      #expect(try pair.client.write([1].span) == .wrote(1))
      pair.carry(from: pair.client, to: pair.server)
      #expect(try readAll(pair.server).bytes == [1])
      pair.carry(from: pair.server, to: pair.client)
      received += try readAll(pair.client).bytes
    }
    #expect(received == message)
  }

  @Test func `a record changed on the way ends the session`() throws {
    let pair = try establishedPair()
    #expect(try pair.client.write(Array("secret".utf8).span) == .wrote(6))
    var record = pair.client.withPendingCiphertext { pending in
      pending.indices.map { pending[$0] }
    }
    record[record.count - 1] ^= 1
    pair.server.receive(record.span)
    let error = #expect(throws: TLSError.self) { try readAll(pair.server) }
    guard case .protocolViolation = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // The alert tells the client.
    pair.carry(from: pair.server, to: pair.client)
    let answer = #expect(throws: TLSError.self) { try readAll(pair.client) }
    guard case .peerAlert = answer else {
      Issue.record("\(String(describing: answer))")
      return
    }
  }

  @Test func `writing before the handshake is complete waits for the peer`() throws {
    let pair = try pair()
    #expect(try pair.client.write([1].span) == .needsCiphertext)
    #expect(pair.client.pendingByteCount > 0)
  }
}
