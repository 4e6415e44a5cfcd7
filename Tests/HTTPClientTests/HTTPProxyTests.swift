import HTTPWire
import Reactor
import TLS
import Testing

@testable import HTTPClient

/// The way through a proxy, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct HTTPProxyTests {
  /// A proxy that carries bytes to wherever it is asked, with or without TLS of its own.
  private final class Relay: Sendable {
    let port: UInt16
    private let group: EventLoopGroup
    private let tls: TLSServerContext?
    private let target: UInt16

    init(to target: UInt16, tls: TLSServerContext?) async throws {
      group = try EventLoopGroup(loopCount: 1, name: "relay")
      let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
      port = socket.address.port
      self.tls = tls
      self.target = target
      let loop = group.loops[0]
      try await loop.run { [self] in
        _ = try Listener(socket, on: loop, onTrouble: { _ in }) { stream in
          Task(executorPreference: loop) { try? await self.serve(stream) }
        }
      }
    }

    func stop() { group.stop() }

    private func serve(_ near: ByteStream) async throws {
      defer { near.close() }
      if let tls { try await near.startTLS(TLSSession(server: tls), deadline: .distantFuture) }
      var head: [UInt8] = []
      while !head.ends(with: "\r\n\r\n".utf8) {
        let count = try await near.read(deadline: .distantFuture) { bytes in
          for index in bytes.indices { head.append(bytes[index]) }
        }
        guard count > 0 else { return }
      }
      let address = SocketAddress(host: .loopbackV4, port: target)
      let far = try await ByteStream.connect(
        to: address, on: near.loop, deadline: .distantFuture)
      defer { far.close() }
      try await near.write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8), stallLimit: .seconds(50))
      async let forth: Void = pump(near, far)
      await pump(far, near)
      await forth
    }

    private func pump(_ from: ByteStream, _ to: ByteStream) async {
      while true {
        var bytes: [UInt8] = []
        let count = try? await from.read(deadline: .distantFuture) { span in
          for index in span.indices { bytes.append(span[index]) }
        }
        guard let count, count > 0, (try? await to.write(bytes, stallLimit: .seconds(50))) != nil
        else { break }
      }
      from.close()
      to.close()
    }
  }

  @Test(arguments: Transport.allCases, Transport.allCases)
  func `requests and long answers pass through a proxy, with TLS to either`(
    proxyTransport: Transport, serverTransport: Transport
  ) async throws {
    let certificates = try Certificates.shared.get()
    let long = String(repeating: "0123456789abcdef", count: 100_000)
    let server = try ScriptedServer(
      tls: serverTransport == .tls ? certificates.server : nil,
      [
        { connection in
          let first = try connection.readRequest()
          try connection.send(response("200 OK", "\(first.body.count)"))
          try connection.readRequest()
          try connection.send(response("200 OK", long))
        }
      ])
    let relay = try await Relay(
      to: server.port, tls: proxyTransport == .tls ? certificates.server : nil)
    var configuration = HTTPClientConfiguration()
    configuration.proxy = HTTPProxy(
      proxyTransport == .tls
        ? .https(certificates.client, name: try TLSPeerName("127.0.0.1")) : .http,
      host: "127.0.0.1", port: relay.port)
    let origin =
      serverTransport == .tls
      ? try HTTPOrigin(tls: certificates.client, host: "api.invalid", port: 6443, name: "127.0.0.1")
      : HTTPOrigin(plain: "api.invalid", port: 80)
    let loops = try EventLoopGroup(loopCount: 1, name: "client")
    let client = HTTPClient(origin: origin, configuration: configuration, loops: loops)
    let up = try await client.send(
      HTTPClientRequest(.post, "/", body: [UInt8](repeating: 0x78, count: 3 << 20)))
    #expect(up.body == Array("\(3 << 20)".utf8))
    let down = try await client.send(HTTPClientRequest(.get, "/"))
    #expect(down.body == Array(long.utf8))
    #expect(client.statistics.connectionCount == 1)
    await client.close()
    relay.stop()
    server.stop()
    loops.stop()
  }

  @Test func `a proxy that refuses is the error, and nothing was sent to the server`() async throws
  {
    try await withHarness({ connection in
      connection.report(try connection.readHead())
      try connection.send("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
      connection.waitForEnd()
    }) { (harness) async throws in
      var configuration = HTTPClientConfiguration()
      configuration.proxy = HTTPProxy(.http, host: "127.0.0.1", port: harness.server.port)
      let client = HTTPClient(
        origin: HTTPOrigin(plain: "api.invalid", port: 80), configuration: configuration,
        loops: harness.loops)
      let error = await failure { () async throws(HTTPClientError) in
        try await client.send(HTTPClientRequest(.get, "/secret"))
      }
      #expect(error?.code == .proxyFailed(.refused(status: 407)))
      #expect(error?.requestState == .notSent)
      #expect(error?.description == "the proxy answered 407 (the request was not sent)")
      #expect(await harness.report()?.contains("secret") == false)
      #expect(await harness.report() == "ended")
      await client.close()
    }
  }

  @Test func `a proxy that closes the connection instead of answering is the error`() async throws {
    try await withHarness({ try $0.readHead() }) { (harness) async throws in
      var configuration = HTTPClientConfiguration()
      configuration.proxy = HTTPProxy(.http, host: "127.0.0.1", port: harness.server.port)
      let client = HTTPClient(
        origin: HTTPOrigin(plain: "api.invalid", port: 80), configuration: configuration,
        loops: harness.loops)
      let error = await failure { () async throws(HTTPClientError) in
        try await client.send(HTTPClientRequest(.get, "/"))
      }
      #expect(error?.code == .proxyFailed(.closed))
      #expect(error?.requestState == .notSent)
      await client.close()
    }
  }
}

extension [UInt8] {
  fileprivate func ends(with text: String.UTF8View) -> Bool {
    suffix(text.count).elementsEqual(text)
  }
}
