// Paths and queries as Go's net/url reads them.

import Bytes

/// Undoes percent-encoding; `nil` when a `%` is not followed by two hexadecimal digits.
func percentDecoded(_ text: some StringProtocol, plus: PlusSign) -> String? {
  var result: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    switch byte {
    case 0x25:
      guard let high = rest.popFirst().flatMap({ ASCII.hexValue($0) }),
        let low = rest.popFirst().flatMap({ ASCII.hexValue($0) })
      else { return nil }
      result.append(high << 4 | low)
    case 0x2B where plus == .blank:
      result.append(0x20)
    default:
      result.append(byte)
    }
  }
  return String(decoding: result, as: UTF8.self)
}

/// What a plus sign stands for.
enum PlusSign {
  case itself
  case blank
}

/// The parameters of a query, in order, with repetitions.
struct QueryParameters: Sendable {
  private var pairs: [(name: String, value: String)] = []

  /// Reads a query. A part that contains a semicolon or a bad escape is dropped, as Go does.
  init(_ query: some StringProtocol) {
    for part in query.split(separator: "&") where !part.contains(";") {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let first = sides.first, let name = percentDecoded(first, plus: .blank),
        let value = percentDecoded(sides.count > 1 ? sides[1] : "", plus: .blank)
      else { continue }
      pairs.append((name, value))
    }
  }

  /// The first value of that name; a name without `=` has the empty value.
  subscript(name: String) -> String? {
    pairs.first { $0.name == name }?.value
  }

  func values(for name: String) -> [String] {
    pairs.filter { $0.name == name }.map(\.value)
  }

  func contains(_ name: String) -> Bool { self[name] != nil }
}
