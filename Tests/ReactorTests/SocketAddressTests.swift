import CLinux
import Glibc
import Testing

@testable import Reactor

@Suite struct SocketAddressTests {
  @Test(arguments: [
    ("127.0.0.1:8080", "127.0.0.1:8080"),
    ("0.0.0.0:0", "0.0.0.0:0"),
    ("[::1]:443", "[::1]:443"),
    ("[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1"),
    ("localhost:65535", "127.0.0.1:65535"),
    (":8080", "[::]:8080"),
    ("*:8080", "[::]:8080"),
  ])
  func `an address is read and written`(text: String, expected: String) throws {
    #expect(try SocketAddress(parsing: text).description == expected)
  }

  @Test(arguments: [
    ("127.0.0.1", SocketAddressError.portMissing("127.0.0.1")),
    ("", .portMissing("")),
    ("127.0.0.1:", .portInvalid("")),
    ("127.0.0.1:+80", .portInvalid("+80")),
    ("127.0.0.1:65536", .portInvalid("65536")),
    ("127.0.0.1: 80", .portInvalid(" 80")),
    ("127.1:80", .hostInvalid("127.1")),
    ("example.com:80", .hostInvalid("example.com")),
    ("[127.0.0.1]:80", .hostInvalid("[127.0.0.1]")),
    // Brackets promise IPv6, and this is an IPv4 address.
    ("[::ffff:192.0.2.1]:80", .hostInvalid("[::ffff:192.0.2.1]")),
    ("::1:80", .bracketsMissing("::1")),
    ("[::1:80", .hostInvalid("[::1")),
    ("127.0.0.1\0:80", .hostInvalid("127.0.0.1\0")),
  ])
  func `what is no listener's address is refused`(text: String, error: SocketAddressError) {
    #expect(throws: error) { try SocketAddress(parsing: text) }
    #expect(!error.description.isEmpty)
  }

  @Test(arguments: ["192.0.2.1:80", "[2001:db8::1]:443", "[::]:0"])
  func `the kernel's form says the same`(text: String) throws {
    let address = try SocketAddress(parsing: text)
    let copied = unsafe address.withSockaddr { pointer, length in
      var storage = sockaddr_storage()
      unsafe withUnsafeMutableBytes(of: &storage) {
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
      }
      return storage
    }
    #expect(SocketAddress(copied) == address)
  }
}
