import CLinux
import Glibc

/// Where a socket is bound or connected: an IP address and a port.
package struct SocketAddress: Hashable, Sendable {
  package var host: IPAddress
  package var port: UInt16

  package init(host: IPAddress, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// What stands for an address of a family that this type does not know.
  package static let unknown = SocketAddress(host: .anyV4, port: 0)
}

// MARK: - Text

extension SocketAddress {
  /// Reads `address:port` as it is given for a listener: "127.0.0.1:8080", "[::1]:8080",
  /// "localhost:8080" (IPv4), or ":8080" and "*:8080" for every address, IPv6 and IPv4.
  ///
  /// Errors: the operator's; each case names the offending text.
  package init(parsing text: String) throws(SocketAddressError) {
    guard let colon = text.lastIndex(of: ":") else { throw .portMissing(text) }
    let hostText = text[..<colon]
    let portText = text[text.index(after: colon)...]
    guard !portText.isEmpty, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(portText)
    else { throw .portInvalid(String(portText)) }
    switch hostText {
    case "", "*": self.init(host: .anyV6, port: port)
    case "localhost": self.init(host: .loopbackV4, port: port)
    default:
      let isBracketed = hostText.hasPrefix("[") && hostText.hasSuffix("]")
      let inner = isBracketed ? hostText.dropFirst().dropLast() : hostText
      guard let host = IPAddress(inner) else { throw .hostInvalid(String(hostText)) }
      if case .v6 = host, !isBracketed { throw .bracketsMissing(String(hostText)) }
      if case .v4 = host, isBracketed { throw .hostInvalid(String(hostText)) }
      self.init(host: host, port: port)
    }
  }
}

/// Why a text is not a listener's address.
package enum SocketAddressError: Error, Equatable, Sendable {
  case portMissing(String)
  case portInvalid(String)
  case hostInvalid(String)
  case bracketsMissing(String)
  case pathInvalid(String)
}

extension SocketAddressError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .portMissing(let text):
      "\"\(text)\" has no port; write it as 127.0.0.1:8080 or [::1]:8080"
    case .portInvalid(let text):
      "\"\(text)\" is not a port; a port is a number from 0 (any free one) to 65535"
    case .hostInvalid(let text):
      "\"\(text)\" is not an IP address; write 127.0.0.1, [::1], localhost or * for every address"
    case .bracketsMissing(let text):
      "an IPv6 address is written in brackets before a port: [\(text)]"
    case .pathInvalid(let text):
      "\"\(text)\" is no place for a socket; write unix: and an absolute path of at most "
        + "\(SystemCall.unixPathByteCountMax) bytes"
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  /// "127.0.0.1:80" or "[::1]:80".
  package var description: String {
    switch host {
    case .v4: "\(host):\(port)"
    case .v6: "[\(host)]:\(port)"
    }
  }
}

// MARK: - The kernel's form

extension SocketAddress {
  /// The address family for `socket`.
  var family: Int32 {
    switch host {
    case .v4: AF_INET
    case .v6: AF_INET6
    }
  }

  /// Reads the kernel's form; nil for a family other than IPv4 and IPv6.
  init?(_ storage: sockaddr_storage) {
    // SAFETY: the storage is large enough for, and aligned as, every family's structure; the family
    // says which one it holds.
    switch Int32(storage.ss_family) {
    case AF_INET:
      let address = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in.self) }
      self.init(
        host: .v4(UInt32(bigEndian: address.sin_addr.s_addr)),
        port: UInt16(bigEndian: address.sin_port))
    case AF_INET6:
      let address = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in6.self) }
      self.init(
        host: IPAddress(address.sin6_addr, scope: address.sin6_scope_id),
        port: UInt16(bigEndian: address.sin6_port))
    default:
      return nil
    }
  }

  /// Lends the kernel's form with its length.
  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    // SAFETY: every socket address structure begins with the fields of sockaddr, which is how the
    // C interface wants them; the pointer lives for the call of `body` only.
    switch host {
    case .v4(let value):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = value.bigEndian
      return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    case .v6(let high, let low, let scope):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = IPAddress.kernelForm(high: high, low: low)
      address.sin6_scope_id = scope
      return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }
}
