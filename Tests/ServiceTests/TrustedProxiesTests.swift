import HTTPWire
import Hooks
import Reactor
import Testing

@testable import Service

@Suite struct TrustedProxiesTests {
  private let proxies: TrustedProxies

  init() throws {
    proxies = TrustedProxies(
      try ["10.0.0.0/8", "2001:db8::/32"].map { try AddressRange(parsing: $0) })
  }

  private func sender(_ lines: [String], _ peer: String) throws -> TrustedProxies.Sender {
    var fields: HTTPFields = []
    for line in lines { fields.append(name: "X-Forwarded-For", value: line) }
    return proxies.sender(of: fields, from: try #require(IPAddress(peer)))
  }

  @Test(
    arguments: [
      (["192.0.2.1"], "198.51.100.9", "198.51.100.9"), ([], "10.0.0.1", "10.0.0.1"),
      (["192.0.2.1"], "10.0.0.1", "192.0.2.1"), (["192.0.2.1"], "2001:db8::5", "192.0.2.1"),
      (["192.0.2.1, 198.51.100.9"], "10.0.0.1", "198.51.100.9"),
      (["192.0.2.1,10.9.9.9\t, 10.0.0.2 "], "10.0.0.1", "192.0.2.1"),
      (["192.0.2.1", "198.51.100.9, 10.0.0.2"], "10.0.0.1", "198.51.100.9"),
      (["198.51.100.9", "10.0.0.2"], "10.0.0.1", "198.51.100.9"),
      (["2a00::1, 2001:db8::7"], "10.0.0.1", "2a00::1"),
      (["::ffff:192.0.2.1"], "10.0.0.1", "192.0.2.1"),
      (["10.0.0.3, 10.0.0.2"], "10.0.0.1", "10.0.0.3"),
      // What a client made up is not looked at.
      (["nonsense, 192.0.2.1"], "10.0.0.1", "192.0.2.1"),
      ([", ,,192.0.2.1"], "10.0.0.1", "192.0.2.1"),
    ] as [([String], String, String)])
  func `the sender is the right-most address that is no trusted proxy`(
    lines: [String], peer: String, expected: String
  ) throws {
    let sender = try sender(lines, peer)
    #expect("\(sender.address)" == expected)
    #expect(sender.problem == nil)
  }

  @Test(arguments: [
    "", " ", "unknown", "192.0.2.1:80", "[2a00::1]", "192.0.2.1,", "nonsense, 10.0.0.2",
    "192.0.2.1; 10.0.0.2", "192.0.2.01", "_hidden",
  ])
  func `a malformed address on the way makes the peer the sender, and is reported`(
    line: String
  ) throws {
    let sender = try sender([line], "10.0.0.1")
    #expect("\(sender.address)" == "10.0.0.1")
    #expect(sender.problem?.hasPrefix("X-Forwarded-For has ") == true)
  }
}
