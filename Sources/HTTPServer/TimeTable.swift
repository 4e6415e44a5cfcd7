// The time limits, ready for use.

import Reactor

/// ``HTTPTimeLimits`` in nanoseconds: several of them are added to the time for each request, and a
/// `Duration` is 128 bits wide.
struct TimeTable: Sendable {
  let handshake: Int64
  let head: Int64
  let body: Int64
  let memory: Int64
  let idle: Int64
  let age: Int64
  let lingering: Int64

  private let bodyGrace: Int64
  private let nanosecondsPerBodyByte: Int64

  init(_ limits: HTTPTimeLimits) {
    handshake = limits.handshake.wholeNanoseconds
    head = limits.head.wholeNanoseconds
    body = limits.body.wholeNanoseconds
    memory = limits.memory.wholeNanoseconds
    idle = limits.idle.wholeNanoseconds
    age = limits.age.wholeNanoseconds
    lingering = limits.lingering.wholeNanoseconds
    bodyGrace = limits.bodyGrace.wholeNanoseconds
    nanosecondsPerBodyByte = 1_000_000_000 / Int64(max(1, limits.bodyBytesPerSecond))
  }

  /// How long after its beginning a body of which so much has arrived is no longer fast enough.
  func bodyAllowance(byteCount: Int) -> Int64 {
    let (earned, overflow) = Int64(byteCount).multipliedReportingOverflow(
      by: nanosecondsPerBodyByte)
    return overflow ? .max : bodyGrace.addingReportingOverflow(earned).partialValue
  }
}
