// The token that leads from one page of a list to the next.
//
// Source: k8s.io/apiserver/pkg/storage/continue.go.

import Bytes
import JSON

/// Where the next page of a list starts.
///
/// As text: URL-safe base64 without padding of
/// `{"v":"meta.k8s.io/v1","rv":35362,"start":"/run-02\u0000"}`.
struct ContinueToken: Equatable {
  /// The version at which the list is read; -1 for the newest.
  var version: Int
  /// The next object's path, relative to what is listed.
  var start: String

  private static let format = "meta.k8s.io/v1"

  /// The token of the page after an object.
  init(version: UInt64, after path: String) {
    self.version = Int(clamping: version)
    start = "/\(path)\u{0}"
  }

  /// Reads a token that a client sent back.
  init(_ text: String) throws(StatusError) {
    guard let bytes = Base64.decodeURL(text) else {
      throw Self.fault("illegal base64 data at input byte \(Self.faultOffset(text))")
    }
    if let fault = GoJSONScanner.fault(in: bytes) { throw Self.fault(fault) }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue.parse(repairedForStrictParsing(bytes))
    } catch {
      throw Self.fault("\(error)")
    }
    guard value["v"]?.stringValue == Self.format else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: server does not recognize this "
          + "encoded version \(quoted(value["v"]?.stringValue ?? ""))")
    }
    guard let version = value["rv"]?.intValue, version != 0 else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: incorrect encoded start "
          + "resourceVersion (version meta.k8s.io/v1)")
    }
    self.version = version
    start = value["start"]?.stringValue ?? ""
    guard !start.isEmpty else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: encoded start key empty "
          + "(version meta.k8s.io/v1)")
    }
    let segments = start.split(separator: "/", omittingEmptySubsequences: false)
    guard !segments.contains(".."), !segments.contains(".") else {
      throw .badRequest("invalid continue token: continue key is not valid: \(start)")
    }
  }

  /// The path from which to go on.
  var path: String { start.hasPrefix("/") ? String(start.dropFirst()) : start }

  var text: String {
    let value: JSONValue = [
      "v": .string(Self.format), "rv": .int(version), "start": .string(start),
    ]
    return Base64.encodeURL(value.serialized())
  }

  private static func faultOffset(_ text: String) -> Int {
    let bytes = Array(text.utf8)
    return bytes.firstIndex { !(ASCII.isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x5F) }
      ?? bytes.count - bytes.count % 4
  }

  private static func fault(_ why: String) -> StatusError {
    .badRequest("invalid continue token: continue key is not valid: \(why)")
  }
}
