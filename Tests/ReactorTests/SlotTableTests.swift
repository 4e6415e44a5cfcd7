import Testing

@testable import Reactor

@Suite struct SlotTableTests {
  @Test func `a token names what was inserted until it is removed`() {
    var table = SlotTable<String>()
    let token = table.insert("a")
    #expect(table[token] == "a")
    #expect(table.remove(token) == "a")
    #expect(table[token] == nil)
    #expect(table.remove(token) == nil)
  }

  @Test func `the token of a former tenant does not name the next one`() {
    var table = SlotTable<String>()
    let old = table.insert("old")
    table.remove(old)
    let new = table.insert("new")
    #expect(new.index == old.index)
    #expect(new != old)
    #expect(table[old] == nil)
    #expect(table[new] == "new")
    #expect(table.count == 1)
  }

  @Test func `a token of nobody names nothing`() {
    var table = SlotTable<String>()
    #expect(table[SlotToken(rawValue: .max)] == nil)
    #expect(table.update(SlotToken(index: 3, generation: 0)) { $0.append("x") } == nil)
  }
}
