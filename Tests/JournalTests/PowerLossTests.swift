import Foundation
import Testing

@testable import Journal

/// The process and the machine end at some operation, and of the files there is what was synced; of the
/// last write behind that, some sectors.
@Suite struct PowerLossTests {
  /// Which sectors of 512 bytes of the last write that was not synced reach the disk.
  enum Remains: CaseIterable { case none, even, odd, first }

  @Test(arguments: Remains.allCases)
  func `what was promised is among the bytes that were synced`(remains: Remains) throws {
    let isComplete = getenvText("HOOKLINE_EVERY_FAULT") != nil
    let offset = Remains.allCases.firstIndex(of: remains) ?? 0
    var promisedCount = 0
    for number in stride(from: isComplete ? 1 : 20 + offset, to: 2000, by: isComplete ? 1 : 31) {
      let directory = try TemporaryDirectory()
      let state = "\(directory.path)/state"
      let trace = "\(directory.path)/trace"
      var environment = Probe.fault("kill", at: number, in: state)
      environment["FAULT_TRACE"] = trace
      let outcome = try Probe.write(
        state, count: FaultTests.deliveryCount, environment: environment)
      let survivors = try TemporaryDirectory()
      let events = try [UInt8](Data(contentsOf: URL(fileURLWithPath: trace)))
      for (path, bytes) in Disk(events, remains).files where !path.hasSuffix("-shm") {
        let name = path.dropFirst(state.utf8.count + 1)
        guard !name.isEmpty, !name.contains("/") else { continue }
        try Data(bytes).write(to: URL(fileURLWithPath: "\(survivors.path)/\(name)"))
      }
      let promised = outcome.ids("stored")
      promisedCount += promised.count
      let found = try Probe.read(survivors.path)
      #expect(found.ids("wrong") == [], "at \(number)")
      #expect(
        Set(promised).subtracting(found.ids("delivery")) == [], "at \(number): \(found.lines)")
      if !outcome.wasKilled { break }
    }
    #expect(promisedCount > FaultTests.deliveryCount)
  }

  /// What the disk holds after the events that the preloaded library wrote down.
  struct Disk {
    fileprivate struct File {
      /// As processes see it, and as the disk has it.
      var seen: [UInt8] = []
      var synced: [UInt8] = []
      /// The last write since the sync.
      var last: (offset: Int, bytes: ArraySlice<UInt8>)?
    }

    private var state: [String: File] = [:]
    /// The contents of the files by path.
    private(set) var files: [String: [UInt8]] = [:]

    init(_ events: [UInt8], _ remains: Remains) {
      var position = 0
      while position + 25 <= events.count {
        let numbers = (0..<3).map { index in
          let start = position + 1 + 8 * index
          return events[start..<(start + 8)].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let kind = events[position]
        let start = position + 25
        let (pathEnd, second) = (start + numbers[0], numbers[1])
        let restCount =
          kind == UInt8(ascii: "W") ? numbers[2] : kind == UInt8(ascii: "R") ? numbers[1] : 0
        // The process may have been killed while it wrote the last event.
        guard pathEnd + restCount <= events.count else { break }
        let path = String(decoding: events[start..<pathEnd], as: UTF8.self)
        let rest = events[pathEnd..<(pathEnd + restCount)]
        apply(kind, path, second, rest)
        position = pathEnd + restCount
      }
      for (path, file) in state { files[path] = file.after(remains) }
    }

    private mutating func apply(
      _ kind: UInt8, _ path: String, _ number: Int, _ rest: ArraySlice<UInt8>
    ) {
      var file = state[path] ?? File()
      switch kind {
      case UInt8(ascii: "W"):
        Self.put(rest, at: number, in: &file.seen)
        file.last = (number, rest)
      case UInt8(ascii: "T"):
        file.seen = Array(file.seen.prefix(number))
        if number == 0 { file.last = nil }
      case UInt8(ascii: "S"):
        file.synced = file.seen
        file.last = nil
      case UInt8(ascii: "R"):
        state[path] = nil
        state[String(decoding: rest, as: UTF8.self)] = file
        return
      default:
        state[path] = nil
        return
      }
      state[path] = file
    }

    fileprivate static func put(_ bytes: ArraySlice<UInt8>, at offset: Int, in file: inout [UInt8])
    {
      if file.count < offset + bytes.count {
        file += [UInt8](repeating: 0, count: offset + bytes.count - file.count)
      }
      file.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }
  }
}

extension PowerLossTests.Disk.File {
  fileprivate func after(_ remains: PowerLossTests.Remains) -> [UInt8] {
    guard let last, remains != .none else { return synced }
    var bytes = synced
    for (index, start) in stride(
      from: last.bytes.startIndex, to: last.bytes.endIndex, by: sectorByteCount
    )
    .enumerated() {
      switch remains {
      case .even where index % 2 == 1, .odd where index % 2 == 0, .first where index > 0: continue
      default: break
      }
      let sector = last.bytes[start..<min(start + sectorByteCount, last.bytes.endIndex)]
      PowerLossTests.Disk.put(
        sector, at: last.offset + start - last.bytes.startIndex, in: &bytes)
    }
    return bytes
  }
}

/// What a disk writes whole.
private let sectorByteCount = 512
