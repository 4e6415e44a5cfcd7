// The store and the tokens of its lists.

import JSON
import Testing

@testable import Sandbox

struct ObjectStoreTests {
  private func key(_ name: String, in namespace: String = "ci") -> ObjectKey {
    ObjectKey(resource: "things", namespace: namespace, name: name)
  }

  private func names(_ objects: [JSONValue]?) -> [String]? {
    objects?.map { $0["name"]?.stringValue ?? "" }
  }

  private func store(_ names: String...) -> ObjectStore {
    var store = ObjectStore()
    for name in names { _ = store.put(key(name), ["name": .string(name)]) }
    return store
  }

  @Test func `an object that is not there is not found`() {
    #expect(store("a", "c").object(key("b")) == nil)
    #expect(ObjectStore().object(key("a")) == nil)
  }

  @Test func `objects are sorted by the bytes of their names`() {
    #expect(
      names(store("b", "a.b", "a-b", "B", "a").objects(of: "things")) == [
        "B", "a", "a-b", "a.b", "b",
      ])
  }

  @Test func `a namespace is listed without its neighbours`() {
    var store = store("a")
    _ = store.put(key("x", in: "ci-2"), ["name": "x"])
    #expect(names(store.objects(of: "things", namespace: "ci")) == ["a"])
    #expect(names(store.objects(of: "things")) == ["x", "a"])
  }

  @Test func `the past can be read until it is forgotten`() {
    var store = store("a", "b")
    let before = store.version
    _ = store.remove(key("a"))
    _ = store.put(key("c"), ["name": "c"])
    #expect(names(store.objects(of: "things", namespace: "", at: before)) == ["a", "b"])
    store.compact()
    #expect(store.objects(of: "things", namespace: "", at: before) == nil)
  }

  @Test func `changes are remembered in order, with what was there before`() {
    var store = store("a")
    let start = store.version
    _ = store.put(key("a"), ["name": "a", "x": 1])
    _ = store.remove(key("a"))
    let events = Array(store.events(after: start))
    #expect(events.map(\.version) == [start + 1, start + 2])
    #expect(events[0].previous?["x"] == nil)
    #expect(events[0].object?["x"] == 1)
    #expect(events[1].object == nil)
  }

  @Test func `old changes are dropped once there are too many`() {
    var store = ObjectStore()
    for index in 0...(ObjectStore.historyLimit * 2) {
      _ = store.put(key("a"), ["x": .int(index)])
    }
    #expect(store.horizon > 0)
    #expect(store.events(after: store.horizon).count >= ObjectStore.historyLimit)
  }
}

struct ContinueTokenTests {
  @Test func `a token reads back as it was written`() throws {
    let token = ContinueToken(version: 35362, after: "run-02")
    #expect(
      token.text == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzUzNjIsInN0YXJ0IjoiL3J1bi0wMlx1MDAwMCJ9")
    #expect(try ContinueToken(token.text) == token)
  }

  @Test(arguments: [
    "nonsense", "!", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0",
  ])
  func `other texts are refused`(text: String) {
    #expect(throws: StatusError.self) { try ContinueToken(text) }
  }
}
