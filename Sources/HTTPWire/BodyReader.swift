// A body that is arriving.

import Bytes

/// Moves the bytes of one body from a receive buffer to where they are collected.
struct BodyReader: Sendable {
  private enum Form {
    case length(remaining: Int)
    case chunked(ChunkedDecoder)
    case untilClose(received: Int)
  }

  private var form: Form
  private let limit: Int

  /// The trailer section of a chunked body that is finished; empty otherwise.
  private(set) var trailers = HTTPFields()

  /// A reader for a body that is framed so and may have so many bytes.
  ///
  /// *Errors*: `bodyTooLarge` if the framing announces more.
  init(_ framing: HTTPBodyFraming, limit: Int) throws(HTTPReceiveError) {
    self.limit = limit
    switch framing {
    case .none: form = .length(remaining: 0)
    case .length(let count):
      guard count <= limit else { throw .bodyTooLarge(limit: limit) }
      form = .length(remaining: count)
    case .chunked: form = .chunked(ChunkedDecoder())
    case .untilClose: form = .untilClose(received: 0)
    }
  }

  /// Moves what there is of the body. Returns whether the body is complete.
  mutating func read(
    from buffer: inout ReceiveBuffer, into body: inout [UInt8], limits: HTTPLimits
  ) throws(HTTPReceiveError) -> Bool {
    switch form {
    case .length(let remaining):
      let count = min(remaining, buffer.readableCount)
      Self.move(count, from: &buffer, into: &body)
      form = .length(remaining: remaining - count)
      return count == remaining
    case .chunked(var decoder):
      // The decoder is moved out and back, so that its arrays are not shared while it works.
      form = .untilClose(received: 0)
      defer { form = .chunked(decoder) }
      let count = try buffer.withReadable { input throws(HTTPReceiveError) in
        try decoder.decode(input, into: &body, limits: limits, bodyLimit: limit)
      }
      buffer.consume(count)
      if decoder.isFinished { trailers = decoder.trailers }
      return decoder.isFinished
    case .untilClose(let received):
      let count = buffer.readableCount
      guard count <= limit - received else { throw .bodyTooLarge(limit: limit) }
      Self.move(count, from: &buffer, into: &body)
      form = .untilClose(received: received + count)
      return false
    }
  }

  /// Whether the connection's end is the body's end.
  var endsWithConnection: Bool {
    if case .untilClose = form { true } else { false }
  }

  private static func move(
    _ count: Int, from buffer: inout ReceiveBuffer, into body: inout [UInt8]
  ) {
    guard count > 0 else { return }
    buffer.withReadable { body.append(copying: $0.extracting(0..<count)) }
    buffer.consume(count)
  }
}
