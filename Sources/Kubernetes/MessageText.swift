// Text from outside, made fit for a message.

/// A text between quotation marks, for a message; cut, so that a hostile one cannot fill a log.
func quoted(_ text: some StringProtocol) -> String {
  let cut = text.count > quotedCharacterCountMax
  return "\"\(printable(String(text.prefix(quotedCharacterCountMax))))\(cut ? "…" : "")\""
}

private let quotedCharacterCountMax = 120

/// The text with its control characters written as `\u{…}`, line feeds and tabs excepted.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isHiddenControl) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isHiddenControl(scalar) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The beginning of a text, printable, with a note about the rest.
func cut(_ text: some Collection<UInt8>, to byteCountMax: Int) -> String {
  let beginning = printable(String(decoding: text.prefix(byteCountMax), as: UTF8.self))
  let rest = text.count - byteCountMax
  return rest > 0 ? "\(beginning)… (\(rest) bytes more)" : beginning
}

private func isHiddenControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
}

/// Whether the byte is ASCII white space, line ends included.
func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || (0x09...0x0D).contains(byte)
}

/// The bytes without the white space at either end.
func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
  let tail = bytes.drop(while: isSpace)
  guard let last = tail.lastIndex(where: { !isSpace($0) }) else { return [] }
  return tail[...last]
}
