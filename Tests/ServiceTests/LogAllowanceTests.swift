import Logging
import Reactor
import Testing

@testable import Service

@Suite struct LogAllowanceTests {
  @Test func `a burst passes, then what time allows, and the rest is counted`() {
    let clock = ManualClock()
    let allowance = LogAllowance(burst: 3, perSecond: 10, clock: clock)
    #expect((0..<5).map { _ in allowance.take() } == [0, 0, 0, nil, nil])
    clock.advance(by: .milliseconds(99))
    #expect(allowance.take() == nil)
    clock.advance(by: .milliseconds(1))
    #expect(allowance.take() == 3)
    #expect(allowance.take() == nil)
    clock.advance(by: .seconds(3600))
    #expect((0..<4).map { _ in allowance.take() } == [1, 0, 0, nil])
  }

  @Test func `the event after a gap says how many are missing`() {
    let capture = LogCapture()
    let clock = ManualClock()
    let handler = ThrottledLogHandler(
      capture.logger.handler, allowance: LogAllowance(burst: 1, perSecond: 1, clock: clock))
    let logger = Logger(label: "test") { _ in handler }
    for _ in 0..<3 { logger.info("refused") }
    clock.advance(by: .seconds(1))
    logger.info("refused")
    #expect(capture.text == "info refused \ninfo refused suppressed=2")
  }
}
