// Whether the time of a comparison tells where two texts differ.
//
// Three kinds of wrong digests are compared in turns, batch by batch: wrong in the first byte, wrong in
// the last, and wrong in the first once more. The first and the third are the same work, so what they
// differ by is the noise of the machine; the first and the second must differ by no more than that. A
// comparison that stops at the first difference is measured in the same way, to show that this would
// be seen.

import Crypto
import Hooks

enum ConstantTimeBenchmark {
  /// Comparisons of each kind.
  private static let comparisons = 100_000
  private static let batch = 500
  private static let rounds = 7

  static func run(_ arguments: [String]) async throws {
    let right = (0..<32).map { UInt8($0) &* 37 }
    print("\(comparisons) comparisons of each kind; medians of \(rounds) rounds")
    report("digest of 32 bytes", right) { constantTimeEqual(right, $0) }
    let secret = SecretBytes(right)
    report("token of 32 bytes", right) { secret.matches($0) }
    let body = Array("{}".utf8)
    let key = SecretBytes("the secret of the hook")
    let authentication = Source(kind: .github, secrets: []).authentication(secrets: [key])
    let signature = HMAC.sha256(key: key, message: body)
    report("a whole signature check", signature, divisor: 10) { digest in
      var digits = "sha256="
      for byte in digest { digits += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }
      let fields = ["x-hub-signature-256": [digits]]
      let verdict = authentication.verify(
        fields: { fields[$0.lowercased()] ?? [] }, body: body, now: 0)
      if case .verified = verdict { return true }
      return false
    }
    // 1,024 bytes, so that an early end shows beyond doubt.
    let long = [UInt8](repeating: 7, count: 1024)
    report("for comparison, one that stops early", long) { given in
      for index in long.indices where given[index] != long[index] { return false }
      return true
    }
  }

  private static func report(
    _ name: String, _ right: [UInt8], divisor: Int = 1, _ compare: ([UInt8]) -> Bool
  ) {
    precondition(compare(right), "the right one is not recognised")
    var first = right
    first[0] ^= 1
    var last = right
    last[last.count - 1] ^= 1
    let samples = [first, last, first]
    var apart: [Double] = []
    var noise: [Double] = []
    var cost: [Double] = []
    for _ in 0..<rounds {
      let times = times(of: samples, count: comparisons / divisor, compare)
      apart.append(abs(times[0] - times[1]))
      noise.append(abs(times[0] - times[2]))
      cost.append(times[0])
    }
    print(
      "\(name): \(text(median(cost))) ns; first against last byte \(text(median(apart))) ns,"
        + " two identical runs \(text(median(noise))) ns")
  }

  /// The median time of one comparison of each sample, in nanoseconds.
  private static func times(
    of samples: [[UInt8]], count: Int, _ compare: ([UInt8]) -> Bool
  ) -> [Double] {
    var batches: [[Double]] = samples.map { _ in [] }
    let clock = ContinuousClock()
    for turn in 0..<(count / batch) {
      for offset in samples.indices {
        // Each kind comes in each place, since what follows what has a cost, too.
        let index = (offset + turn) % samples.count
        let sample = samples[index]
        let time = clock.measure {
          for _ in 0..<batch {
            guard !compare(sample) else { preconditionFailure("a wrong one was taken") }
          }
        }
        batches[index].append(Double(time.components.attoseconds) / 1e9 / Double(batch))
      }
    }
    return batches.map(median)
  }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  private static func text(_ nanoseconds: Double) -> String {
    let hundredths = Int((nanoseconds * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
