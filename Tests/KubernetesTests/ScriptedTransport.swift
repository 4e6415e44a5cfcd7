// An API server made of answers written down beforehand.

import HTTPWire
import JSON
import Synchronization

@testable import Kubernetes

/// Gives its answers in order and remembers what it was asked; out of answers, it fails.
final class ScriptedTransport: KubernetesTransport {
  typealias Answer = Result<KubernetesAnswer, TransportFailure>

  private struct State {
    var answers: [Answer]
    var requests: [TransportRequest] = []
    var pauses: [Duration] = []
  }

  private let state: Mutex<State>
  private let gate: Gate?

  /// - Parameter gate: Where every request waits before its answer.
  init(_ answers: [Answer], gate: Gate? = nil) {
    state = Mutex(State(answers: answers))
    self.gate = gate
  }

  var requests: [TransportRequest] { state.withLock { $0.requests } }
  var targets: [String] { requests.map(\.target) }
  /// How long the client wanted to wait, which it never does here.
  var pauses: [Duration] { state.withLock { $0.pauses } }

  func send(
    _ request: TransportRequest, within timeLimit: Duration
  ) async throws(TransportFailure) -> KubernetesAnswer {
    state.withLock { $0.requests.append(request) }
    await gate?.pass()
    let answer = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
    guard let answer else {
      throw TransportFailure(.unreachable, .notSent, message: "the script is over")
    }
    return try answer.get()
  }

  /// The answer's body comes in one part; a part that ends with ``cut`` breaks off there.
  func open(
    _ request: TransportRequest, within timeLimit: Duration, silenceLimit: Duration
  ) async throws(TransportFailure) -> KubernetesStream {
    let answer = try await send(request, within: timeLimit)
    let isCut = answer.body.last == Self.cut
    let rest = Mutex<[UInt8]?>(isCut ? answer.body.dropLast() : answer.body)
    return KubernetesStream(status: answer.status, fields: answer.fields) {
      () async throws(TransportFailure) in
      if let part = rest.withLock({ $0.take() }), !part.isEmpty { return part }
      guard isCut else { return nil }
      throw TransportFailure(.connectionLost, .perhapsSent, message: "the connection was lost")
    } cancel: {
    }
  }

  /// Costs no time, but lasts until the task is cancelled when there are no answers left.
  func pause(for duration: Duration) async throws(CancellationError) {
    let isOver = state.withLock { state in
      state.pauses.append(duration)
      return state.answers.isEmpty
    }
    guard isOver else { return }
    let (never, continuation) = AsyncStream<Never>.makeStream()
    for await _ in never {}
    continuation.finish()
    throw CancellationError()
  }

  /// No byte of UTF-8 text.
  static let cut: UInt8 = 0xFF

  func close() async {}
}

extension Result where Success == KubernetesAnswer, Failure == TransportFailure {
  static func json(_ status: HTTPStatus, _ body: JSONValue, _ fields: HTTPFields = [:]) -> Self {
    .success(KubernetesAnswer(status: status, fields: fields, body: body.serialized(.compact)))
  }

  static func text(_ status: HTTPStatus, _ body: String) -> Self {
    .success(KubernetesAnswer(status: status, body: Array(body.utf8)))
  }

  static let unauthorized = json(
    .unauthorized,
    [
      "kind": "Status", "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized",
      "code": 401,
    ])

  static let tektonResources = json(
    .ok,
    [
      "kind": "APIResourceList", "groupVersion": "tekton.dev/v1",
      "resources": [
        ["name": "pipelineruns/status", "kind": "PipelineRun", "namespaced": true],
        ["name": "pipelineruns", "kind": "PipelineRun", "namespaced": true],
        ["name": "scales", "kind": "Scale", "group": "autoscaling", "namespaced": true],
        ["name": "clustertasks", "kind": "ClusterTask", "namespaced": false],
      ],
    ])
}

/// Holds tasks until it is opened.
actor Gate {
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isOpen = false

  func pass() async {
    guard !isOpen else { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}
