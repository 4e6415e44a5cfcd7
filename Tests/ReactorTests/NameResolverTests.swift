import Testing

@testable import Reactor

@Suite struct NameResolverTests {
  private func resolve(
    _ host: String, deadline: MonotonicInstant = .distantFuture
  ) async throws -> [SocketAddress] {
    let group = try EventLoopGroup(loopCount: 1)
    defer { group.stop() }
    let loop = group.loops[0]
    return try await loop.run {
      try await group.resolver.resolve(host, port: 80, on: loop, deadline: deadline)
    }
  }

  @Test(arguments: ["192.0.2.1", "2001:db8::1"])
  func `an address is its own answer`(host: String) async throws {
    let addresses = try await resolve(host, deadline: .distantPast)
    #expect(addresses.map(\.port) == [80])
    #expect(addresses.map(\.host.description) == [host])
  }

  @Test func `the machine's own name is found`() async throws {
    let addresses = try await resolve("localhost")
    #expect(addresses.contains { $0.host == .loopbackV4 || $0.host == .loopbackV6 })
  }

  @Test(arguments: ["", "a\0b", "no such name"])
  func `what is no host name is refused`(host: String) async throws {
    let failure = await #expect(throws: ReactorError.self) { try await resolve(host) }
    #expect(failure?.code == .resolveFailed)
  }

  @Test func `nobody waits longer than the deadline`() async throws {
    let failure = await #expect(throws: ReactorError.self) {
      try await resolve("name.invalid", deadline: .distantPast)
    }
    #expect(failure?.code == .deadlinePassed)
  }
}
