import Reactor
import Testing

@testable import Service

@Suite struct FailureLimiterTests {
  private let clock = ManualClock()
  private let address = IPAddress.v4(0xC000_0201)

  @Test func `an address may fail so often at once, then so often a second`() {
    let limiter = FailureLimiter(burst: 3, perSecond: 1, clock: clock)
    #expect((0..<5).map { _ in limiter.fail(address) } == [nil, nil, nil, 1, 1])
    #expect(limiter.wait(of: address) == 1)
    clock.advance(by: .milliseconds(999))
    #expect(limiter.wait(of: address) == 1)
    clock.advance(by: .milliseconds(1))
    #expect(limiter.wait(of: address) == nil)
    #expect(limiter.fail(address) == nil)
    #expect(limiter.fail(address) == 1)
    clock.advance(by: .seconds(3600))
    #expect((0..<4).map { _ in limiter.fail(address) } == [nil, nil, nil, 1])
  }

  @Test func `asking costs nothing, and addresses do not share`() {
    let limiter = FailureLimiter(burst: 1, perSecond: 1, clock: clock)
    for _ in 0..<10 { #expect(limiter.wait(of: address) == nil) }
    #expect(limiter.fail(address) == nil)
    #expect(limiter.fail(.v4(0xC000_0202)) == nil)
    #expect(limiter.wait(of: .v6(high: 0, low: 0xC000_0201, scope: 0)) == nil)
  }

  @Test func `the addresses of an IPv6 network of 64 bits are one`() {
    let limiter = FailureLimiter(burst: 1, perSecond: 1, clock: clock)
    #expect(limiter.fail(.v6(high: 7, low: 1, scope: 0)) == nil)
    #expect(limiter.wait(of: .v6(high: 7, low: 2, scope: 0)) == 1)
    #expect(limiter.wait(of: .v6(high: 8, low: 1, scope: 0)) == nil)
  }

  @Test func `a flood of addresses keeps the table's size and those that failed most`() {
    let limiter = FailureLimiter(burst: 4, perSecond: 1, clock: clock)
    for _ in 0..<5 { _ = limiter.fail(address) }
    for value in 0..<(2 * UInt32(FailureLimiter.addressCount)) {
      _ = limiter.fail(.v4(0x0A00_0000 | value))
    }
    #expect(limiter.wait(of: address) == 1)
  }
}
