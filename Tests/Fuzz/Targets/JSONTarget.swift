// JSON texts.

import JSON

extension FuzzTarget {
  static let json = FuzzTarget(
    name: "json",
    property: "a text that is accepted reads the same when it is printed, and then prints the same"
  ) { input in
    guard let value = try? JSONValue.parse(input) else { return }
    var duplicates: [JSONDuplicateKey] = []
    guard (try? JSONValue.parse(input, duplicates: &duplicates)) == value else {
      violated("looking for duplicate keys changes what is read")
    }
    for style in [JSONStyle.compact, .pretty, .compact([.sortedKeys, .escapeHTML])] {
      let printed = value.serialized(style)
      do throws(JSONError) {
        let again = try JSONValue.parse(printed)
        guard again == value else { violated("printed as \(style) it is another value") }
        guard again.serialized(style) == printed else { violated("\(style) is not stable") }
      } catch {
        violated("printed as \(style) it is refused: \(error)")
      }
    }
  }
}
