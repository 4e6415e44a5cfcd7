// How things are measured and printed.

import CAllocations
import Foundation
import Glibc

/// Measures and prints one line for each measurement.
///
/// A measurement is many short runs, of whose times the median and the least are printed. It is the
/// thread's CPU time, so that other work on the machine counts only as far as it takes caches.
struct BenchmarkReport {
  /// Measurements whose names do not hold this are left out.
  let filter: String

  private static let runCount = 201
  /// How long one run should take, so that the clock's own cost does not matter.
  private static let run = Duration.microseconds(500)
  /// How long all runs of a slow measurement may take.
  private static let patience = Duration.seconds(3)

  /// - Parameters:
  ///   - byteCount: how many bytes one call goes through; nil when there is no such measure.
  ///   - calls: how many things one call does, of which the time of one is printed.
  func measure(
    _ name: String, byteCount: Int? = nil, calls: Int = 1, _ body: () throws -> Void
  ) rethrows {
    guard filter.isEmpty || name.contains(filter) else { return }
    try body()
    let allocationsBefore = allocation_count()
    let start = Self.now()
    try body()
    let once = max(.nanoseconds(1), Self.now() - start)
    let allocations = Double(allocation_count() - allocationsBefore) / Double(calls)
    let repeats = max(1, Int(Self.run / once))
    let runs = min(Self.runCount, max(5, Int(Self.patience / (once * repeats))))
    var times: [Double] = []
    for _ in 0..<runs {
      let start = Self.now()
      for _ in 0..<repeats { try body() }
      let time = Self.now() - start
      times.append(time / .nanoseconds(1) / Double(repeats) / Double(calls))
    }
    times.sort()
    var line = Self.padded(name, 44)
    line += Self.time(times[times.count / 2]) + "  least " + Self.time(times[0])
    if let byteCount {
      let bytes = Double(byteCount) / Double(calls)
      line += "  \(Self.rate(bytes / times[times.count / 2])) (\(Self.rate(bytes / times[0])))"
    }
    print("\(line)  \(Self.decimal(allocations, 1)) allocations")
  }

  /// The CPU time of this thread.
  private static func now() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func time(_ nanoseconds: Double) -> String {
    let (value, unit) =
      switch nanoseconds {
      case 10_000_000...: (nanoseconds / 1e6, "ms")
      case 10_000...: (nanoseconds / 1e3, "µs")
      default: (nanoseconds, "ns")
      }
    let text = decimal(value, 1)
    return String(repeating: " ", count: max(0, 8 - text.count)) + "\(text) \(unit)"
  }

  private static func rate(_ bytesPerNanosecond: Double) -> String {
    "\(decimal(bytesPerNanosecond, 2)) GB/s"
  }

  private static func decimal(_ value: Double, _ digits: Int) -> String {
    let scale = digits == 1 ? 10.0 : 100.0
    return "\((value * scale).rounded() / scale)"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

/// Keeps the optimiser from leaving out what makes this value.
@inline(never)
@_optimize(none)
func keep<Value>(_ value: Value) {}

/// The shared payloads, in `../shared/data` beside the repository or what `HOOKLINE_SHARED_DATA` names.
enum Payloads {
  private static let root =
    ProcessInfo.processInfo.environment["HOOKLINE_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../../shared/data")

  /// The JSON files of a folder whose names begin so.
  static func files(_ folder: String, _ prefix: String) throws -> [[UInt8]] {
    let folder = root.appendingPathComponent("payloads/\(folder)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.sorted()
      .map { try [UInt8](Data(contentsOf: folder.appendingPathComponent($0))) }
  }
}
