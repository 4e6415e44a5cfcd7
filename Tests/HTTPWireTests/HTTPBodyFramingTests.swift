import Testing

@testable import HTTPWire

/// RFC 9112 §6.3 as a table: every method, status and version against every pair of fields.
@Suite struct HTTPBodyFramingTests {
  /// What the two framing fields say, whatever the message is.
  enum Fields: CaseIterable {
    case neither
    case length
    case zeroLength
    case chunked
    case both
    case otherCoding
    case badLength

    var fields: HTTPFields {
      switch self {
      case .neither: ["Content-Type": "text/plain"]
      case .length: ["Content-Length": "5"]
      case .zeroLength: ["content-length": "0"]
      case .chunked: ["Transfer-Encoding": "Chunked"]
      case .both: ["Content-Length": "5", "Transfer-Encoding": "chunked"]
      case .otherCoding: ["Transfer-Encoding": "gzip, chunked"]
      case .badLength: ["Content-Length": "5x"]
      }
    }
  }

  /// A framing, or the kind of the error.
  enum Verdict: Equatable {
    case framing(HTTPBodyFraming)
    case conflict
    case http10
    case unsupported
    case invalidLength
  }

  private func decide(
    _ message: HTTPBodyFraming.Message, _ version: HTTPVersion, _ fields: HTTPFields
  ) throws -> Verdict {
    do throws(HTTPReceiveError) {
      return .framing(try HTTPBodyFraming.decide(message, version: version, fields: fields))
    } catch {
      switch error {
      case .conflictingFraming: return .conflict
      case .transferEncodingInHTTP10: return .http10
      case .unsupportedTransferCoding: return .unsupported
      case .invalidContentLength: return .invalidLength
      default: throw error
      }
    }
  }

  @Test(arguments: [HTTPVersion.http10, .http11], Fields.allCases)
  func `a request has a body if it says so`(version: HTTPVersion, fields: Fields) throws {
    let expected: Verdict =
      switch fields {
      case .neither: .framing(.none)
      case .length: .framing(.length(5))
      case .zeroLength: .framing(.length(0))
      case .chunked: version == .http10 ? .http10 : .framing(.chunked)
      case .both: .conflict
      case .otherCoding: version == .http10 ? .http10 : .unsupported
      case .badLength: .invalidLength
      }
    #expect(try decide(.request, version, fields.fields) == expected)
  }

  static let methods: [HTTPMethod] = [.get, .head, .post, .put, .patch, .delete, .options]
  static let statuses = [100, 103, 200, 201, 204, 206, 301, 304, 404, 500, 599].map {
    HTTPStatus(rawValue: $0)
  }

  @Test(arguments: methods, statuses)
  func `a response's body depends on method, status and fields, in this order`(
    method: HTTPMethod, status: HTTPStatus
  ) throws {
    for version in [HTTPVersion.http10, .http11] {
      for fields in Fields.allCases {
        let hasNone =
          method == .head || status.rawValue < 200 || [204, 304].contains(status.rawValue)
        let expected: Verdict =
          switch fields {
          case _ where hasNone: .framing(.none)
          case .neither: .framing(.untilClose)
          case .length: .framing(.length(5))
          case .zeroLength: .framing(.length(0))
          case .chunked: version == .http10 ? .http10 : .framing(.chunked)
          case .both: .conflict
          case .otherCoding: version == .http10 ? .http10 : .unsupported
          case .badLength: .invalidLength
          }
        #expect(try decide(.response(status, to: method), version, fields.fields) == expected)
      }
    }
  }

  static let badLengths = [
    "", "+5", "-0", "-5", "0x10", "1_0", "5 5", "5,6", "5,5", "5, 5", "1e1", "5.0", "1Z", "0_2e",
    "5;", "٥", "\u{0}5", "9223372036854775808", "18446744073709551615", "18446744073709551621",
    String(repeating: "9", count: 400),
  ]

  @Test(arguments: badLengths)
  func `a length that is not digits alone, or too large, is refused`(value: String) {
    #expect(throws: HTTPReceiveError.invalidContentLength(position: 0)) {
      try HTTPBodyFraming.decide(.request, version: .http11, fields: ["Content-Length": value])
    }
  }

  @Test(arguments: [("0", 0), ("010", 10), ("003", 3), ("9223372036854775807", Int.max)])
  func `a length is a decimal number with any leading zeros`(value: String, count: Int) throws {
    let framing = try HTTPBodyFraming.decide(
      .request, version: .http11, fields: ["Content-Length": value])
    #expect(framing == .length(count))
  }

  @Test(arguments: [["5", "5"], ["5", "6"], ["6", "5"], ["0", "0"], ["x", "5"], ["5", ""]])
  func `two lengths are refused even if they agree`(values: [String]) {
    var fields: HTTPFields = []
    for value in values { fields.append(name: "Content-Length", value: value) }
    #expect(throws: HTTPReceiveError.self) {
      try HTTPBodyFraming.decide(.request, version: .http11, fields: fields)
    }
  }

  @Test(arguments: [
    ["gzip"], ["identity"], ["xchunked"], ["chunkedx"], ["chunkedchunked"], ["chunked, gzip"],
    ["chunked, chunked"], ["chunked", "chunked"], ["chunked", "identity"], [",chunked"],
    ["chunked,"], ["chunked,,"], [""], ["", "chunked"], ["chunked;q=1"], ["\"chunked\""],
    ["chun ked"], ["\u{A0}chunked"], ["chunked\u{B}"], ["chunkeD\u{0}"], ["ch\u{131}nked"],
    ["gzip, chunked, gzip"], ["chunked, gzip, chunked"], ["gzip;x, chunked"],
  ])
  func `a transfer coding without chunked at its end, once, is refused`(values: [String]) {
    var fields: HTTPFields = []
    for value in values { fields.append(name: "Transfer-Encoding", value: value) }
    let error = #expect(throws: HTTPReceiveError.self) {
      try HTTPBodyFraming.decide(.request, version: .http11, fields: fields)
    }
    guard case .invalidTransferEncoding = error else {
      Issue.record("not an invalid coding: \(String(describing: error))")
      return
    }
    #expect(error?.status == .badRequest)
  }

  @Test(arguments: [["gzip, chunked"], ["gzip", "chunked"], ["deflate\t,\tCHUNKED"]])
  func `a further transfer coding is not implemented`(values: [String]) {
    var fields: HTTPFields = []
    for value in values { fields.append(name: "Transfer-Encoding", value: value) }
    let error = #expect(throws: HTTPReceiveError.self) {
      try HTTPBodyFraming.decide(.request, version: .http11, fields: fields)
    }
    #expect(error?.status == .notImplemented)
  }

  @Test(arguments: ["chunked", "CHUNKED", "ChUnKeD"])
  func `chunked is known in every case`(value: String) throws {
    let framing = try HTTPBodyFraming.decide(
      .request, version: .http11, fields: ["TRANSFER-encoding": value])
    #expect(framing == .chunked)
  }
}
