// Keeping browsers out of the admin listener.
//
// It has no passwords: whoever reaches it is an operator, which is why it listens on the loopback
// address. A browser on an operator's machine reaches it as well, on behalf of any page:
//
// * DNS rebinding: a page's own name is made to point at the listener, and the page may then read
//   what it answers. Such a request names the page's host, so a Host that is neither an address,
//   localhost nor a name given with --admin-host is refused, whatever the method.
// * CSRF: a form or script of another origin may POST without reading the answer, but only with three
//   content types and no header of its own unless the listener agrees first (CORS), which it never
//   does. So a POST must be of application/json.

import Bytes
import HTTPServer
import HTTPWire
import Hooks
import Reactor

/// Refuses what a page in a browser may have sent.
struct AdminGuard: Sendable {
  /// Names by which operators reach the listener, beside localhost and addresses; in lower case.
  let hosts: Set<String>

  init(hosts: [String] = []) {
    self.hosts = Set(hosts.map { ASCII.lowercased($0) })
  }

  /// Why a request is refused; nil when it is not.
  func refusal(of head: HTTPRequestHead) -> HTTPResponse? {
    guard let host = head.host, isOurs(host) else {
      return Reply.refusal(
        .forbidden, "host",
        "this host is not known here: use localhost or an address, or give --admin-host")
    }
    guard head.method == .post else { return nil }
    return MediaType.problem(with: head.fields.values(for: "Content-Type")) == nil
      ? nil : Refusal.mediaType("send the header 'Content-Type: application/json'")
  }

  private func isOurs(_ authority: String) -> Bool {
    let host = ASCII.lowercased(Self.withoutPort(authority))
    if host == "localhost" || hosts.contains(host) { return true }
    if host.hasPrefix("["), host.hasSuffix("]") {
      return IPAddress(host.dropFirst().dropLast()) != nil
    }
    return IPAddress(host) != nil
  }

  private static func withoutPort(_ authority: String) -> String {
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
      return authority
    }
    return String(authority[..<colon])
  }
}
