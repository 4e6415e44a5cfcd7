// System calls for sockets that have no port: Unix sockets, and inherited ones.

import CLinux
import Glibc

extension SystemCall {
  /// The longest path of a Unix socket; the kernel's structure holds one more byte, a NUL.
  static let unixPathByteCountMax = 107

  /// Makes a Unix stream socket. The corresponding C function is `socket`.
  static func unixStreamSocket() throws(Errno) -> OwnedDescriptor {
    let type = Int32(CLINUX_SOCK_STREAM | CLINUX_SOCK_NONBLOCK | CLINUX_SOCK_CLOEXEC)
    return OwnedDescriptor(owning: try retryingInterrupts { socket(AF_UNIX, type, 0) })
  }

  /// Gives a Unix socket its name; the file must not exist. The corresponding C function is `bind`.
  static func bind(_ descriptor: Int32, toPath path: String) throws(Errno) {
    _ = try retryingInterrupts {
      // SAFETY: the address is copied by the kernel during the call, with its true length.
      unsafe withUnixAddress(path) { unsafe Glibc.bind(descriptor, $0, $1) }
    }
  }

  /// Connects to a Unix socket, which succeeds or fails at once. The corresponding C function is
  /// `connect`.
  static func connect(_ descriptor: Int32, toPath path: String) throws(Errno) {
    _ = try retryingInterrupts {
      // SAFETY: the address is copied by the kernel during the call, with its true length.
      unsafe withUnixAddress(path) { unsafe Glibc.connect(descriptor, $0, $1) }
    }
  }

  /// Says who may connect to a Unix socket. The corresponding C function is `chmod`.
  static func setMode(ofPath path: String, to mode: mode_t) throws(Errno) {
    // SAFETY: the string outlives the call, which does not keep it.
    _ = try retryingInterrupts { unsafe chmod(path, mode) }
  }

  /// Removes a name. The corresponding C function is `unlink`.
  static func unlink(_ path: String) throws(Errno) {
    // SAFETY: the string outlives the call, which does not keep it.
    _ = try retryingInterrupts { unsafe Glibc.unlink(path) }
  }

  /// Which file a name stands for, and whether that is a socket. Links are not followed. The
  /// corresponding C function is `lstat`.
  static func fileNode(ofPath path: String) throws(Errno) -> (node: FileNode, isSocket: Bool) {
    var status = stat()
    // SAFETY: the string and the local outlive the call, which keeps neither.
    _ = try retryingInterrupts { unsafe lstat(path, &status) }
    return (
      FileNode(device: UInt64(status.st_dev), number: UInt64(status.st_ino)),
      status.st_mode & S_IFMT == S_IFSOCK
    )
  }

  /// A file, whatever its name.
  struct FileNode: Equatable {
    let device: UInt64
    let number: UInt64
  }

  /// An integer option of a socket. The corresponding C function is `getsockopt`.
  static func option(
    _ descriptor: Int32, _ name: Int32, level: Int32 = SOL_SOCKET
  ) throws(Errno) -> Int32 {
    var value: Int32 = 0
    // SAFETY: the kernel writes at most `length` bytes into the local.
    _ = try retryingInterrupts {
      var length = socklen_t(MemoryLayout<Int32>.size)
      return unsafe getsockopt(descriptor, level, name, &value, &length)
    }
    return value
  }

  /// Makes an inherited descriptor non-blocking and not to be inherited further. The corresponding
  /// C function is `fcntl`.
  static func prepareInherited(_ descriptor: Int32) throws(Errno) {
    let flags = try retryingInterrupts { fcntl(descriptor, F_GETFL) }
    _ = try retryingInterrupts { fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    _ = try retryingInterrupts { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  /// The path that a Unix socket is bound to; empty when it has none. The corresponding C function
  /// is `getsockname`.
  static func path(of descriptor: Int32) throws(Errno) -> String {
    var address = sockaddr_un()
    // SAFETY: the kernel writes at most `length` bytes of address into the local.
    _ = try retryingInterrupts {
      var length = socklen_t(MemoryLayout<sockaddr_un>.size)
      return unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe getsockname(descriptor, $0, &length)
        }
      }
    }
    // SAFETY: the path is plain bytes of a local, up to its first zero or its end.
    return unsafe withUnsafeBytes(of: address.sun_path) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Lends the kernel's form of a path. One that is too long is cut, which ``ListenerAddress`` and
  /// ``ListeningSocket`` do not let happen.
  private static func withUnixAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // SAFETY: plain bytes within a local, the last of which stays zero; every socket address begins
    // with the fields of sockaddr, and the pointer lives for the call of `body` only.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      unsafe bytes.copyBytes(from: path.utf8.prefix(unixPathByteCountMax))
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
