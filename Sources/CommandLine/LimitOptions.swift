import ArgumentParser
import HTTPServer
import Service

/// How much the public listener lets its peers have and do.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory for the bodies of all requests together, in MiB; what does not fit waits, then gets "
        + "503. At least 25, one of the largest.", valueName: "MiB"))
  var bodyMemory = 256

  @Option(
    help: ArgumentHelp(
      "Connections at the same time; at the cap those idle for longest make room.",
      valueName: "count"))
  var connections = 16_384

  @Option(
    help: ArgumentHelp(
      "Seconds a request's body may take to arrive: 25 MiB in 10 s need 21 Mbit/s.",
      valueName: "seconds"))
  var bodyTimeout = 10

  @Option(
    help: ArgumentHelp(
      "Seconds a connection may wait for its next request.", valueName: "seconds"))
  var idleTimeout = 30

  @Option(
    help: ArgumentHelp(
      "Requests that an address may fail to authenticate at once before it gets 429.",
      valueName: "count"))
  var failureBurst = FailureLimiter.burstDefault

  @Option(
    help: ArgumentHelp(
      "And how many a second after that.", valueName: "count"))
  var failuresPerSecond = FailureLimiter.perSecondDefault

  func validate() throws {
    try Self.check("--body-memory", bodyMemory, in: Self.bodyMemoryRange)
    try Self.check("--connections", connections, in: Self.connectionRange)
    try Self.check("--body-timeout", bodyTimeout, in: Self.secondsRange)
    try Self.check("--idle-timeout", idleTimeout, in: Self.secondsRange)
    try Self.check("--failure-burst", failureBurst, in: Self.failureRange)
    try Self.check("--failures-per-second", failuresPerSecond, in: Self.failureRange)
  }

  /// Sets what the options say.
  func apply(to configuration: inout HTTPServerConfiguration) {
    configuration.bodyBudgetByteCount = bodyMemory * 1024 * 1024
    configuration.connectionCount = connections
    configuration.timeLimits.body = .seconds(bodyTimeout)
    configuration.timeLimits.idle = .seconds(idleTimeout)
  }

  /// The limit on requests that fail.
  var failureLimiter: FailureLimiter {
    FailureLimiter(burst: failureBurst, perSecond: failuresPerSecond)
  }

  private static func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// From one body of the largest to a terabyte, so that no number is too large for what follows.
  private static let bodyMemoryRange = PublicHandler.deliveryByteLimit / 1_048_576...1_048_576
  /// What the kernel's limit on descriptors can be raised to.
  private static let connectionRange = 1...1_048_576
  /// Up to an hour.
  private static let secondsRange = 1...3600
  /// Up to what nobody would call a failure any more.
  private static let failureRange = 1...1_000_000
}
