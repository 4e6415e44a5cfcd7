import Bytes
import Testing

@Suite struct ASCIITests {
  @Test func `token bytes are those of RFC 9110`() {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    let token = Set((letters + "0123456789!#$%&'*+-.^_`|~").utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(ASCII.isTokenByte(byte) == token.contains(byte), "byte \(byte)")
    }
  }

  @Test func `the other classes hold their ranges and nothing else`() {
    for byte in UInt8.min...UInt8.max {
      let isDigit = (0x30...0x39).contains(byte)
      let isUpper = (0x41...0x5A).contains(byte)
      let isLower = (0x61...0x7A).contains(byte)
      #expect(ASCII.isDigit(byte) == isDigit)
      #expect(ASCII.isLetter(byte) == (isUpper || isLower))
      #expect(ASCII.isLetterOrDigit(byte) == (isUpper || isLower || isDigit))
      #expect(ASCII.isVisible(byte) == (0x21...0x7E).contains(byte))
      #expect(ASCII.isControl(byte) == (byte < 32 || byte == 127))
      #expect(ASCII.isBlank(byte) == (byte == 32 || byte == 9))
      #expect(ASCII.lowercased(byte) == (isUpper ? byte + 32 : byte))
      #expect(ASCII.uppercased(byte) == (isLower ? byte - 32 : byte))
      let digits = Array("0123456789abcdef".utf8)
      let value = digits.firstIndex(of: isUpper ? byte + 32 : byte).map { UInt8($0) }
      #expect(ASCII.hexValue(byte) == value)
    }
  }

  @Test func `texts compare without the case of ASCII letters only`() {
    #expect(ASCII.equalsIgnoringCase("Content-Type", "content-tYPE"))
    #expect(!ASCII.equalsIgnoringCase("a", "ab"))
    #expect(!ASCII.equalsIgnoringCase("[", "{"))
    #expect(!ASCII.equalsIgnoringCase("É", "é"))
    let isSame = ASCII.equalsIgnoringCase(Array("AbC".utf8).span, Array("aBc".utf8).span)
    let isLonger = ASCII.equalsIgnoringCase(Array("AbC".utf8).span, Array("aBcd".utf8).span)
    #expect(isSame && !isLonger)
    #expect(ASCII.lowercased("X-GitHub-ÉVENT") == "x-github-Évent")
  }

  @Test(arguments: [("GET", true), ("", false), ("a b", false), ("a:b", false), ("é", false)])
  func `a token has at least one byte and only token bytes`(text: String, isToken: Bool) {
    #expect(ASCII.isToken(text.utf8) == isToken)
  }
}
