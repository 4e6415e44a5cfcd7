import CLinux
import Glibc

/// An IPv4 or IPv6 address.
///
/// Source: RFC 791, RFC 4291 for the numbers, RFC 5952 for the text of IPv6.
package enum IPAddress: Hashable, Sendable {
  /// The address with its first octet in the highest byte.
  case v4(UInt32)
  /// The address's two halves with the first octet in the highest byte, and the interface a
  /// link-local address is valid on, or zero.
  case v6(high: UInt64, low: UInt64, scope: UInt32)

  /// The addresses that mean "every address of this machine".
  package static let anyV4 = IPAddress.v4(0)
  package static let anyV6 = IPAddress.v6(high: 0, low: 0, scope: 0)
  /// The addresses of this machine itself.
  package static let loopbackV4 = IPAddress.v4(0x7F00_0001)
  package static let loopbackV6 = IPAddress.v6(high: 0, low: 1, scope: 0)

  /// Reads the usual notation, strictly: "192.0.2.1" with four decimal numbers, or RFC 4291 text
  /// without brackets or scope. Nil for anything else.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    // inet_pton stops at NUL, and a caller's text may hold one.
    guard !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    var six = in6_addr()
    // SAFETY: both results are locals of the size inet_pton writes for their family.
    if unsafe inet_pton(AF_INET, text, &four) == 1 {
      self = .v4(UInt32(bigEndian: four.s_addr))
    } else if unsafe inet_pton(AF_INET6, text, &six) == 1 {
      self.init(six, scope: 0)
    } else {
      return nil
    }
  }

  /// Reads the kernel's form. An IPv4 address mapped into IPv6, as a dual-stack listener reports
  /// its IPv4 peers, becomes the IPv4 address it is.
  init(_ address: in6_addr, scope: UInt32) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    // SAFETY: an in6_addr is 16 plain bytes, copied out of a local.
    unsafe withUnsafeBytes(of: address) { bytes in
      for index in 0..<8 {
        unsafe high = high << 8 | UInt64(bytes[index])
        unsafe low = low << 8 | UInt64(bytes[index + 8])
      }
    }
    self.init(high: high, low: low, scope: scope)
  }

  /// Reads the two halves of an IPv6 address, as the kernel's form is read.
  package init(high: UInt64, low: UInt64, scope: UInt32 = 0) {
    let isMapped = high == 0 && low >> 32 == 0xFFFF
    self = isMapped ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high: high, low: low, scope: scope)
  }

  /// The kernel's form of the two halves.
  static func kernelForm(high: UInt64, low: UInt64) -> in6_addr {
    var address = in6_addr()
    // SAFETY: an in6_addr is 16 plain bytes, written within a local.
    unsafe withUnsafeMutableBytes(of: &address) { bytes in
      for index in 0..<8 {
        let shift = UInt64(56 - 8 * index)
        unsafe bytes[index] = UInt8(truncatingIfNeeded: high >> shift)
        unsafe bytes[index + 8] = UInt8(truncatingIfNeeded: low >> shift)
      }
    }
    return address
  }
}

extension IPAddress: CustomStringConvertible {
  /// The usual notation, without brackets.
  package var description: String {
    switch self {
    case .v4(let value):
      "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    case .v6(let high, let low, let scope):
      Self.text(IPAddress.kernelForm(high: high, low: low)) + (scope == 0 ? "" : "%\(scope)")
    }
  }

  private static func text(_ address: in6_addr) -> String {
    var address = address
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    // SAFETY: inet_ntop writes a terminated string within the size it is given.
    _ = unsafe buffer.withUnsafeMutableBufferPointer {
      unsafe inet_ntop(AF_INET6, &address, $0.baseAddress, socklen_t($0.count))
    }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
