// OpenSSL reports failures through a queue that belongs to the thread. What an earlier call left
// there changes what a later one means, so each call clears it before and drains it after.

import COpenSSL

/// One entry of OpenSSL's error queue.
package struct OpenSSLFault: Hashable, Sendable, CustomStringConvertible {
  /// The part of OpenSSL that failed, as `ERR_GET_LIB` says.
  package let library: Int32
  /// The reason, as `ERR_GET_REASON` says; unique within ``library`` only.
  package let reason: Int32
  /// OpenSSL's own words, such as `certificate verify failed`.
  package let description: String

  init(code: UInt) {
    library = ERR_GET_LIB(code)
    reason = ERR_GET_REASON(code)
    // SAFETY: OpenSSL returns a constant, NUL-terminated string, or NULL for a code without text.
    if let text = unsafe ERR_reason_error_string(code) {
      description = unsafe String(cString: text)
    } else {
      description = "error \(code)"
    }
  }
}

/// The calling thread's queue of OpenSSL errors.
package enum OpenSSLErrorQueue {
  /// Drops what earlier calls left. The corresponding C function is `ERR_clear_error`.
  package static func clear() {
    ERR_clear_error()
  }

  /// Takes all entries, oldest first. The corresponding C function is `ERR_get_error`.
  package static func drain() -> [OpenSSLFault] {
    var faults: [OpenSSLFault] = []
    while case let code = ERR_get_error(), code != 0 {
      faults.append(OpenSSLFault(code: code))
    }
    return faults
  }
}

/// A call into OpenSSL that failed, with what OpenSSL said.
package struct CryptoError: Error, Equatable, CustomStringConvertible {
  /// What was being done, such as `reading the private key`.
  package let operation: String
  /// OpenSSL's own account, oldest first; empty when it gave none.
  package let faults: [OpenSSLFault]

  package init(operation: String, faults: [OpenSSLFault]) {
    self.operation = operation
    self.faults = faults
  }

  /// The failure of `operation`, with the calling thread's error queue, which is drained.
  package static func draining(_ operation: String) -> CryptoError {
    CryptoError(operation: operation, faults: OpenSSLErrorQueue.drain())
  }

  package var description: String {
    guard !faults.isEmpty else { return "\(operation) failed" }
    return "\(operation) failed: \(faults.map(\.description).joined(separator: ", "))"
  }
}
