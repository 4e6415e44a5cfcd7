// How a value is printed.

/// The form of a printed value. All forms are valid JSON in UTF-8.
package struct JSONStyle: Equatable, Sendable {
  /// Where white space goes.
  package enum Layout: Equatable, Sendable {
    /// None at all.
    case compact
    /// One member or element on a line, nested ones moved in by so many spaces, one space after
    /// a colon; empty containers as `{}` and `[]`. As Go's `json.MarshalIndent`.
    case pretty(indent: Int)
  }

  /// What else differs.
  package struct Options: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
      self.rawValue = rawValue
    }

    /// Keys in the order of their bytes, instead of the object's own order.
    package static let sortedKeys = Options(rawValue: 1)
    /// `<`, `>`, `&`, U+2028 and U+2029 in strings as `\u` escapes, as Go's `encoding/json` does
    /// by default.
    package static let escapeHTML = Options(rawValue: 2)
  }

  /// Where white space goes.
  package let layout: Layout
  /// What else differs.
  package let options: Options

  /// A style.
  package init(_ layout: Layout, _ options: Options = []) {
    self.layout = layout
    self.options = options
  }

  /// No white space, the object's own order of keys.
  package static let compact = JSONStyle(.compact)

  /// No white space, with options.
  package static func compact(_ options: Options) -> JSONStyle {
    JSONStyle(.compact, options)
  }

  /// Indented by two spaces, the object's own order of keys.
  package static let pretty = JSONStyle(.pretty(indent: 2))

  /// Indented by so many spaces, with options.
  package static func pretty(indent: Int = 2, _ options: Options = []) -> JSONStyle {
    JSONStyle(.pretty(indent: indent), options)
  }
}
