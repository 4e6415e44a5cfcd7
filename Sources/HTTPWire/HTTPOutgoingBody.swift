// A body that is being sent.

import Bytes

/// How a body that we send is framed.
package enum HTTPOutgoingBody: Sendable, Equatable {
  /// There is none. Where the message could have one, it says `Content-Length: 0`.
  case none
  /// So many bytes.
  case length(Int)
  /// In chunks, when the length is not known at the start.
  case chunked
}

/// Frames what is written of one body, and keeps count.
struct BodyWriter: Sendable {
  private enum Form {
    case length(remaining: Int)
    case chunked
    case untilClose
    /// The answer to HEAD: the body is counted, not sent.
    case suppressed
  }

  private var form: Form

  /// A writer of a body of so many bytes.
  static func length(_ count: Int) -> BodyWriter { BodyWriter(form: .length(remaining: count)) }
  static let chunked = BodyWriter(form: .chunked)
  static let untilClose = BodyWriter(form: .untilClose)
  static let suppressed = BodyWriter(form: .suppressed)

  /// Adds a part of the body to the output.
  mutating func write(
    _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(HTTPSendError) {
    // An empty chunk would end the body.
    guard !bytes.isEmpty else { return }
    switch form {
    case .length(let remaining):
      guard bytes.count <= remaining else { throw .bodyTooLong }
      form = .length(remaining: remaining - bytes.count)
      output.append(copying: bytes)
    case .chunked:
      output.append(addingCapacity: hexadecimalByteCount + bytes.count + 4) { output in
        output.append(hexadecimal: bytes.count)
        output.appendLineEnd()
        output.append(copying: bytes)
        output.appendLineEnd()
      }
    case .untilClose:
      output.append(copying: bytes)
    case .suppressed:
      break
    }
  }

  /// Adds what ends the body to the output.
  func finish(to output: inout [UInt8]) throws(HTTPSendError) {
    switch form {
    case .length(let remaining):
      guard remaining == 0 else { throw .bodyTooShort }
    case .chunked:
      output.append(contentsOf: "0\r\n\r\n".utf8)
    case .untilClose, .suppressed:
      break
    }
  }
}
