import ArgumentParser
import Hooks

/// What is in front of the public listener.
struct ProxyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take the sender's address from X-Forwarded-For when the peer is in this range, as \
      10.0.0.0/8 or 2001:db8::/32. May be repeated. A peer on a Unix socket is 0.0.0.0.
      """, valueName: "range"),
    transform: { text throws(ValidationError) in
      do throws(AddressRangeError) {
        return try AddressRange(parsing: text)
      } catch {
        throw ValidationError("\(error)" + (error.suggestion.map { ", did you mean \($0)?" } ?? ""))
      }
    })
  var trustedProxy: [AddressRange] = []

  @Flag(
    help: """
      Require the PROXY protocol, version 1 or 2, at the beginning of each connection. Only where \
      nobody but the proxy can connect.
      """)
  var proxyProtocol = false
}
