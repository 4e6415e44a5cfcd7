import JSON
import Kubernetes
import Testing

@testable import Service

@Suite struct RunAttemptTests {
  private static let object: JSONValue = [
    "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
    "metadata": [
      "name": "build-x", "namespace": "ci", "uid": "u-1",
      "labels": [
        "hookline.dev/hook": "app", "hookline.dev/trigger": "build", "hookline.dev/delivery": "d-1",
      ],
    ],
  ]

  private static let run = RunIdentity(object: object, namespace: "ci", name: "build-x")

  /// What an API server or the way to it may do to a request.
  private static let quota = KubernetesError(
    .quotaExceeded, httpStatus: 403, reason: "Forbidden", message: "exceeded quota: runs")
  private static let reset = KubernetesError(
    .transport(.connectionLost), message: "reset", retry: .backoff, outcome: .ambiguous)
  private static let exists = KubernetesError(
    .alreadyExists, httpStatus: 409, reason: "AlreadyExists", message: "exists")
  private static let absent = KubernetesError(
    .notFound, httpStatus: 404, reason: "NotFound", message: "not found")
  private static let busy = KubernetesError(
    .tooManyRequests, httpStatus: 429, message: "busy", retry: .after(.seconds(2)))

  private func ending(_ step: RunAttempt.Step) -> RunAttempt.Ending? {
    if case .end(let ending) = step { ending } else { nil }
  }

  @Test func `a creation that is answered is over`() {
    var attempt = RunAttempt(Self.run, isUncertain: false)
    #expect(attempt.begin == .create)
    #expect(attempt.created(Self.object) == .end(.created(uid: "u-1")))
  }

  @Test(arguments: [
    (KubernetesError.Code.badRequest, 400), (.admissionDenied, 400), (.forbidden, 403),
    (.quotaExceeded, 403), (.namespaceTerminating, 403), (.namespaceNotFound, 404),
    (.unknownResource, 404), (.unsupported, 405), (.tooLarge, 413), (.unsupported, 415),
    (.invalid, 422), (.rejected, 500),
  ])
  func `what the server refuses for good is refused at once, with its words`(
    code: KubernetesError.Code, status: Int
  ) {
    var attempt = RunAttempt(Self.run, isUncertain: false)
    let error = KubernetesError(code, httpStatus: status, reason: "R", message: "the API's words")
    guard case .refused(let failure) = ending(attempt.failed(error)) else {
      Issue.record("not refused")
      return
    }
    #expect(failure.reason == "R")
    #expect(failure.message.contains("the API's words"))
  }

  @Test func `what is not carried out and may pass is tried again, and stays certain`() {
    for error in [
      Self.busy, KubernetesError(.unauthorized, httpStatus: 401, message: "?", retry: .backoff),
    ] {
      var attempt = RunAttempt(Self.run, isUncertain: false)
      #expect(ending(attempt.failed(error)) == .again(error.retry, RunFailure(error)))
      #expect(!attempt.isUncertain)
    }
  }

  @Test func `after an outcome that nobody knows no refusal is believed before a look`() {
    var first = RunAttempt(Self.run, isUncertain: false)
    #expect(ending(first.failed(Self.reset)) == .again(.backoff, RunFailure(Self.reset)))
    #expect(first.isUncertain)

    var mine = RunAttempt(Self.run, isUncertain: first.isUncertain)
    #expect(mine.failed(Self.quota) == .look)
    #expect(mine.found(Self.object) == .end(.existed(uid: "u-1")))

    var nobodys = RunAttempt(Self.run, isUncertain: true)
    #expect(nobodys.failed(Self.quota) == .look)
    #expect(nobodys.notFound(Self.absent) == .end(.refused(RunFailure(Self.quota))))

    var hidden = RunAttempt(Self.run, isUncertain: true)
    #expect(hidden.failed(Self.quota) == .look)
    #expect(hidden.notFound(Self.reset) == .end(.again(.backoff, RunFailure(Self.reset))))
  }

  @Test func `a look that is forbidden settles nothing`() {
    var attempt = RunAttempt(Self.run, isUncertain: true)
    let forbidden = KubernetesError(.forbidden, httpStatus: 403, message: "cannot get")
    #expect(attempt.failed(Self.quota) == .look)
    #expect(attempt.notFound(forbidden) == .end(.again(.backoff, RunFailure(forbidden))))
  }

  @Test func `a permanent failure whose outcome nobody knows is not permanent`() {
    var attempt = RunAttempt(Self.run, isUncertain: false)
    let error = KubernetesError(.serverError, message: "?", retry: .never, outcome: .ambiguous)
    #expect(ending(attempt.failed(error)) == .again(.backoff, RunFailure(error)))
  }

  @Test func `an object of the name counts as ours only with all our labels`() {
    for label in ["hookline.dev/hook", "hookline.dev/trigger", "hookline.dev/delivery"] {
      for value in [nil, JSONValue.string("other")] {
        var attempt = RunAttempt(Self.run, isUncertain: false)
        var foreign = Self.object
        foreign[["metadata", "labels", label]] = value
        #expect(attempt.failed(Self.exists) == .look)
        guard case .refused(let failure) = ending(attempt.found(foreign)) else {
          Issue.record("taken for ours without \(label)")
          continue
        }
        #expect(failure.reason == "NameCollision")
      }
    }
  }

  @Test func `a run without labels of ours recognises nothing`() {
    let unmarked = RunIdentity(object: ["metadata": [:]], namespace: "ci", name: "x")
    #expect(!unmarked.marks(["metadata": [:]]))
    #expect(!unmarked.marks(Self.object))
  }

  @Test func `an object that is gone again leads to another attempt`() {
    var attempt = RunAttempt(Self.run, isUncertain: false)
    #expect(attempt.failed(Self.exists) == .look)
    #expect(ending(attempt.notFound(Self.absent)) == .again(.backoff, RunFailure(Self.absent)))
  }
}
