// A JSON text that is read where it is.

/// A JSON text that was parsed, and of which only what is asked for becomes values.
///
/// Parsing allocates the document, its tape of one word for each key and value, a table for the keys
/// of one object at a time and the indexes of large ones, and nothing for each value. The text itself
/// is kept, not copied.
///
/// *Limits and units:* a tape needs at most four bytes for each byte of the text, of real payloads
/// about a third of one; the index of a large object, 12 to 24 bytes for each member.
///
/// *Concurrency:* immutable; any thread may read.
package final class JSONDocument: Sendable {
  /// The text.
  package let text: [UInt8]
  let tape: JSONTape

  private init(text: [UInt8], tape: JSONTape) {
    self.text = text
    self.tape = tape
  }

  /// Parses one text, in time and memory in proportion to it, whatever it holds.
  package static func parse(
    _ text: [UInt8], limits: JSONLimits = .default
  ) throws(JSONError) -> JSONDocument {
    var overwritten: [Int: TapeWord]?
    let tape = try JSONTape(parsing: text.span, limits: limits, overwritten: &overwritten)
    return JSONDocument(text: text, tape: tape)
  }

  /// Parses one text.
  package static func parse(
    _ text: String, limits: JSONLimits = .default
  ) throws(JSONError) -> JSONDocument {
    try parse(Array(text.utf8), limits: limits)
  }

  /// An object without members.
  package static let emptyObject = JSONDocument(
    text: Array("{}".utf8), tape: JSONTape(words: [TapeWord(.object, low: 1, high: 0)], slots: []))

  /// The value that the text is.
  package var root: JSONView { JSONView(document: self, place: 0) }
}
