import Hooks
import Testing

@Suite struct AddressRangeTests {
  @Test(arguments: [
    ("192.30.252.0/22", "192.30.252.0/22"), ("192.0.2.1", "192.0.2.1/32"),
    ("0.0.0.0/0", "0.0.0.0/0"), ("255.255.255.255/32", "255.255.255.255/32"),
    ("2a0a:a440::/29", "2a0a:a440::/29"), ("2001:db8::1", "2001:db8:0:0:0:0:0:1/128"),
    ("::/0", "::/0"), ("::1", "0:0:0:0:0:0:0:1/128"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128"),
    ("ABCD:EF01::/32", "abcd:ef01::/32"),
    ("64:ff9b::192.0.2.0/120", "64:ff9b:0:0:0:0:c000:200/120"),
    ("::ffff:192.0.2.0/120", "192.0.2.0/24"), ("::ffff:c000:201", "192.0.2.1/32"),
  ])
  func `a range is read`(text: String, meaning: String) throws {
    #expect(try AddressRange(parsing: text).description == meaning)
  }

  @Test(arguments: [
    "", "/8", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.", "1.2.3.4 ", " 1.2.3.4",
    "+1.2.3.4", "1.2.3.4\0", "0x1.2.3.4", "localhost", ":", ":::", "1:2:3:4:5:6:7", "::1::",
    "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::12345", "::g", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
    "[::1]", "fe80::1%eth0", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
    "１.2.3.4", "::+1",
  ])
  func `what is no address is refused`(text: String) {
    let address = text.split(separator: "/", omittingEmptySubsequences: false).first ?? ""
    #expect(throws: AddressRangeError.noAddress(String(address))) {
      try AddressRange(parsing: text)
    }
  }

  @Test(arguments: [
    ("1.2.3.4/33", 32), ("1.2.3.4/", 32), ("1.2.3.0/024", 32), ("1.2.3.0/+24", 32),
    ("1.2.3.0/-1", 32), ("1.2.3.0/24/24", 32), ("1.2.3.0/255.255.255.0", 32), ("::/129", 128),
    ("::/9999999999999999999", 128), ("::/a", 128),
  ])
  func `what is no prefix length is refused`(text: String, limit: Int) throws {
    let prefix = try #require(text.firstIndex(of: "/")).utf16Offset(in: text) + 1
    #expect(
      throws: AddressRangeError.invalidPrefix(String(text.dropFirst(prefix)), limit: limit)
    ) { try AddressRange(parsing: text) }
  }

  @Test(arguments: [
    ("192.0.2.7/24", "192.0.2.0/24"), ("1.2.3.4/0", "0.0.0.0/0"),
    ("2001:db8::1/64", "2001:db8::/64"), ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
  ])
  func `bits beyond the prefix are refused, with the range that was perhaps meant`(
    text: String, range: String
  ) {
    let error = #expect(throws: AddressRangeError.self) { try AddressRange(parsing: text) }
    #expect(error == .bitsBeyondPrefix(text, range: range))
    #expect(error?.suggestion == range)
  }

  @Test(
    arguments: [
      ("192.30.252.0/22", 0xC01E_FC00, true), ("192.30.252.0/22", 0xC01E_FFFF, true),
      ("192.30.252.0/22", 0xC01F_0000, false), ("192.30.252.0/22", 0xC01E_FBFF, false),
      ("192.0.2.1", 0xC000_0201, true), ("192.0.2.1", 0xC000_0202, false),
      ("0.0.0.0/0", 0xFFFF_FFFF, true), ("128.0.0.0/1", 0x8000_0000, true),
      ("128.0.0.0/1", 0x7FFF_FFFF, false), ("::/0", 0xC000_0201, false),
      ("::ffff:192.0.2.0/120", 0xC000_0299, true),
    ] as [(String, UInt32, Bool)])
  func `an IPv4 address is looked up, mapped into IPv6 or not`(
    range: String, address: UInt32, isInside: Bool
  ) throws {
    let range = try AddressRange(parsing: range)
    #expect(range.contains(v4: address) == isInside)
    #expect(range.contains(v6High: 0, low: 0xFFFF_0000_0000 | UInt64(address)) == isInside)
  }

  @Test(
    arguments: [
      ("2a0a:a440::/29", 0x2A0A_A447_FFFF_FFFF, UInt64.max, true),
      ("2a0a:a440::/29", 0x2A0A_A448_0000_0000, 0, false),
      ("2001:db8::1", 0x2001_0DB8_0000_0000, 1, true),
      ("2001:db8::1", 0x2001_0DB8_0000_0000, 2, false),
      ("2001:db8::/64", 0x2001_0DB8_0000_0000, UInt64.max, true),
      ("2001:db8::/64", 0x2001_0DB8_0000_0001, 0, false),
      ("2001:db8:0:0:8000::/65", 0x2001_0DB8_0000_0000, 1 << 63, true),
      ("2001:db8:0:0:8000::/65", 0x2001_0DB8_0000_0000, 1, false),
      ("::/0", UInt64.max, 5, true), ("0.0.0.0/0", 0, 1, false), ("0.0.0.0/0", 0, 0, false),
    ] as [(String, UInt64, UInt64, Bool)])
  func `an IPv6 address is looked up`(
    range: String, high: UInt64, low: UInt64, isInside: Bool
  ) throws {
    #expect(try AddressRange(parsing: range).contains(v6High: high, low: low) == isInside)
  }
}

@Suite struct AddressFileTests {
  @Test(
    arguments: [
      (
        .gitHubMeta, "{\"hooks\":[\"192.30.252.0/22\",\"2a0a:a440::/29\"],\"web\":[\"0.0.0.0/0\"]}",
        2
      ),
      (
        .atlassianRanges,
        """
        {"items": [{"cidr": "104.192.136.0/21", "product": ["bitbucket"], "direction": ["egress"]},
        {"cidr": "185.166.140.0/22", "product": ["jira"], "direction": ["egress"]},
        {"cidr": "18.205.93.0/25", "product": ["bitbucket"], "direction": ["ingress"]},
        {"cidr": "2401:1d80:3000::/36"}]}
        """, 2
      ),
    ] as [(AddressFile.Form, String, Int)])
  func `a published list gives the ranges that webhooks come from`(
    form: AddressFile.Form, text: String, count: Int
  ) throws {
    #expect(try AddressFile(form, path: "x").ranges(in: Array(text.utf8)).count == count)
  }

  @Test(
    arguments: [
      (.gitHubMeta, "{", "not JSON"), (.gitHubMeta, "{}", "no list \"hooks\""),
      (.gitHubMeta, "[]", "no list \"hooks\""), (.gitHubMeta, "{\"hooks\":[]}", "no list"),
      (.gitHubMeta, "{\"hooks\":[1]}", "no list"),
      (.gitHubMeta, "{\"hooks\":[\"x\"]}", "\"x\" is not an IP address"),
      (.atlassianRanges, "{\"items\":[{}]}", "no list \"items\""),
      (
        .atlassianRanges, "{\"items\":[{\"cidr\":\"10.0.0.0/8\",\"product\":[\"jira\"]}]}",
        "no list"
      ),
    ] as [(AddressFile.Form, String, String)])
  func `a file without a whole list gives nothing`(
    form: AddressFile.Form, text: String, message: String
  ) {
    do throws(AddressFileError) {
      let ranges = try AddressFile(form, path: "x").ranges(in: Array(text.utf8))
      Issue.record("\(ranges)")
    } catch {
      #expect("\(error)".contains(message))
    }
  }

  @Test func `a list that is too long gives nothing`() {
    let item = "\"10.0.0.0/8\""
    let text = "{\"hooks\":[\(Array(repeating: item, count: 4097).joined(separator: ","))]}"
    #expect(throws: AddressFileError.tooMany) {
      try AddressFile(.gitHubMeta, path: "x").ranges(in: Array(text.utf8))
    }
  }
}
