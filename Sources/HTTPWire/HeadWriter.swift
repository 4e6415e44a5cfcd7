// Heads as bytes.

import Bytes

/// Checks and writes the parts of a head. Checking is a pass of its own before anything is written,
/// so that a refused head leaves the output as it was.
///
/// Injection is impossible by construction: no name, value, method or target with a byte that
/// could end its line is ever written (RFC 9110 §5.5, RFC 9112 §3).
enum HeadWriter {
  /// Room for everything in a head but its own fields, a method, a target and a date: the start
  /// line's rest, the framing and the connection's field.
  static let overheadByteCount = 256

  /// How many bytes the fields take.
  static func byteCount(of fields: HTTPFields) -> Int {
    fields.entries.reduce(0) { $0 + Int($1.nameCount) + Int($1.valueCount) + 4 }
  }

  /// Refuses fields that would break the message, and those that the machine writes itself.
  static func check(
    _ fields: HTTPFields, reserved: [String]
  ) throws(HTTPSendError) {
    for name in reserved where fields.firstIndex(named: name) != nil {
      throw .reservedField(name: name)
    }
    let bytes = fields.bytes.span
    for entry in fields.entries {
      let name = entry.name
      guard !name.isEmpty,
        ByteScan.endOfToken(in: bytes, from: name.lowerBound, to: name.upperBound)
          == name.upperBound
      else { throw .invalidFieldName }
      let value = entry.value
      guard
        ByteScan.endOfText(in: bytes, from: value.lowerBound, to: value.upperBound)
          == value.upperBound, bytes.trimmingBlanks(in: value) == value
      else { throw .invalidFieldValue(name: String(copying: bytes.extracting(name))) }
    }
  }

  /// Writes the fields, without the empty line. They must have been checked.
  static func write(_ fields: HTTPFields, to output: inout OutputSpan<UInt8>) {
    let bytes = fields.bytes.span
    for entry in fields.entries {
      output.append(copying: bytes.extracting(entry.name))
      output.append(UInt8(ascii: ":"))
      output.append(UInt8(ascii: " "))
      output.append(copying: bytes.extracting(entry.value))
      output.appendLineEnd()
    }
  }

  /// Writes a status line. The code must have three digits.
  static func writeStatusLine(_ status: HTTPStatus, to output: inout OutputSpan<UInt8>) {
    output.append(copying: "HTTP/1.1 ")
    output.append(decimal: status.rawValue, digits: 3)
    output.append(UInt8(ascii: " "))
    output.append(copying: status.reasonPhrase)
    output.appendLineEnd()
  }

  /// Writes the field that frames a body, nothing for no body.
  static func writeFraming(_ framing: HTTPOutgoingBody, to output: inout OutputSpan<UInt8>) {
    switch framing {
    case .length(let count):
      output.append(copying: "Content-Length: ")
      output.append(decimal: count)
      output.appendLineEnd()
    case .chunked:
      output.append(copying: "Transfer-Encoding: chunked\r\n")
    case .none:
      break
    }
  }
}
