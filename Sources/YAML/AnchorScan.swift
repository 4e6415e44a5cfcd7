// How many anchors a YAML text can have, found without parsing it.
//
//   anchor = "&" name, after a blank, a line break or one of [ { ,        (YAML 1.1 §3.2.2.2, §7.2)
//   name   = the characters that libyaml takes: letters, digits, "-" and "_"

import Bytes

/// Counts what may be an anchor. Words of a plain text or a script that look like one count too.
enum AnchorScan {
  static func count(_ text: String) -> Int {
    var count = 0
    // A byte order mark and the line breaks beyond ASCII are not ASCII, and neither ends a word.
    var canBegin = true
    var isAmpersand = false
    for byte in text.utf8 {
      if isAmpersand, isName(byte) { count += 1 }
      isAmpersand = canBegin && byte == UInt8(ascii: "&")
      canBegin = byte <= UInt8(ascii: " ") || byte >= 0x80 || isFlow(byte)
    }
    return count
  }

  private static func isName(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }

  private static func isFlow(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: ",")
  }
}
