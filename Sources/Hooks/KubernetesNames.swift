// The forms of names and labels that the Kubernetes API accepts.
//
// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and /labels/.

import Bytes
import Crypto

/// Checks and makes names.
enum KubernetesNames {
  /// Whether a text is a DNS label: at most 63 of `a-z`, `0-9` and `-`, no `-` at either end.
  static func isDNSLabel(_ text: some StringProtocol) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.reversed().first else { return false }
    return bytes.count <= labelLimit && isLowerOrDigit(first) && isLowerOrDigit(last)
      && bytes.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
  }

  /// Whether a text is a DNS subdomain: at most 253 bytes, DNS labels joined by dots.
  static func isDNSSubdomain(_ text: String) -> Bool {
    text.utf8.count <= subdomainLimit
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isDNSLabel)
  }

  /// Whether a text is a label's value: empty, or at most 63 letters, digits, `-`, `_` and `.`, with
  /// a letter or digit at either end.
  static func isLabelValue(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return true }
    return bytes.count <= labelLimit && ASCII.isLetterOrDigit(first)
      && ASCII.isLetterOrDigit(last) && bytes.allSatisfy(isLabelByte)
  }

  /// A legal label value for any text: each run of other characters becomes one `-`, what may not
  /// stand at an end is dropped. A text that has to be cut ends in a digest of the whole of it, so
  /// that two long texts stay different.
  static func labelValue(_ text: String) -> String {
    let cleaned = trimmed(replacingRuns(in: text, where: isLabelByte))
    guard cleaned.count > labelLimit else { return String(decoding: cleaned, as: UTF8.self) }
    return withDigest(cleaned, of: text)
  }

  /// A legal label value that differs for texts that differ: one that is not legal as it is ends in
  /// a digest of the whole of it.
  static func distinctLabelValue(_ text: String) -> String {
    guard text.isEmpty || !isLabelValue(text) else { return text }
    return withDigest(trimmed(replacingRuns(in: text, where: isLabelByte)), of: text)
  }

  private static func withDigest(_ cleaned: [UInt8], of text: String) -> String {
    let digest = Hex.encode(Digest.sha256(Array(text.utf8)).prefix(digestByteCount))
    let head = trimmed(Array(cleaned.prefix(labelLimit - digest.utf8.count - 1)))
    return head.isEmpty ? digest : String(decoding: head, as: UTF8.self) + "-" + digest
  }

  /// The bytes of a text, each run of bytes that may not be there replaced by one `-`.
  static func replacingRuns(in text: String, where isAllowed: (UInt8) -> Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    var inRun = false
    for byte in text.utf8 {
      if isAllowed(byte) {
        bytes.append(byte)
        inRun = false
      } else if !inRun {
        bytes.append(UInt8(ascii: "-"))
        inRun = true
      }
    }
    return bytes
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    let head = bytes.drop { !ASCII.isLetterOrDigit($0) }
    guard let end = head.lastIndex(where: ASCII.isLetterOrDigit) else { return [] }
    return Array(head[...end])
  }

  static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ".")
  }

  /// RFC 1123: 63 bytes, for DNS labels and label values.
  static let labelLimit = 63
  /// RFC 1123 as Kubernetes applies it to object names, in bytes.
  static let subdomainLimit = 253
  /// 40 bits keep the cut values of one cluster apart.
  private static let digestByteCount = 5
}
