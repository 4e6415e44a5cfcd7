// What is fuzzed.

/// One thing that is fuzzed.
struct FuzzTarget: Sendable {
  /// What it is called on the command line and in `Corpus`.
  let name: String
  /// What holds whatever the input is. That nothing traps, reads outside its memory or leaks goes
  /// without saying: the sanitizer sees to it.
  let property: String
  /// Tries one input; ``violated(_:)`` when the property does not hold.
  let check: @Sendable (_ input: [UInt8]) -> Void

  /// All of them, in the order of the package's targets.
  static let all = [
    requestHead, chunkedBody, server, client, proxyHeader, tlsRecords, tlsTampering, json, hook,
    template, event, hostEvent, glob, celParse, celEvaluate,
  ]
}

/// Ends the process: the property does not hold, and libFuzzer keeps the input.
func violated(_ message: String) -> Never {
  fatalError("the property does not hold: \(message)")
}
