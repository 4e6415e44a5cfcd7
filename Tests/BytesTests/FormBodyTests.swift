import Bytes
import Testing

@Suite struct FormBodyTests {
  @Test(
    arguments: [
      ("payload=%7B%7D", "{}"), ("a=1&payload=x+y&b", "x y"), ("payload=", ""),
      ("p%61yload=1", "1"), ("payload=a=b", "a=b"), ("&&payload=1&&", "1"),
      ("payload=%C3%A9", "\u{E9}"),
    ])
  func `a field that is there once has its decoded value`(body: String, value: String) {
    #expect(FormBody.value(of: "payload", in: body.utf8) == Array(value.utf8))
  }

  @Test(
    arguments: [
      "", "payload", "Payload=1", "payload=1&payload=1", "payload=%", "payload=%7", "payload=%G0",
      "payload=%7G", "xpayload=1", "payload%=1",
    ])
  func `a field that is absent, repeated or wrongly encoded has none`(body: String) {
    #expect(FormBody.value(of: "payload", in: body.utf8) == nil)
  }
}
