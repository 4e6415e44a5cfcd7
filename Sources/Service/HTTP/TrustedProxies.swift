// Who sent a request that came through proxies.
//
// A proxy adds the address it was asked from to the end of X-Forwarded-For, so only the end of that
// list is by somebody we trust: everything before the first address that is no proxy of ours may be
// made up by that client.
//
//   X-Forwarded-For = address *( OWS "," OWS address )        several lines are one list

import HTTPWire
package import Hooks
import Reactor

/// The proxies whose word is taken for whom they ask.
package struct TrustedProxies: Sendable {
  private let ranges: [AddressRange]

  /// - Parameter ranges: where they are; none when there are no ranges.
  package init(_ ranges: [AddressRange] = []) {
    self.ranges = ranges
  }

  /// Who sent a request.
  struct Sender: Equatable {
    var address: IPAddress
    /// What is wrong with a trusted proxy's word, for which it was not taken.
    var problem: String?
  }

  /// The right-most address of `X-Forwarded-For` that is not a trusted proxy itself, if the peer is
  /// one; the left-most if all are. Otherwise, and when an address on the way there is malformed,
  /// the peer.
  func sender(of fields: HTTPFields, from peer: IPAddress) -> Sender {
    guard trusts(peer) else { return Sender(address: peer) }
    var address = peer
    for line in fields.values(for: Self.field).reversed() {
      for part in line.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .reversed()
      {
        let text = Self.trimmed(part)
        guard let next = IPAddress(text) else {
          return Sender(address: peer, problem: "\(Self.field) has \"\(text)\", no IP address")
        }
        address = next
        guard trusts(next) else { return Sender(address: next) }
      }
    }
    return Sender(address: address)
  }

  private func trusts(_ address: IPAddress) -> Bool {
    ranges.contains { $0.contains(address) }
  }

  private static func trimmed(_ text: Substring.UTF8View.SubSequence) -> Substring {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return Substring(text)
  }

  private static let field = "X-Forwarded-For"
}
