import HTTPWire
import JSON
import Reactor
import Testing

@testable import Kubernetes

/// A Secret in one of its versions.
private func object(_ name: String, _ version: Int) -> JSONValue {
  [
    "kind": "Secret",
    "metadata": ["name": .string(name), "resourceVersion": .string("\(version)")],
  ]
}

private func line(_ type: String, _ object: JSONValue) -> [UInt8] {
  let event: JSONValue = ["type": .string(type), "object": object]
  return event.serialized(.compact) + [UInt8(ascii: "\n")]
}

private let gone: JSONValue = [
  "kind": "Status", "status": "Failure", "code": 410, "reason": "Expired",
  "message": "too old resource version: 3 (9)",
]

private func expired() -> KubernetesError {
  KubernetesError(.expired, httpStatus: 410, message: "gone")
}

private func lost() -> KubernetesError {
  KubernetesError(.transport(.connectionLost), message: "lost", retry: .backoff)
}

@Suite struct WatchMachineTests {
  let start = MonotonicInstant(nanoseconds: 0)

  private func list(_ version: Int, _ items: [JSONValue] = []) -> ObjectList {
    ObjectList(items: items, resourceVersion: "\(version)")
  }

  /// A machine that has listed and opened its stream.
  private func streaming(from version: Int = 1) -> WatchMachine {
    var machine = WatchMachine()
    _ = machine.listed(list(version))
    machine.opened(at: start)
    return machine
  }

  private func changes(
    _ machine: inout WatchMachine, _ bytes: [UInt8]
  ) throws(KubernetesError) -> [CollectionChange] {
    var changes: [CollectionChange] = []
    try machine.receive(bytes) { changes.append($0) }
    return changes
  }

  @Test func `it lists, and streams from the list's version for five to ten minutes`() {
    var machine = WatchMachine()
    #expect(machine.next(chance: 0) == .list)
    #expect(machine.listed(list(7, [object("a", 3)])) == .snapshot([object("a", 3)]))
    #expect(machine.next(chance: 0) == .stream(from: "7", timeLimit: .seconds(300)))
    #expect(machine.next(chance: 0.5) == .stream(from: "7", timeLimit: .seconds(450)))
    #expect(machine.next(chance: 1) == .stream(from: "7", timeLimit: .seconds(600)))
  }

  @Test func `cut anywhere, every event comes once and whole`() throws {
    let bytes =
      line("ADDED", object("a", 2)) + line("BOOKMARK", object("", 3)) + Array("\n \r\n".utf8)
      + line("MODIFIED", object("a", 4)) + line("DELETED", object("a", 5))
    let all: [CollectionChange] = [
      .stored(object("a", 2)), .stored(object("a", 4)), .deleted(object("a", 5)),
    ]
    for split in 0...bytes.count {
      var machine = streaming()
      let found =
        try changes(&machine, Array(bytes[..<split]))
        + changes(&machine, Array(bytes[split...]))
      #expect(found == all)
      #expect(machine.next(chance: 0) == .stream(from: "5", timeLimit: .seconds(300)))
    }
    var machine = streaming()
    var found: [CollectionChange] = []
    for byte in bytes { found += try changes(&machine, [byte]) }
    #expect(found == all)
  }

  @Test func `an event that was cut is asked for again, and none before it`() throws {
    let second = line("MODIFIED", object("a", 4))
    for count in 0..<second.count {
      var machine = streaming()
      let found = try changes(&machine, line("ADDED", object("a", 2)) + second[..<count])
      #expect(found == [.stored(object("a", 2))])
      #expect(machine.failed(lost(), at: start) == .trouble(lost()))
      #expect(machine.next(chance: 0) == .wait(.milliseconds(800)))
      #expect(machine.next(chance: 0) == .stream(from: "2", timeLimit: .seconds(300)))
      machine.opened(at: start)
      // What was left of the cut line does not get in front of the new one.
      #expect(try changes(&machine, second) == [.stored(object("a", 4))])
    }
  }

  @Test func `a stream that ends in its time is continued at once`() throws {
    var machine = streaming()
    #expect(try changes(&machine, line("BOOKMARK", object("", 9))) == [])
    machine.ended(at: start.advanced(by: .seconds(300)))
    #expect(machine.next(chance: 0) == .stream(from: "9", timeLimit: .seconds(300)))
  }

  @Test func `a stream that ends as soon as it began counts as a failure`() {
    var machine = streaming()
    machine.ended(at: start.advanced(by: .milliseconds(999)))
    #expect(machine.next(chance: 0) == .wait(.milliseconds(800)))
    #expect(machine.next(chance: 0) == .stream(from: "1", timeLimit: .seconds(300)))
  }

  @Test func `a version that is gone is listed anew, from the stream or from the status`() throws {
    for isInStream in [true, false] {
      var machine = streaming()
      _ = try changes(&machine, line("ADDED", object("a", 2)))
      if isInStream {
        let bytes = line("ADDED", object("b", 3)) + line("ERROR", gone)
        var found: [CollectionChange] = []
        let error = #expect(throws: KubernetesError.self) {
          try machine.receive(bytes) { found.append($0) }
        }
        #expect(found == [.stored(object("b", 3))])
        #expect(error?.code == .expired)
      }
      #expect(machine.failed(expired(), at: start) == nil)
      #expect(machine.next(chance: 0) == .list)
      #expect(machine.listed(list(20)) == .snapshot([]))
      #expect(machine.next(chance: 0) == .stream(from: "20", timeLimit: .seconds(300)))
    }
  }

  @Test func `a version that is gone as soon as it was listed is not asked for in a circle`() {
    var machine = streaming()
    _ = machine.failed(expired(), at: start)
    #expect(machine.next(chance: 0) == .wait(.milliseconds(800)))
    #expect(machine.next(chance: 0) == .list)
    _ = machine.failed(expired(), at: start)
    #expect(machine.next(chance: 0) == .wait(.milliseconds(1600)))
    #expect(machine.next(chance: 0) == .list)
  }

  @Test func `delays double to half a minute, and by chance once more`() {
    var machine = streaming()
    var delays: [Duration] = []
    for _ in 0..<8 {
      _ = machine.failed(lost(), at: start)
      guard case .wait(let delay) = machine.next(chance: 0) else { break }
      delays.append(delay)
    }
    #expect(
      delays == [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000].map { .milliseconds($0) })
    _ = machine.failed(lost(), at: start)
    #expect(machine.next(chance: 1) == .wait(.seconds(60)))
    _ = machine.failed(lost(), at: start.advanced(by: .seconds(119)))
    #expect(machine.next(chance: 0) == .wait(.seconds(30)))
    _ = machine.failed(lost(), at: start.advanced(by: .seconds(239)))
    #expect(machine.next(chance: 0) == .wait(.milliseconds(800)))
  }

  @Test func `a server that says when to come again is obeyed, within limits`() {
    var machine = streaming()
    let busy = KubernetesError(
      .tooManyRequests, httpStatus: 429, message: "", retry: .after(.seconds(7)))
    _ = machine.failed(busy, at: start)
    #expect(machine.next(chance: 0) == .wait(.seconds(7)))
    let rude = KubernetesError(
      .tooManyRequests, httpStatus: 429, message: "", retry: .after(.seconds(3600)))
    _ = machine.failed(rude, at: start)
    #expect(machine.next(chance: 0) == .wait(.seconds(300)))
  }

  @Test func `a server that refuses the version is asked for a list`() {
    var machine = streaming()
    let refusal = KubernetesError(.badRequest, httpStatus: 400, message: "invalid resource version")
    #expect(machine.failed(refusal, at: start) == .trouble(refusal))
    #expect(machine.next(chance: 0) == .wait(.milliseconds(800)))
    #expect(machine.next(chance: 0) == .list)
  }

  @Test(arguments: [
    "nonsense\n", "[]\n", "{\"type\": \"ADDED\"}\n", "{\"type\": \"ADDED\", \"object\": {}}\n",
    "{\"type\": \"STRANGE\", \"object\": {\"metadata\": {\"resourceVersion\": \"5\"}}}\n",
    "{\"object\": {\"metadata\": {\"resourceVersion\": \"5\"}}}\n",
  ])
  func `what is no event ends the stream, and a list follows`(_ text: String) {
    var machine = streaming()
    let error = #expect(throws: KubernetesError.self) {
      try machine.receive(Array(text.utf8)) { _ in }
    }
    #expect(error?.code == .undecodable)
    _ = error.map { machine.failed($0, at: start) }
    #expect(machine.next(chance: 0) == .wait(.milliseconds(800)))
    #expect(machine.next(chance: 0) == .list)
  }

  @Test func `an event of a megabyte passes in any pieces, one over the limit does not`() throws {
    var large = object("a", 2)
    large["data"] = .string(String(repeating: "x", count: 1 << 20))
    let bytes = line("ADDED", large)
    for pieceByteCount in [1009, 65_536, bytes.count] {
      var machine = streaming()
      var found: [CollectionChange] = []
      for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
        let piece = Array(bytes[start..<min(start + pieceByteCount, bytes.count)])
        found += try changes(&machine, piece)
      }
      #expect(found == [.stored(large)])
    }
    var decoder = WatchDecoder()
    let piece = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
    for _ in 0..<8 { _ = try decoder.receive(piece) }
    let error = #expect(throws: KubernetesError.self) { try decoder.receive([0x20]) }
    #expect(error?.code == .undecodable)
  }
}

/// The driver, over answers written down beforehand.
@Suite(.timeLimit(.minutes(1))) struct FollowTests {
  private let secrets = ScriptedTransport.Answer.json(
    .ok,
    [
      "kind": "APIResourceList", "groupVersion": "v1",
      "resources": [["name": "secrets", "kind": "Secret", "namespaced": true]],
    ])

  private func listed(_ version: Int, _ items: [JSONValue]) -> ScriptedTransport.Answer {
    .json(.ok, ["metadata": ["resourceVersion": .string("\(version)")], "items": .array(items)])
  }

  private func stream(_ bytes: [UInt8], isCut: Bool = false) -> ScriptedTransport.Answer {
    .success(KubernetesAnswer(status: .ok, body: bytes + (isCut ? [ScriptedTransport.cut] : [])))
  }

  /// Follows until so many changes came.
  private func changes(
    _ count: Int, _ transport: ScriptedTransport, token: ClusterConfiguration.Token? = nil
  ) async -> [CollectionChange] {
    let client = client(transport, token: token)
    let (stream, sink) = AsyncStream.makeStream(of: CollectionChange.self)
    let task = Task {
      await client.follow(
        apiVersion: "v1", kind: "Secret", namespace: "ci", chance: { 0 }, { sink.yield($0) })
      sink.finish()
    }
    var changes: [CollectionChange] = []
    for await change in stream {
      changes.append(change)
      if changes.count == count { break }
    }
    task.cancel()
    await task.value
    return changes
  }

  @Test func `a cut stream and a version that is gone lose and double nothing`() async {
    let transport = ScriptedTransport([
      secrets, listed(1, [object("a", 1)]),
      stream(
        line("ADDED", object("b", 2)) + line("MODIFIED", object("a", 3)).dropLast(4), isCut: true),
      stream(line("MODIFIED", object("a", 3)) + line("BOOKMARK", object("", 6))),
      stream(line("ERROR", gone)),
      .json(.gone, gone),
      listed(9, [object("b", 8)]),
      stream(line("DELETED", object("b", 10))),
    ])
    let found = await changes(6, transport)
    #expect(
      Array(found.prefix(3)) == [
        .snapshot([object("a", 1)]), .stored(object("b", 2)),
        .trouble(
          KubernetesError(
            .transport(.connectionLost), message: "the connection was lost", retry: .backoff,
            operation: "watch secrets in namespace \"ci\"")),
      ])
    #expect(
      Array(found.dropFirst(3)) == [
        .stored(object("a", 3)), .snapshot([object("b", 8)]), .deleted(object("b", 10)),
      ])
    let versions = transport.targets.filter { $0.contains("watch=true") }.map { target in
      target.split(separator: "&").first { $0.hasPrefix("resourceVersion=") } ?? ""
    }
    #expect(
      Array(versions.prefix(4)) == [
        "resourceVersion=1", "resourceVersion=2",
        "resourceVersion=6", "resourceVersion=9",
      ])
    #expect(
      transport.targets.contains {
        $0.hasPrefix("/api/v1/namespaces/ci/secrets?watch=true&allowWatchBookmarks=true")
          && $0.hasSuffix("timeoutSeconds=300")
      })
  }

  @Test func `a refused token is read again before the stream is opened again`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("token-token", to: "token")
    let transport = ScriptedTransport([
      secrets, listed(1, []), .unauthorized, stream(line("ADDED", object("a", 2))),
    ])
    let found = await changes(2, transport, token: .file(file, fallback: nil))
    #expect(found == [.snapshot([]), .stored(object("a", 2))])
  }

  @Test func `trouble is told with the server's words, and it goes on`() async {
    let transport = ScriptedTransport([
      secrets,
      .json(
        .forbidden,
        [
          "kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden",
          "message": "secrets is forbidden",
        ]),
      listed(1, []),
    ])
    let found = await changes(2, transport)
    guard case .trouble(let error) = found.first else {
      Issue.record("\(found)")
      return
    }
    #expect(error.code == .forbidden)
    #expect(error.message == "secrets is forbidden")
    #expect(found.last == .snapshot([]))
    #expect(transport.pauses.first == .milliseconds(800))
  }
}
