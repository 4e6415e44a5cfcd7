// The name of a run, derived so that the API server itself refuses a second one.

import Bytes
import Crypto

/// Names of the objects to create.
package enum RunName {
  /// The name of one run: the prefix, made legal and cut, and ten characters that depend on hook,
  /// delivery, trigger and index alone.
  ///
  /// The result is a DNS label of at most 63 characters for any arguments, and the same for the same
  /// ones on every replica and after every restart.
  ///
  /// - Parameters:
  ///   - prefix: the template's `generateName`, placeholders replaced.
  ///   - deliveryKey: the sender's delivery id where there is one, otherwise ours.
  ///   - index: the event's place in its delivery.
  package static func derive(
    prefix: String, hook: HookName, deliveryKey: String, trigger: String, index: Int
  ) -> String {
    let suffix = suffix(hook: hook, deliveryKey: deliveryKey, trigger: trigger, index: index)
    return legalPrefix(prefix) + suffix
  }

  private static func suffix(
    hook: HookName, deliveryKey: String, trigger: String, index: Int
  ) -> String {
    var message: [UInt8] = []
    for part in [hook.namespace, hook.name, deliveryKey, trigger, String(index)] {
      // A length before each part, so that no two lists of parts make the same bytes.
      message += lengthBytes(part.utf8.count)
      message += part.utf8
    }
    var number = Digest.sha256(message).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    var characters: [UInt8] = []
    for _ in 0..<suffixLength {
      characters.append(alphabet[Int(number % UInt64(alphabet.count))])
      number /= UInt64(alphabet.count)
    }
    return String(decoding: characters, as: UTF8.self)
  }

  private static func lengthBytes(_ count: Int) -> [UInt8] {
    let length = UInt64(count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
  }

  private static func legalPrefix(_ prefix: String) -> String {
    // Longer texts are cut anyway; this bounds the work.
    let head = String(decoding: prefix.utf8.prefix(prefixByteLimit), as: UTF8.self)
    let cleaned = KubernetesNames.replacingRuns(in: ASCII.lowercased(head)) {
      KubernetesNames.isLowerOrDigit($0) || $0 == UInt8(ascii: "-")
    }
    var bytes = Array(cleaned.drop { $0 == UInt8(ascii: "-") })
    let room = KubernetesNames.labelLimit - suffixLength
    if bytes.count > room {
      bytes.removeSubrange((room - 1)...)
      bytes.append(UInt8(ascii: "-"))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Letters and digits that make no words and are not mistaken for each other.
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
  /// 27^10 is 2×10^14: two runs of one prefix meet by chance once in millions of years.
  static let suffixLength = 10
  /// Several times what a name keeps.
  private static let prefixByteLimit = 512
}
