import TLS

@testable import Reactor

/// A client of the built program: connections on a loop of its own.
struct Visitor {
  private let group: EventLoopGroup
  private var loop: EventLoop { group.loops[0] }
  private var deadline: MonotonicInstant { loop.now.advanced(by: .seconds(30)) }

  init() throws {
    group = try EventLoopGroup(loopCount: 1)
  }

  func leave() { group.stop() }

  /// What is answered to a text, up to the end of the connection.
  func answer(
    to text: String, at address: ListenerAddress, tls: TLSClientContext? = nil
  ) async throws -> String {
    try await loop.run {
      let stream = try await connect(to: address)
      defer { stream.close() }
      if let tls {
        try await stream.startTLS(
          TLSSession(client: tls, peer: try TLSPeerName("localhost")), deadline: deadline)
      }
      try await stream.write(Array(text.utf8), stallLimit: .seconds(30))
      var bytes: [UInt8] = []
      while try await stream.read(
        deadline: deadline,
        { span in
          for index in span.indices { bytes.append(span[index]) }
        }) > 0
      {}
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Sends a text and leaves the connection open.
  func begin(_ text: String, at address: ListenerAddress) async throws {
    try await loop.run {
      let stream = try await connect(to: address)
      try await stream.write(Array(text.utf8), stallLimit: .seconds(30))
    }
  }

  private func connect(to address: ListenerAddress) async throws -> ByteStream {
    switch address {
    case .network(let address):
      return try await ByteStream.connect(to: address, on: loop, deadline: deadline)
    case .unix(let path):
      let socket = try SystemCall.unixStreamSocket()
      try SystemCall.connect(socket.rawValue, toPath: path)
      return try ByteStream(owning: socket, .connected, peer: .unknown, on: loop)
    case .inherited: throw ReactorError(.connectFailed)
    }
  }
}
