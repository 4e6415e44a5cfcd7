// What every request has in common: credentials, the warnings of the answer, the second try.

import Crypto
import HTTPWire
import JSON
import Logging
import Reactor

/// Sends requests in our name.
///
/// *Secrets.* The token goes into the `Authorization` field and nowhere else. A failure that quotes
/// it (a proxy's error page may) has it replaced.
struct RequestSender: Sendable {
  let transport: any KubernetesTransport
  let basePath: String
  let token: BearerToken?
  let userAgent: String
  let timeLimit: Duration
  let logger: Logger
  let clock: any MonotonicClock

  /// Sends a request and decodes the object in the answer.
  ///
  /// After a 401 it is sent once more with the token that is then in the file: a refused request
  /// has done nothing.
  func object(for request: KubernetesRequest) async throws(KubernetesError) -> JSONValue {
    do throws(KubernetesError) {
      return try AnswerDecoder.object(in: try await answer(to: request), to: request)
    } catch {
      guard let secret = token?.last else { throw error }
      throw error.replacing(secret)
    }
  }

  private func answer(
    to request: KubernetesRequest
  ) async throws(KubernetesError) -> KubernetesAnswer {
    let answer = try await attempt(request)
    guard answer.status == .unauthorized, token?.isRenewable == true else { return answer }
    return try await attempt(request)
  }

  private func attempt(
    _ request: KubernetesRequest
  ) async throws(KubernetesError) -> KubernetesAnswer {
    var fields = request.fields
    fields["User-Agent"] = userAgent
    if let token {
      do throws(KubernetesError) {
        fields.append(name: "Authorization", value: Self.bearer(try await token.current()))
      } catch {
        var error = error
        error.operation = request.description
        throw error
      }
    }
    let begunAt = clock.now
    let answer: KubernetesAnswer
    do throws(TransportFailure) {
      answer = try await transport.send(
        TransportRequest(
          method: request.method, target: basePath + request.target, fields: fields,
          body: request.body, repeatability: request.repeatability),
        within: timeLimit)
    } catch {
      throw KubernetesError(error, request: request)
    }
    if answer.status == .unauthorized { token?.refused(requestBegunAt: begunAt) }
    for warning in AnswerDecoder.warnings(in: answer) {
      logger.warning(
        "the API server warns", metadata: ["warning": "\(warning)", "request": "\(request)"])
    }
    return answer
  }

  private static func bearer(_ secret: SecretBytes) -> [UInt8] {
    var value = Array("Bearer ".utf8)
    secret.withBytes { bytes in
      for index in bytes.indices { value.append(bytes[index]) }
    }
    return value
  }
}

extension KubernetesError {
  /// The error with `<token>` where its texts quote the secret.
  func replacing(_ secret: SecretBytes) -> Self {
    // A secret this short is no token, and would tear up ordinary words.
    guard secret.count >= Self.scrubbedByteCountMin else { return self }
    let text = secret.withBytes { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
    let scrub = { (message: String) in message.replacing(text, with: "<token>") }
    var error = self
    error.message = scrub(message)
    error.causes = causes.map { cause in
      var cause = cause
      cause.message = scrub(cause.message)
      return cause
    }
    return error
  }

  private static let scrubbedByteCountMin = 8
}
