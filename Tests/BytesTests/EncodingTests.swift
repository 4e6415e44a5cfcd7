import Bytes
import Testing

@Suite struct HexTests {
  @Test func `every byte comes back`() {
    let all = Array(UInt8.min...UInt8.max)
    let text = Hex.encode(all)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
    #expect(Hex.decode(text) == all)
    #expect(Hex.decode(text.uppercased()) == all)
  }

  @Test(arguments: ["0", "abc", "0g", "0x00", " 00", "00 ", "é0"])
  func `an odd or foreign digit is refused`(text: String) {
    #expect(Hex.decode(text) == nil)
  }

  @Test func `no digits are no bytes`() {
    #expect(Hex.decode("") == [])
    #expect(Hex.encode([]) == "")
  }
}

@Suite struct Base64Tests {
  /// The vectors of RFC 4648 §10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `the vectors of RFC 4648 hold both ways`(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
    let unpadded = encoded.replacing("=", with: "")
    #expect(Base64.encodeURL(Array(plain.utf8)) == unpadded)
    #expect(Base64.decodeURL(unpadded) == Array(plain.utf8))
  }

  @Test func `the two alphabets differ in the last two characters`() {
    #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
    #expect(Base64.encodeURL([0xFB, 0xFF, 0xFE]) == "-__-")
    #expect(Base64.decode("-__-") == nil)
    #expect(Base64.decodeURL("+//+") == nil)
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v=", "Zm9v====", "Zg==Zg==", "Z g=", "Zg==\n",
    "Zh==", "Zm9=", "Z", "Zm9vY", "Zm9v\r\nYmFy",
  ])
  func `what is not the one text of some bytes is refused`(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test(arguments: ["Zg==", "Z", "Zh", "Zm9", "Zm9vY"])
  func `padding and loose bits are refused in the form for URLs`(text: String) {
    #expect(Base64.decodeURL(text) == nil)
  }

  @Test func `bytes of every length come back`() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 151 + count) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
    }
  }
}
