import HTTPWire
import JSON
import TestSupport
import Testing

@testable import Kubernetes

/// What one recorded answer has to be read as.
struct ExpectedFailure: Sendable, CustomTestStringConvertible {
  let scenario: String
  let index: Int
  let code: KubernetesError.Code
  let retry: KubernetesError.RetryAdvice
  let outcome: KubernetesError.Outcome
  let text: String

  init(
    _ scenario: String, _ index: Int, _ code: KubernetesError.Code,
    _ retry: KubernetesError.RetryAdvice = .never,
    _ outcome: KubernetesError.Outcome = .notPerformed, says text: String
  ) {
    self.scenario = scenario
    self.index = index
    self.code = code
    self.retry = retry
    self.outcome = outcome
    self.text = text
  }

  var testDescription: String { "\(scenario)[\(index)] is \(code)" }
}

@Suite(.enabled(if: SharedData.isPresent, "the shared test data is absent"))
struct RecordedAnswerTests {
  static let failures: [ExpectedFailure] = [
    // 404, four ways.
    ExpectedFailure("get-one", 1, .notFound, says: "pipelineruns.tekton.dev \"missing\" not found"),
    ExpectedFailure("secret-read", 2, .notFound, says: "secrets \"missing\" not found"),
    ExpectedFailure(
      "create-check-order", 8, .namespaceNotFound, says: "namespaces \"rec-nope\" not found"),
    ExpectedFailure("unknown-resources", 0, .unknownResource, says: "404 page not found"),
    ExpectedFailure("unknown-resources", 3, .unknownResource, says: "404 page not found"),
    ExpectedFailure(
      "unknown-resources", 4, .unknownResource,
      says: "the server could not find the requested resource"),
    ExpectedFailure("discovery", 4, .unknownResource, says: "404 page not found"),
    // 403, four ways.
    ExpectedFailure(
      "auth-service-account-rbac", 2, .forbidden,
      says: "cannot create resource \"pipelineruns\" in API group \"tekton.dev\""),
    ExpectedFailure(
      "auth-missing-and-invalid-credentials", 1, .forbidden, says: "User \"system:anonymous\""),
    ExpectedFailure(
      "auth-missing-and-invalid-credentials", 13, .forbidden, says: "cannot get path \"/api\""),
    ExpectedFailure(
      "create-namespace-errors", 10, .namespaceTerminating, says: "because it is being terminated"),
    ExpectedFailure("webhook-quota", 2, .quotaExceeded, says: "exceeded quota: runs, requested: "),
    ExpectedFailure(
      "webhook-third-party", 2, .admissionDenied,
      says: "denied the request: image registry not allowed"),
    // Other denials.
    ExpectedFailure(
      "create-already-exists", 2, .admissionDenied, says: "expected exactly one, got neither"),
    ExpectedFailure("webhook-third-party", 0, .admissionDenied, says: "without explanation"),
    ExpectedFailure("webhook-third-party", 4, .admissionDenied, says: "spec is wrong"),
    ExpectedFailure(
      "webhook-third-party", 11, .admissionDenied, says: "denied request: runs need an owner label"),
    ExpectedFailure(
      "webhook-third-party", 3, .tooManyRequests, .after(.seconds(7)), says: "too many runs"),
    // 401, 409, 410, 422, 400.
    ExpectedFailure(
      "auth-missing-and-invalid-credentials", 2, .unauthorized, .backoff, says: "Unauthorized"),
    ExpectedFailure(
      "create-already-exists", 1, .alreadyExists, says: "\"delivery-72d3162e\" already exists"),
    ExpectedFailure("update-put", 2, .conflict, says: "the object has been modified"),
    ExpectedFailure("list-paging", 12, .expired, says: "continue parameter is too old"),
    ExpectedFailure("create-bad-name", 0, .invalid, says: "a lowercase RFC 1123 subdomain"),
    ExpectedFailure("patch-json", 2, .invalid, says: "error in our request"),
    ExpectedFailure(
      "create-field-validation", 3, .badRequest, says: "unknown field \"spec.serviceAccountName\""),
    ExpectedFailure("http-connections", 10, .badRequest, says: "missing required Host header"),
    // What the server does not do or take.
    ExpectedFailure("create-check-order", 2, .unsupported, says: "media types are accepted"),
    ExpectedFailure("create-check-order", 4, .unsupported, says: "unknown format"),
    ExpectedFailure("http-request-bodies", 4, .unsupported, says: "the answer has no body"),
    ExpectedFailure("http-request-bodies", 8, .unsupported, says: "Unsupported transfer encoding"),
    ExpectedFailure("status-subresource", 9, .unsupported, says: "delete is not supported"),
    ExpectedFailure(
      "http-request-bodies", 10, .tooLarge, says: "431 Request Header Fields Too Large"),
    ExpectedFailure("create-size-limits", 4, .tooLarge, says: "limit is 3145728"),
    ExpectedFailure("create-size-limits", 1, .tooLarge, says: "etcdserver: request is too large"),
    ExpectedFailure(
      "create-size-limits", 2, .tooLarge, says: "trying to send message larger than max"),
    // 429 and 504.
    ExpectedFailure(
      "too-many-requests", 3, .tooManyRequests, .after(.seconds(1)),
      says: "Too many requests, please try again later."),
    ExpectedFailure(
      "create-query-parameters", 4, .timeout, .backoff, .ambiguous,
      says: "Timeout: request did not complete within the allotted timeout"),
    ExpectedFailure(
      "webhook-unavailable", 2, .timeout, .backoff, .ambiguous, says: "within the allotted timeout"),
    ExpectedFailure(
      "get-one", 3, .timeout, .after(.seconds(1)), says: "Too large resource version: 999999999"),
    // 500: ours, and the webhook's.
    ExpectedFailure(
      "create-bad-metadata", 14, .rejected, says: "resourceVersion should not be set on objects"),
    ExpectedFailure("get-one", 4, .rejected, says: "strconv.ParseUint"),
    ExpectedFailure("patch-apply", 12, .rejected, says: "field not declared in schema"),
    ExpectedFailure("http-request-bodies", 9, .rejected, says: "invalid byte in chunk length"),
    ExpectedFailure(
      "webhook-unavailable", 0, .webhookUnavailable, .backoff, says: "service \"policy\" not found"),
    ExpectedFailure(
      "create-size-limits", 3, .webhookUnavailable, .backoff, says: "failed to call webhook"),
  ]

  @Test(arguments: failures)
  func `a recorded failure is told apart from its neighbours`(_ expected: ExpectedFailure) throws {
    let exchange = try Recording.exchange(expected.scenario, expected.index)
    let answer = try #require(exchange.answer)
    let error = try #require(throws: KubernetesError.self) {
      try AnswerDecoder.object(in: answer, to: exchange.request)
    }
    #expect(error.code == expected.code)
    #expect(error.retry == expected.retry)
    #expect(error.outcome == expected.outcome)
    #expect(error.httpStatus == answer.status.rawValue)
    #expect(error.message.contains(expected.text), "\(error.message)")
    #expect(error.description.contains(error.message))
    #expect(error.operation == exchange.request.description)
  }

  @Test
  func `every recorded answer is read as what its status line says`() throws {
    var successes = 0
    var failures = 0
    for scenario in try Recording.scenarios() {
      for exchange in try Recording.exchanges(of: scenario) where !exchange.isWatch {
        guard let answer = exchange.answer else { continue }
        let isObject = answer.body.first == UInt8(ascii: "{")
        do throws(KubernetesError) {
          let object = try AnswerDecoder.object(in: answer, to: exchange.request)
          #expect(answer.status.isSuccess, "\(exchange.testDescription)")
          #expect(object.objectValue != nil)
          successes += 1
        } catch {
          failures += 1
          let place = Comment(rawValue: "\(exchange.testDescription): \(error)")
          #expect(error.httpStatus == answer.status.rawValue, place)
          #expect(!error.message.isEmpty, place)
          if answer.status.isSuccess {
            #expect(!isObject && error.code == .undecodable, place)
          } else if isObject {
            let status = try JSONValue.parse(answer.body)
            #expect(error.message == status["message"]?.stringValue, place)
            #expect(error.reason == status["reason"]?.stringValue, place)
          }
          let isRefusal = (400...499).contains(answer.status.rawValue)
          if isRefusal, ![401, 408, 429].contains(answer.status.rawValue) {
            #expect(error.isPermanent, place)
          }
          if isRefusal { #expect(error.outcome == .notPerformed, place) }
        }
      }
    }
    #expect(successes > 350, "\(successes) successes")
    #expect(failures > 350, "\(failures) failures")
  }

  @Test
  func `the causes of an invalid object keep their fields`() throws {
    let exchange = try Recording.exchange("create-bad-metadata", 0)
    let error = try #require(throws: KubernetesError.self) {
      try AnswerDecoder.object(in: try #require(exchange.answer), to: exchange.request)
    }
    #expect(error.causes.map(\.field) == ["metadata.labels"])
    #expect(error.causes.map(\.reason) == ["FieldValueInvalid"])
    #expect(error.subject?.kind == "PipelineRun")
    #expect(error.subject?.name == "l1")
  }

  @Test
  func `dropped fields are read from the Warning lines`() throws {
    let exchange = try Recording.exchange("create-field-validation", 0)
    #expect(
      AnswerDecoder.warnings(in: try #require(exchange.answer).fields) == [
        "unknown field \"spec.pipelineRef.colour\"", "unknown field \"spec.serviceAccountName\"",
        "unknown field \"spec.timeouts.whole\"",
      ])
  }

  @Test
  func `the recorded lists of resources give names and scopes`() throws {
    let core = try list("discovery", 7, "v1")
    #expect(core["Secret"]?.name == "secrets")
    #expect(core["Secret"]?.scope == .namespaced)
    #expect(core["Namespace"]?.scope == .cluster)
    let tekton = try list("discovery", 2, "tekton.dev/v1")
    #expect(tekton["PipelineRun"]?.name == "pipelineruns")
    #expect(tekton["PipelineRun"]?.description == "pipelineruns.tekton.dev")
    #expect(tekton["Nothing"] == nil)
    #expect(tekton.suggestion(for: "pipelineruns") == "PipelineRun")
  }

  private func list(_ scenario: String, _ index: Int, _ apiVersion: String) throws -> ResourceList {
    let exchange = try Recording.exchange(scenario, index)
    let object = try AnswerDecoder.object(
      in: try #require(exchange.answer), to: exchange.request)
    return try #require(
      ResourceList(object, groupVersion: try GroupVersion(apiVersion: apiVersion)))
  }
}
