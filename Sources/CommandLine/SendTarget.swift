import Crypto
import FoundationEssentials
import HTTPClient
import Reactor
import TLS

/// A URL to send to, taken apart.
struct SendTarget {
  let origin: HTTPOrigin
  /// The path with its query.
  let path: String

  /// - Parameters:
  ///   - option: where the URL was given, for messages.
  ///   - certificateAuthorities: a PEM file; `nil` for the system's.
  /// - Throws: ``CommandFailure`` when the URL cannot be sent to.
  init(_ text: String, option: String, certificateAuthorities: String?) throws {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.fragment == nil
    else {
      throw CommandFailure.usage("\(option) \(text): not a URL of the form http://host:port/path")
    }
    guard let port = parts.port.map({ UInt16(exactly: $0) }) ?? (parts.scheme == "https" ? 443 : 80)
    else {
      throw CommandFailure.usage("\(option) \(text): the port is not a number from 1 to 65535")
    }
    let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
    path = (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath) + query
    switch parts.scheme?.lowercased() {
    case "http": origin = HTTPOrigin(plain: host, port: port)
    case "https":
      do {
        let context = try TLSClientContext(
          trust: certificateAuthorities.map { .certificates(pem: try LocalFile.read($0)) }
            ?? .system)
        origin = try HTTPOrigin(tls: context, host: host, port: port)
      } catch {
        throw CommandFailure.usage("\(error)")
      }
    default: throw CommandFailure.usage("\(option) \(text): it must begin with http:// or https://")
    }
  }
}
