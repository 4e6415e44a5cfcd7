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

  /// How deep values may be nested. Go allows 10,000; here everything that walks a value uses stack
  /// for each level, and no object comes near this: the deepest, schemas, have some 60 levels.
  static let nestingDepth = 200

  /// The same for our parser.
  static let json = JSONLimits(depth: nestingDepth)

  /// For what is stored: `managedFields`, in the metadata, are nested as deep as the object.
  private static let storedDepth = nestingDepth + 16
  static let storedJSON = JSONLimits(depth: storedDepth)

  /// Refuses an object that a patch has made too deep.
  static func check(depthOf object: JSONValue) throws(StatusError) {
    var content = object
    content.setMetadata("managedFields", nil)
    if !isShallow(content, nestingDepth) || !isShallow(object, storedDepth) {
      throw .badRequest("exceeded max depth")
    }
  }

  private static func isShallow(_ value: JSONValue, _ depth: Int) -> Bool {
    guard depth > 0 else { return false }
    return switch value {
    case .array(let elements): elements.allSatisfy { isShallow($0, depth - 1) }
    case .object(let object): object.allSatisfy { isShallow($0.value, depth - 1) }
    default: true
    }
  }

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
