import Testing

@testable import HTTPWire

@Suite struct HostAndPortTests {
  @Test(arguments: [
    "a", "A.b-c_d~e", "example.com:80", "example.com:", "example.com:65535", "127.0.0.1:8080",
    "999.1.1.1", "a!$&'()*+,;=b", "%41%6a", "xn--bcher-kva.example", "[::]", "[::1]", "[::1]:443",
    "[1:2:3:4:5:6:7:8]", "[1::8]", "[1::]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]",
    "[::ffff:192.0.2.1]", "[1:2:3:4:5:6:192.0.2.1]", "[ABCD:ef01::]", "[v1.a:b]", "[vF.x]",
  ])
  func `a host with or without a port is valid`(text: String) {
    let isValid = HostAndPort.isValid(text.utf8.span)
    #expect(isValid)
  }

  @Test(arguments: [
    "", ":80", "a b", " a", "a ", "a/b", "a?b", "a#b", "u@a", "a:80:90", "a:x", "a:8x", "a:-1",
    "a:65536", "a:99999999999999999999", "a\\b", "a\"b", "<a>", "a%", "a%4", "a%4g", "a|b",
    "\u{E9}", "a\u{7F}", "[", "]", "[]", "[::1", "::1", "[::1]x", "[::1]80", "[:::]", "[1]",
    "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[12345::]", "[:1]", "[1:]", "[g::]",
    "[1:2:3:4:5:6:7:8::]", "[::1:2:3:4:5:6:7:8]", "[::256.0.0.1]", "[::1.2.3]", "[::1.2.3.4.5]",
    "[::01.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[fe80::1%25eth0]", "[v.a]", "[v1]", "[v1.]",
    "[vg.a]", "[v1.a b]",
  ])
  func `anything else is not`(text: String) {
    let isValid = HostAndPort.isValid(text.utf8.span)
    #expect(!isValid)
  }
}
