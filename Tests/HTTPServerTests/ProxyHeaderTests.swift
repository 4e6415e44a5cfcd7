import Reactor
import Testing

@testable import HTTPServer

/// A header of version 2 with a command, a family and what follows the length.
private func binary(
  _ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil
)
  -> [UInt8]
{
  let length = length ?? rest.count
  return [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
}

private let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0xC0, 0x01, 0x01, 0xBB]
private let v6: [UInt8] =
  [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]
  + [UInt8](repeating: 1, count: 16) + [0xC0, 0x01, 0x01, 0xBB]
private let mapped: [UInt8] =
  [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 192, 0, 2, 1]
  + [UInt8](repeating: 1, count: 16) + [0xC0, 0x01, 0x01, 0xBB]

@Suite struct ProxyHeaderTests {
  static let valid: [([UInt8], String)] = [
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 49153 443\r\n".utf8), "192.0.2.1:49153"),
    (Array("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n".utf8), "0.0.0.0:0"),
    (Array("PROXY TCP6 2001:db8::7 ::1 49153 443\r\n".utf8), "[2001:db8::7]:49153"),
    (Array("PROXY TCP6 ::ffff:192.0.2.1 ::1 49153 443\r\n".utf8), "192.0.2.1:49153"),
    (Array("PROXY UNKNOWN\r\n".utf8), "local"),
    (Array("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n".utf8), "local"),
    (binary(0x21, 0x11, v4), "192.0.2.1:49153"),
    (binary(0x21, 0x21, v6), "[2001:db8::7]:49153"),
    (binary(0x21, 0x21, mapped), "192.0.2.1:49153"),
    (binary(0x21, 0x11, v4 + [0x04, 0x00, 0x01, 0x00]), "192.0.2.1:49153"),
    (binary(0x21, 0x00, []), "local"),
    (binary(0x21, 0x00, v4), "local"),
    (binary(0x20, 0x00, []), "local"),
    (binary(0x20, 0x11, v4), "local"),
    (binary(0x20, 0x31, [1, 2, 3]), "local"),
    (binary(0x21, 0x11, v4 + [UInt8](repeating: 0, count: 4080 - 12)), "192.0.2.1:49153"),
  ]

  @Test(arguments: valid)
  func `a header is read once its last byte is there, and not before`(
    bytes: [UInt8], meaning: String
  ) throws {
    for count in 0..<bytes.count {
      #expect(try ProxyHeader.parse(Array(bytes.prefix(count))) == nil, "\(count)")
    }
    for rest in [[], Array("GET / HTTP/1.1\r\n".utf8), [0x16, 0x03, 0x01]] {
      let parsed = try #require(try ProxyHeader.parse(bytes + rest))
      #expect(parsed.byteCount == bytes.count)
      switch parsed.header {
      case .local: #expect(meaning == "local")
      case .client(let address): #expect("\(address)" == meaning)
      }
    }
  }

  static let invalid: [([UInt8], ProxyHeaderError)] = [
    (Array("G".utf8), .noHeader), (Array("GET / HTTP/1.1\r\n".utf8), .noHeader),
    (Array("proxy TCP4 ".utf8), .noHeader), (Array("PROXY\tTCP4".utf8), .noHeader),
    ([0x16, 0x03, 0x01], .noHeader), ([0x0D, 0x0A, 0x0D, 0x0A, 0x01], .noHeader),
    ([0x0D, 0x0A, 0x47], .noHeader),
    (Array("PROXY \r\n".utf8), .invalidLine), (Array("PROXY TCP4\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 49153 443\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 49153\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 49153 443 \r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1  198.51.100.2 49153 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.256 198.51.100.2 49153 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100 49153 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 2001:db8::7 ::1 49153 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP6 192.0.2.1 198.51.100.2 49153 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 049 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1 198.51.100.2 +49 443\r\n".utf8), .invalidLine),
    (Array("PROXY UDP4 192.0.2.1 198.51.100.2 49 443\r\n".utf8), .invalidLine),
    (Array("PROXY TCP4 192.0.2.1\0 198.51.100.2 49 443\r\n".utf8), .invalidLine),
    (Array("PROXY UNKNOWN\n".utf8), .invalidLine),
    (Array(("PROXY UNKNOWN " + String(repeating: "x", count: 93)).utf8), .tooLong(limit: 107)),
    (
      Array(("PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n").utf8),
      .tooLong(limit: 107)
    ),
    (Array(binary(0x11, 0x11, v4).prefix(13)), .unknownCommand(0x11)),
    (binary(0x22, 0x11, v4), .unknownCommand(0x22)),
    (Array(binary(0x21, 0x12, v4).prefix(14)), .unknownFamily(0x12)),
    (binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)), .unknownFamily(0x31)),
    (binary(0x21, 0x11, Array(v4.dropLast())), .tooShort),
    (binary(0x21, 0x21, v4), .tooShort),
    (binary(0x21, 0x11, v4, length: 4081), .tooLong(limit: 4096)),
    (binary(0x20, 0x00, [], length: 65535), .tooLong(limit: 4096)),
  ]

  @Test(arguments: invalid)
  func `what is no header is refused, whole and byte by byte`(
    bytes: [UInt8], error: ProxyHeaderError
  ) throws {
    #expect(throws: error) { try ProxyHeader.parse(bytes) }
    var found: ProxyHeaderError?
    for count in 0...bytes.count where found == nil {
      do throws(ProxyHeaderError) {
        let parsed = try ProxyHeader.parse(Array(bytes.prefix(count)))
        #expect(parsed == nil)
      } catch { found = error }
    }
    #expect(found == error)
  }

  @Test func `no bytes make it fail in another way`() {
    var random = SystemRandomNumberGenerator()
    for (bytes, _) in Self.valid {
      for _ in 0..<200 {
        var bytes = bytes
        let index = Int.random(in: 0..<min(bytes.count, 60), using: &random)
        bytes[index] = UInt8.random(in: 0...255, using: &random)
        guard let parsed = try? ProxyHeader.parse(bytes) else { continue }
        #expect(parsed.byteCount <= bytes.count)
      }
    }
  }
}
