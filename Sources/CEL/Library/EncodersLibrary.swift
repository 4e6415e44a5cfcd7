// The encoders library (cel-go's `ext.Encoders`).

import Bytes
import JSON

extension CELLibrary {
  /// `base64.encode`, `base64.decode` and `json.encode`.
  package static let encoders = CELLibrary(
    name: "encoders",
    functions: [
      CELFunction(
        "base64.encode",
        .global(
          "base64_encode_bytes", [.bytes], .string,
          .value { value, meter throws(CELEvaluationError) in
            let bytes = try value.bytes()
            try meter.charge(bytes: bytes.count * 2)
            return .string(Base64.encode(bytes))
          })),
      CELFunction(
        "base64.decode",
        .global(
          "base64_decode_string", [.string], .bytes,
          .string { text, meter throws(CELEvaluationError) in
            try meter.charge(bytes: text.utf8Count * 2)
            return .bytes(try decode(text))
          })),
      CELFunction(
        "json.encode",
        .global(
          "json_encode_dyn", [.dyn], .string,
          .value { value, meter throws(CELEvaluationError) in
            let json = try value.nestedJSON(&meter)
            return .string(json.serializedString(.compact([.sortedKeys])))
          })),
    ])

  /// Padding may be absent, line breaks count for nothing, and so do unused bits of the last
  /// character, as in Go's `base64.StdEncoding`.
  private static func decode(_ text: CELString) throws(CELEvaluationError) -> [UInt8] {
    var characters = text.text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
    let padding = characters.suffix(2).reversed().prefix { $0 == 0x3D }.count
    if characters.count.isMultiple(of: 4) { characters.removeLast(padding) }
    if let bad = characters.firstIndex(where: { !isBase64($0) }) {
      throw .invalidArgument("illegal base64 data at input byte \(bad)")
    }
    let rest = characters.count % 4
    guard rest != 1 else {
      throw .invalidArgument("illegal base64 data at input byte \(characters.count - 1)")
    }
    if rest > 0 {
      // The last character keeps the bits that belong to a byte.
      let last = characters.removeLast()
      characters.append(clearingUnusedBits(of: last, count: rest == 2 ? 4 : 2))
      for _ in rest..<4 { characters.append(0x3D) }
    }
    guard let bytes = Base64.decode(characters) else {
      throw .invalidArgument("illegal base64 data at input byte 0")
    }
    return bytes
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || byte == 0x2B || byte == 0x2F
  }

  private static func clearingUnusedBits(of character: UInt8, count: Int) -> UInt8 {
    guard let index = alphabet.firstIndex(of: character) else { return character }
    return alphabet[(index >> count) << count]
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
