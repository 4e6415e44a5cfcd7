// Listening elsewhere than on a port of our own.

import CLinux
import Glibc

extension ListeningSocket {
  /// Who may connect to a Unix socket: its owner and its group. A proxy on the same machine is put
  /// into the group.
  package static let unixMode: UInt32 = 0o660

  /// Listens, with as many sockets as there are loops. What cannot be bound twice is one socket
  /// that all of them take connections from.
  ///
  /// Errors: `.listenFailed` with the address and the kernel's reason; `.addressInUse` also when
  /// somebody listens on a Unix socket of that path, or it is the path of another kind of file.
  package static func open(
    _ address: ListenerAddress, count: Int
  ) throws(ReactorError) -> [ListeningSocket] {
    switch address {
    case .network(let address): return try bind(address, count: count)
    case .unix(let path):
      let socket = try ReactorError.wrapping(.listenFailed, "\(address)") { () throws(Errno) in
        try bindUnix(path)
      }
      return Array(repeating: socket, count: count)
    case .inherited(let descriptor):
      let socket = try ReactorError.wrapping(.listenFailed, "\(address)") { () throws(Errno) in
        try inherit(descriptor)
      }
      return Array(repeating: socket, count: count)
    }
  }

  private static func bindUnix(_ path: String) throws(Errno) -> ListeningSocket {
    guard path.utf8.count <= SystemCall.unixPathByteCountMax else {
      throw Errno(rawValue: ENAMETOOLONG)
    }
    try removeRemains(at: path)
    let socket = try SystemCall.unixStreamSocket()
    try SystemCall.bind(socket.rawValue, toPath: path)
    let name = SocketName(path: path, node: try SystemCall.fileNode(ofPath: path).node)
    // Nobody can connect before the socket listens, so nobody gets in by a laxer mode before.
    try SystemCall.setMode(ofPath: path, to: mode_t(unixMode))
    try SystemCall.listen(socket.rawValue, backlog: backlog)
    return ListeningSocket(owning: socket, at: .unix(path: path), named: name)
  }

  /// Removes the name of a socket whose process is gone. Anything else stays, and is an error.
  private static func removeRemains(at path: String) throws(Errno) {
    do throws(Errno) {
      guard try SystemCall.fileNode(ofPath: path).isSocket else { throw .addressInUse }
    } catch {
      if error.rawValue == ENOENT { return }
      throw error
    }
    do throws(Errno) {
      let probe = try SystemCall.unixStreamSocket()
      try SystemCall.connect(probe.rawValue, toPath: path)
    } catch {
      if error == .connectionRefused { return try SystemCall.unlink(path) }
      // A full backlog is somebody's.
      throw error == .wouldBlock ? .addressInUse : error
    }
    throw .addressInUse
  }

  /// Takes over a socket that somebody else bound. It stays where it is in the file system.
  ///
  /// Errors: `EINVAL` for anything but a listening stream socket.
  private static func inherit(_ descriptor: Int32) throws(Errno) -> ListeningSocket {
    let domain = try SystemCall.option(descriptor, SO_DOMAIN)
    guard try SystemCall.option(descriptor, SO_TYPE) == Int32(CLINUX_SOCK_STREAM),
      try SystemCall.option(descriptor, SO_ACCEPTCONN) == 1,
      [AF_INET, AF_INET6, AF_UNIX].contains(domain)
    else { throw Errno(rawValue: EINVAL) }
    try SystemCall.prepareInherited(descriptor)
    let address: ListenerAddress
    if domain == AF_UNIX {
      address = .unix(path: try SystemCall.path(of: descriptor))
    } else {
      try SystemCall.prepareForStreaming(descriptor)
      address = .network(try SystemCall.address(of: .local, descriptor))
    }
    return ListeningSocket(
      owning: OwnedDescriptor(owning: descriptor), at: address, named: nil)
  }
}

/// The name of a Unix socket in the file system, removed when its owner lets go of it, unless it
/// stands for another file by then.
struct SocketName: ~Copyable, Sendable {
  private let path: String
  private let node: SystemCall.FileNode

  init(path: String, node: SystemCall.FileNode) {
    self.path = path
    self.node = node
  }

  deinit {
    // If it cannot be removed, the next start finds that nobody listens, and removes it.
    if let found = try? SystemCall.fileNode(ofPath: path), found.node == node {
      try? SystemCall.unlink(path)
    }
  }
}
