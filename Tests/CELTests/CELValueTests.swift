// Values.

import CEL
import Testing

@Suite struct CELValueTests {
  @Test func `strings are the same when their code points are`() {
    #expect(CELString("Am\u{E9}lie") != CELString("Ame\u{301}lie"))
    #expect(CELString("a").compare("b") == -1)
    #expect(CELString("\u{FFFF}").compare("\u{10000}") == -1)
    #expect(CELString("a\r\n").scalarCount == 3)
  }

  @Test func `numeric keys of different types are one key`() {
    let map = CELMap([(.int(1), .bool(true)), (.uint(1), .bool(false))])
    #expect(map.count == 1)
    #expect(map[.double(1)]?.boolValue == false)
    #expect(map[.double(1.5)] == nil)
  }
}
