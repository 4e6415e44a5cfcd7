import JSON

/// Breaks values in one place at a time.
struct Mutation {
  /// How many broken values there were.
  private(set) var count = 0
  private var paths: Set<String> = []

  /// Calls the body with every value that differs in one place: a member removed, or a part replaced
  /// by one of another type. Paths that an earlier value had are left out; of a list the first two
  /// items are broken, since the rest is of their kind.
  mutating func forEach(in root: JSONValue, _ body: (JSONValue) -> Void) {
    visit(root, path: "", body)
  }

  private mutating func visit(_ value: JSONValue, path: String, _ body: (JSONValue) -> Void) {
    if paths.insert(path).inserted {
      for replacement in Self.replacements { report(replacement, body) }
    }
    switch value {
    case .object(let object):
      for member in object {
        let path = "\(path).\(member.key)"
        var changed = object
        if !paths.contains(path) {
          changed.removeValue(forKey: member.key)
          report(.object(changed), body)
        }
        visit(member.value, path: path) { inner in
          changed[member.key] = inner
          body(.object(changed))
        }
      }
    case .array(let items):
      for (index, item) in items.enumerated().prefix(2) {
        var changed = items
        visit(item, path: "\(path)[\(index)]") { inner in
          changed[index] = inner
          body(.array(changed))
        }
      }
    default: break
    }
  }

  private mutating func report(_ value: JSONValue, _ body: (JSONValue) -> Void) {
    count += 1
    body(value)
  }

  private static let replacements: [JSONValue] = [
    .null, 9_223_372_036_854_775_807, "", "x", true, [], ["x": "y"],
  ]
}
