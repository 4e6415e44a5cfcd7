import Bytes
import Testing

@Suite struct DecimalTests {
  @Test(arguments: [
    ("0", 0), ("7", 7), ("007", 7), ("18446744073709551615", UInt64.max),
    ("000000000000000000000000000000012", 12),
  ])
  func `digits are a number`(text: String, value: UInt64) {
    #expect(Decimal.parse(text) == value)
    let parsed = Decimal.parse(Array(text.utf8).span)
    #expect(parsed == value)
  }

  @Test(arguments: [
    "", "+5", "-5", " 5", "5 ", "0x5", "5.0", "５", "1_000", "18446744073709551616",
    "99999999999999999999",
  ])
  func `anything else is none`(text: String) {
    #expect(Decimal.parse(text) == nil)
    let parsed = Decimal.parse(Array(text.utf8).span)
    #expect(parsed == nil)
  }
}
