// Texts from outside in messages for people.

/// A text for a message: without what could mislead a terminal or a log, and cut.
package func excerpt(_ text: String, limit: Int = excerptLimit) -> String {
  var shown = String.UnicodeScalarView()
  for scalar in text.unicodeScalars.prefix(limit) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: shown.append("\u{FFFD}")
    default: shown.append(scalar)
    }
  }
  let isWhole = text.unicodeScalars.dropFirst(limit).isEmpty
  return isWhole ? String(shown) : String(shown) + "…"
}

/// Characters of a name in a message.
package let excerptLimit = 100
