import Kubernetes
import Testing

@testable import Service

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy()

  /// SplitMix64: the same numbers for the same seed.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var bits = state
      bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
      bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
      return bits ^ (bits >> 31)
    }
  }

  @Test(arguments: [
    (0, 500), (1, 500), (2, 1000), (3, 2000), (4, 4000), (5, 8000), (6, 16_000), (7, 32_000),
    (8, 60_000), (9, 60_000), (1_000_000, 60_000), (Int.max, 60_000), (Int.min, 500),
  ])
  func `the longest delay doubles from half a second to a minute`(
    failureCount: Int, milliseconds: Int
  ) {
    #expect(policy.delayLimit(afterFailures: failureCount) == .milliseconds(milliseconds))
  }

  @Test(arguments: 1...10)
  func `any delay up to the longest is as likely as any other`(failureCount: Int) {
    var random = Seeded(state: UInt64(failureCount))
    let limit = policy.delayLimit(afterFailures: failureCount)
    var tenths = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 {
      let delay = policy.delay(afterFailures: failureCount, advice: .backoff, using: &random)
      #expect(delay >= .zero && delay <= limit)
      tenths[min(9, Int(delay / limit * 10))] += 1
    }
    #expect(tenths.allSatisfy { (850...1150).contains($0) }, "\(tenths)")
  }

  @Test func `a Retry-After that is longer wins, and is spread`() {
    var random = Seeded(state: 7)
    let delays = (0..<1000).map { _ in
      policy.delay(afterFailures: 1, advice: .after(.seconds(2)), using: &random)
    }
    #expect(delays.allSatisfy { $0 >= .seconds(2) && $0 <= .milliseconds(2500) })
    #expect(Set(delays).count > 900)
  }

  @Test func `a Retry-After that is shorter does not hurry`() {
    var random = Seeded(state: 7)
    let delays = (0..<1000).map { _ in
      policy.delay(afterFailures: 9, advice: .after(.seconds(1)), using: &random)
    }
    #expect(delays.allSatisfy { $0 >= .seconds(1) && $0 <= .seconds(60) })
    #expect(delays.contains { $0 > .seconds(50) })
  }
}
