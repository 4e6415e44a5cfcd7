// The header or trailer section of a message.

import Bytes

/// An ordered list of fields. Duplicates and order survive; names are looked up without regard
/// to case.
///
/// A section that was parsed is one run of bytes with the places of its names and values, so that
/// parsing makes no string: ``subscript(_:)-(String)`` and iterating make them when asked.
///
/// Nothing checks a name or value that is added here; writing a message does, and refuses bytes
/// that would end a line (``HTTPSendError``).
///
/// Shape: `entries[i]` names two ranges of `bytes`, which never overlap. Bytes that no entry
/// names, such as those of a removed field, are dead.
package struct HTTPFields: Sendable {
  /// Where one field lies in the bytes.
  struct Entry: Sendable {
    var nameStart: UInt32
    var nameCount: UInt32
    var valueStart: UInt32
    var valueCount: UInt32

    /// The ranges must lie below 4 GiB, as everything does that the limits let in.
    init(name: Range<Int>, value: Range<Int>) {
      nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
      nameCount = UInt32(truncatingIfNeeded: name.count)
      valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
      valueCount = UInt32(truncatingIfNeeded: value.count)
    }

    var name: Range<Int> { Int(nameStart)..<Int(nameStart &+ nameCount) }
    var value: Range<Int> { Int(valueStart)..<Int(valueStart &+ valueCount) }
  }

  var bytes: [UInt8]
  private(set) var entries: [Entry]

  /// Which lengths the names have, one bit for each modulo 64: most lookups are of names that are
  /// not there, and end here. A bit may stay when its field is removed.
  private var nameLengths: UInt64

  /// An empty list.
  package init() {
    bytes = []
    entries = []
    nameLengths = 0
  }

  /// Takes over a section that was parsed: its bytes are copied, its entries are exchanged with the
  /// ones before, so that the storage of both is used again where nobody else holds it.
  mutating func replace(with section: Span<UInt8>, entries parsed: inout [Entry]) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(copying: section)
    swap(&entries, &parsed)
    nameLengths = 0
    for entry in entries { nameLengths |= Self.lengthBit(Int(entry.nameCount)) }
  }

  private static func lengthBit(_ count: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: count) }

  /// How many lines have the name.
  package func count(of name: String) -> Int {
    entries.count { hasName($0, name) }
  }

  /// The values of all lines with the name, in order, as text.
  package func values(for name: String) -> [String] {
    entries.filter { hasName($0, name) }.map { String(copying: bytes.span.extracting($0.value)) }
  }

  /// The place of the first line with the name.
  package func firstIndex(named name: String) -> Int? {
    guard nameLengths & Self.lengthBit(name.utf8.count) != 0 else { return nil }
    return entries.firstIndex { hasName($0, name) }
  }

  /// The value of the first line with the name, as text; bytes that are not UTF-8 become U+FFFD.
  ///
  /// Setting replaces the first line's value and removes the other lines of the name, or adds a
  /// line; setting nil removes them all.
  package subscript(name: String) -> String? {
    get {
      firstIndex(named: name).map { String(copying: bytes.span.extracting(entries[$0].value)) }
    }
    set {
      let first = firstIndex(named: name)
      let placed = newValue.map { makeEntry(name: name, value: $0.utf8) }
      entries = entries.enumerated().compactMap { index, entry in
        hasName(entry, name) ? (index == first ? placed : nil) : entry
      }
      if first == nil, let placed { entries.append(placed) }
    }
  }

  /// Adds a line at the end.
  package mutating func append(name: String, value: String) {
    entries.append(makeEntry(name: name, value: value.utf8))
  }

  /// Adds a line at the end.
  package mutating func append(name: String, value: [UInt8]) {
    entries.append(makeEntry(name: name, value: value))
  }

  /// Adds a line at the end.
  package mutating func append(_ field: HTTPField) {
    append(name: field.name, value: field.value)
  }

  /// Lends the value at a place, which must be below ``count``, without copying it.
  package func withValue<Result, Failure: Error>(
    at index: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(bytes.span.extracting(entries[index].value))
  }

  /// Whether the entry has the name, whatever its case.
  func hasName(_ entry: Entry, _ name: String) -> Bool {
    guard Int(entry.nameCount) == name.utf8.count else { return false }
    return ASCII.equalsIgnoringCase(bytes.span.extracting(entry.name), name.utf8.span)
  }

  private mutating func makeEntry(name: String, value: some Collection<UInt8>) -> Entry {
    let nameStart = bytes.count
    bytes.append(contentsOf: name.utf8)
    let valueStart = bytes.count
    bytes.append(contentsOf: value)
    nameLengths |= Self.lengthBit(name.utf8.count)
    return Entry(name: nameStart..<valueStart, value: valueStart..<bytes.count)
  }
}

extension HTTPFields: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { entries.count }

  package subscript(position: Int) -> HTTPField {
    let entry = entries[position]
    return HTTPField(
      name: String(copying: bytes.span.extracting(entry.name)), value: Array(bytes[entry.value]))
  }
}

extension HTTPFields: Equatable {
  /// Whether both have the same lines in the same order; names compare without regard to case.
  package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    left.elementsEqual(right)
  }
}

extension HTTPFields: CustomStringConvertible {
  /// The names, in order. Values stay out, since some are secret and a description ends in a log.
  package var description: String {
    "[\(map(\.name).joined(separator: ", "))]"
  }
}

extension HTTPFields: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  package init(arrayLiteral elements: HTTPField...) {
    self.init()
    for field in elements { append(field) }
  }

  /// The lines in the order written; a name may be written more than once.
  package init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements { append(name: name, value: value) }
  }
}
