import Testing

@testable import Sandbox

struct TimestampTests {
  @Test func `a moment is written in whole seconds or in microseconds`() {
    let moment = Timestamp(microseconds: 1_767_225_600_500_000)
    #expect(moment.text == "2026-01-01T00:00:00Z")
    #expect(moment.microText == "2026-01-01T00:00:00.500000Z")
  }
}
