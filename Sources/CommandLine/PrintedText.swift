import JSON

/// What a service answered, made fit for a terminal.
enum PrintedText {
  /// A value on one line, without what could mislead a terminal.
  static func oneLine(_ value: JSONValue?) -> String {
    let text = value?.stringValue ?? value.map(\.description) ?? ""
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isHidden =
        scalar.properties.generalCategory == .control
        || scalar.properties.generalCategory == .format
      safe.append(isHidden ? " " : scalar)
    }
    return String(safe)
  }
}
