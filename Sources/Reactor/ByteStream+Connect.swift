extension ByteStream {
  /// Connects to an address.
  ///
  /// Concurrency: on the loop the stream is to live on.
  ///
  /// Errors: `.connectFailed` with the kernel's reason; `.deadlinePassed`.
  package static func connect(
    to address: SocketAddress, on loop: EventLoop, deadline: MonotonicInstant
  ) async throws(ReactorError) -> ByteStream {
    loop.checkIsolated()
    let stream = try startConnecting(to: address, on: loop)
    do throws(ReactorError) {
      try await stream.finishConnecting(deadline: deadline)
    } catch {
      stream.close()
      throw error
    }
    return stream
  }

  private static func startConnecting(
    to address: SocketAddress, on loop: EventLoop
  )
    throws(ReactorError) -> ByteStream
  {
    let socket = try ReactorError.wrapping(.connectFailed, "\(address)") { () throws(Errno) in
      let socket = try SystemCall.streamSocket(for: address)
      try SystemCall.prepareForStreaming(socket.rawValue)
      try SystemCall.connect(socket.rawValue, to: address)
      return socket
    }
    return try ByteStream(owning: socket, .connecting, peer: address, on: loop)
  }

  private func finishConnecting(deadline: MonotonicInstant) async throws(ReactorError) {
    while !isWritable { try await wait(writing, until: deadline) }
    try ReactorError.wrapping(.connectFailed, "\(peer)") { () throws(Errno) in
      if let errno = try SystemCall.pendingError(descriptor) { throw errno }
    }
  }

  /// Connects to a host by name or by address, trying its addresses in the resolver's order.
  ///
  /// - Parameter deadline: for all of it, the name included.
  ///
  /// Errors: the last address's; `.resolveFailed` when there is none.
  package static func connect(
    toHost host: String, port: UInt16, on loop: EventLoop, resolver: NameResolver,
    deadline: MonotonicInstant
  ) async throws(ReactorError) -> ByteStream {
    let addresses = try await resolver.resolve(host, port: port, on: loop, deadline: deadline)
    var failure = ReactorError(.resolveFailed, detail: host)
    for address in addresses {
      do throws(ReactorError) {
        return try await connect(to: address, on: loop, deadline: deadline)
      } catch {
        failure = error
      }
    }
    throw failure
  }
}
