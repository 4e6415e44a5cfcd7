// How large requests and objects may be.

import JSON

/// The limits of a real server and of the etcd behind it.
enum StorageLimits {
  /// The largest body of a request.
  static let requestByteCount = 3 * 1024 * 1024
  /// The largest object that etcd takes.
  static let objectByteCount = 1536 * 1024
  /// The largest message on the connection to etcd.
  static let messageByteCount = 2 * 1024 * 1024

  /// Refuses a body that is too large, before it is read.
  static func check(requestByteCount count: Int) throws(StatusError) {
    guard count > requestByteCount else { return }
    throw StatusError(
      413, "RequestEntityTooLarge", "Request entity too large: limit is \(requestByteCount)")
  }

  /// Refuses an object that etcd would refuse, in etcd's words. Only large requests can make large
  /// objects, so others are not measured.
  static func check(_ object: JSONValue, requestByteCount count: Int) throws(StatusError) {
    guard count > objectByteCount / 2 else { return }
    let byteCount = object.serialized().count
    if byteCount > messageByteCount {
      throw .unclassified(
        "rpc error: code = ResourceExhausted desc = trying to send message larger than max "
          + "(\(byteCount) vs. \(messageByteCount))")
    }
    if byteCount > objectByteCount { throw .unclassified("etcdserver: request is too large") }
  }
}
