import Glibc

/// The number a system call leaves in `errno` when it fails.
///
/// An open set: every value the kernel may return is representable, the ones the reactor tells
/// apart have a name.
///
/// Source: errno(3).
package struct Errno: RawRepresentable, Error, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// What the C library left for the calling thread; valid only right after a call returned −1.
  static var current: Errno { Errno(rawValue: Glibc.errno) }
}

extension Errno {
  /// A signal arrived before anything was done. The corresponding C error is `EINTR`.
  package static let interrupted = Errno(rawValue: EINTR)
  /// Nothing to read, or no room to write, right now. The corresponding C error is `EAGAIN`.
  package static let wouldBlock = Errno(rawValue: EAGAIN)
  /// The connection attempt goes on. The corresponding C error is `EINPROGRESS`.
  package static let inProgress = Errno(rawValue: EINPROGRESS)
  /// The peer gave up before it was accepted. The corresponding C error is `ECONNABORTED`.
  package static let connectionAborted = Errno(rawValue: ECONNABORTED)
  /// The peer reset the connection. The corresponding C error is `ECONNRESET`.
  package static let connectionReset = Errno(rawValue: ECONNRESET)
  /// Nothing listens there. The corresponding C error is `ECONNREFUSED`.
  package static let connectionRefused = Errno(rawValue: ECONNREFUSED)
  /// Written to a connection whose reading end is gone. The corresponding C error is `EPIPE`.
  package static let brokenPipe = Errno(rawValue: EPIPE)
  /// The kernel gave up on the connection. The corresponding C error is `ETIMEDOUT`.
  package static let timedOut = Errno(rawValue: ETIMEDOUT)
  /// The address is taken. The corresponding C error is `EADDRINUSE`.
  package static let addressInUse = Errno(rawValue: EADDRINUSE)
  /// The process has no descriptor left. The corresponding C error is `EMFILE`.
  package static let tooManyOpenFiles = Errno(rawValue: EMFILE)
  /// The machine has no descriptor left. The corresponding C error is `ENFILE`.
  package static let tooManyOpenFilesInSystem = Errno(rawValue: ENFILE)
  /// The kernel has no buffer left. The corresponding C error is `ENOBUFS`.
  package static let noBufferSpace = Errno(rawValue: ENOBUFS)
  /// The kernel has no memory left. The corresponding C error is `ENOMEM`.
  package static let noMemory = Errno(rawValue: ENOMEM)
  /// The socket is not connected. The corresponding C error is `ENOTCONN`.
  package static let notConnected = Errno(rawValue: ENOTCONN)
  /// It was given up before it began. The corresponding C error is `ECANCELED`.
  package static let canceled = Errno(rawValue: ECANCELED)
  /// An argument that no call takes. The corresponding C error is `EINVAL`.
  package static let invalidArgument = Errno(rawValue: EINVAL)
  /// There is no such file. The corresponding C error is `ENOENT`.
  package static let noSuchFile = Errno(rawValue: ENOENT)

  /// Says that descriptors or kernel memory have run out: trying again at once would spin.
  package var isExhaustion: Bool {
    self == .tooManyOpenFiles || self == .tooManyOpenFilesInSystem || self == .noBufferSpace
      || self == .noMemory
  }
}

extension Errno: CustomStringConvertible {
  /// The C library's message, "Connection refused".
  package var description: String {
    var buffer = [CChar](repeating: 0, count: 128)
    // SAFETY: the buffer is ours for the call and its size is passed along; XSI strerror_r writes a
    // terminated string or fails, in which case the zeros stay.
    let outcome = unsafe buffer.withUnsafeMutableBufferPointer { buffer -> Int32 in
      guard let start = buffer.baseAddress else { return -1 }
      return unsafe strerror_r(rawValue, start, buffer.count)
    }
    let text = String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return outcome == 0 && !text.isEmpty ? text : "error \(rawValue)"
  }
}
