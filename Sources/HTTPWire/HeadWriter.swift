// Heads as bytes.

import Bytes

/// Checks and writes the parts of a head. Checking is a pass of its own before anything is written,
/// so that a refused head leaves the output as it was.
///
/// Injection is impossible by construction: no name, value, method or target with a byte that
/// could end its line is ever written (RFC 9110 §5.5, RFC 9112 §3).
enum HeadWriter {
  /// Refuses fields that would break the message, and those that the machine writes itself.
  static func check(
    _ fields: HTTPFields, reserved: [String]
  ) throws(HTTPSendError) {
    let bytes = fields.bytes.span
    for entry in fields.entries {
      let name = bytes.extracting(entry.name)
      guard name.isToken else { throw .invalidFieldName }
      for reserved in reserved where fields.hasName(entry, reserved) {
        throw .reservedField(name: reserved)
      }
      let value = entry.value
      guard
        ByteScan.endOfText(in: bytes, from: value.lowerBound, to: value.upperBound)
          == value.upperBound, bytes.trimmingBlanks(in: value) == value
      else { throw .invalidFieldValue(name: String(copying: name)) }
    }
  }

  /// Writes the fields, without the empty line. They must have been checked.
  static func write(_ fields: HTTPFields, to output: inout [UInt8]) {
    for entry in fields.entries {
      output.append(copying: fields.bytes.span.extracting(entry.name))
      output.append(copying: ": ")
      output.append(copying: fields.bytes.span.extracting(entry.value))
      output.append(copying: "\r\n")
    }
  }

  /// Writes a status line. The code must have three digits.
  static func writeStatusLine(_ status: HTTPStatus, to output: inout [UInt8]) {
    output.append(copying: "HTTP/1.1 ")
    output.append(decimal: status.rawValue, digits: 3)
    output.append(copying: " ")
    output.append(contentsOf: status.reasonPhrase.utf8)
    output.append(copying: "\r\n")
  }

  /// Writes the field that frames a body; none when the writer of the body needs none.
  static func writeFraming(_ framing: HTTPOutgoingBody?, to output: inout [UInt8]) {
    switch framing {
    case .length(let count):
      output.append(copying: "Content-Length: ")
      output.append(decimal: count)
      output.append(copying: "\r\n")
    case .chunked:
      output.append(copying: "Transfer-Encoding: chunked\r\n")
    case .some(.none), nil:
      break
    }
  }
}
