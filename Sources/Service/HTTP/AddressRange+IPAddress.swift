// Ranges of the configuration, asked about addresses of sockets.

import Hooks
import Reactor

extension AddressRange {
  /// Whether an address is in the range.
  func contains(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let value): contains(v4: value)
    case .v6(let high, let low, _): contains(v6High: high, low: low)
    }
  }
}

extension ResolvedHook {
  /// Whether deliveries may come from an address.
  func admits(_ address: IPAddress) -> Bool {
    allow.map { ranges in ranges.contains { $0.contains(address) } } ?? true
  }
}
