// What is said of selectors that do not parse.

/// A selector that does not parse, or asks for a field that cannot be selected by.
struct SelectorError: Error, Equatable, CustomStringConvertible {
  let description: String
}
