// What every request has in common: credentials, the warnings of the answer, the second try.

import Crypto
import HTTPWire
import JSON
import Logging
import Reactor

/// Sends requests in our name.
///
/// *Secrets.* What authenticates us goes into the `Authorization` field and nowhere else. A failure that quotes
/// it (a proxy's error page may) has it replaced.
struct RequestSender: Sendable {
  let transport: any KubernetesTransport
  let basePath: String
  let authenticator: Authenticator
  let impersonation: Impersonation?
  let userAgent: String
  let timeLimit: Duration
  let logger: Logger
  let clock: any MonotonicClock
  let warnings: WarningLog

  /// Sends a request and decodes the object in the answer.
  ///
  /// After a 401 it is sent once more with the token that is then in the file: a refused request
  /// has done nothing.
  func object(for request: KubernetesRequest) async throws(KubernetesError) -> JSONValue {
    do throws(KubernetesError) {
      var answer = try await answer(to: request)
      // Before a message is cut: of a token that the cut divides, most would be left.
      if !answer.status.isSuccess, let secret = authenticator.last {
        answer.body = Self.hiding(secret, in: answer.body)
      }
      return try AnswerDecoder.object(in: answer, to: request)
    } catch {
      guard let secret = authenticator.last else { throw error }
      throw error.replacing(secret)
    }
  }

  /// Sends a request whose answer has no end of its own.
  ///
  /// - Parameter silenceLimit: For each part of the body.
  /// - Throws: As ``object(for:)``, for an answer that is a failure.
  func stream(
    for request: KubernetesRequest, silenceLimit: Duration
  ) async throws(KubernetesError) -> KubernetesStream {
    var stream = try await opened(request, silenceLimit: silenceLimit)
    if stream.status == .unauthorized, authenticator.isRenewable {
      stream.cancel()
      stream = try await opened(request, silenceLimit: silenceLimit)
    }
    guard !stream.status.isSuccess else { return stream }
    throw await failure(in: stream, request)
  }

  private func answer(
    to request: KubernetesRequest
  ) async throws(KubernetesError) -> KubernetesAnswer {
    let answer = try await attempt(request)
    guard answer.status == .unauthorized, authenticator.isRenewable else { return answer }
    return try await attempt(request)
  }

  private func attempt(
    _ request: KubernetesRequest
  ) async throws(KubernetesError) -> KubernetesAnswer {
    try await authenticated(request) { (ready) async throws(TransportFailure) in
      let answer = try await transport.send(ready, within: timeLimit)
      return (answer, answer.status, answer.fields)
    }
  }

  private func opened(
    _ request: KubernetesRequest, silenceLimit: Duration
  ) async throws(KubernetesError) -> KubernetesStream {
    try await authenticated(request) { (ready) async throws(TransportFailure) in
      let stream = try await transport.open(ready, within: timeLimit, silenceLimit: silenceLimit)
      return (stream, stream.status, stream.fields)
    }
  }

  /// Sends a request in our name and looks at what every answer may say.
  private func authenticated<Answer>(
    _ request: KubernetesRequest,
    _ send: (TransportRequest) async throws(TransportFailure) -> (Answer, HTTPStatus, HTTPFields)
  ) async throws(KubernetesError) -> Answer {
    let fields = try await fields(of: request)
    let begunAt = clock.now
    let answer: (value: Answer, status: HTTPStatus, fields: HTTPFields)
    do throws(TransportFailure) {
      answer = try await send(
        TransportRequest(
          method: request.method, target: basePath + request.target, fields: fields,
          body: request.body, repeatability: request.repeatability))
    } catch {
      throw KubernetesError(error, request: request)
    }
    if answer.status == .unauthorized { authenticator.refused(requestBegunAt: begunAt) }
    warnings.note(answer.fields, request: request, hiding: authenticator.last)
    return answer.value
  }

  private func fields(of request: KubernetesRequest) async throws(KubernetesError) -> HTTPFields {
    var fields = request.fields
    fields.append(name: "User-Agent", value: userAgent)
    do throws(KubernetesError) {
      if let value = try await authenticator.authorization() {
        fields.append(name: "Authorization", value: value)
      }
    } catch {
      var error = error
      error.operation = request.description
      throw error
    }
    for (name, value) in impersonation?.fields ?? [] { fields.append(name: name, value: value) }
    return fields
  }

  /// What an answer to a stream's request says that is none.
  private func failure(
    in stream: KubernetesStream, _ request: KubernetesRequest
  ) async -> KubernetesError {
    var body: [UInt8] = []
    do throws(TransportFailure) {
      while body.count < Self.failureByteCountMax, let part = try await stream.next() {
        body += part
      }
    } catch {
      // The status says enough.
    }
    stream.cancel()
    if let secret = authenticator.last { body = Self.hiding(secret, in: body) }
    let answer = KubernetesAnswer(status: stream.status, fields: stream.fields, body: body)
    do throws(KubernetesError) {
      _ = try AnswerDecoder.object(in: answer, to: request)
      return KubernetesError(.undecodable, message: "the answer is no stream", retry: .backoff)
    } catch {
      return authenticator.last.map(error.replacing) ?? error
    }
  }

  /// How much of a failure's body is read.
  private static let failureByteCountMax = 1024 * 1024
}

// MARK: - Texts without the token

extension RequestSender {
  /// The bytes with `<token>` where they quote the secret. Bytes, not characters: a combining
  /// character behind the token does not make it another.
  static func hiding(_ secret: SecretBytes, in text: [UInt8]) -> [UInt8] {
    // A secret this short is no token, and would tear up ordinary words.
    guard secret.count >= hiddenByteCountMin else { return text }
    let token = secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    var result: [UInt8] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: token[0]) {
      result += rest[..<start]
      rest = rest[start...]
      if rest.starts(with: token) {
        result += "<token>".utf8
        rest = rest.dropFirst(token.count)
      } else {
        result.append(token[0])
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  static func hiding(_ secret: SecretBytes, in text: String) -> String {
    String(decoding: hiding(secret, in: Array(text.utf8)), as: UTF8.self)
  }

  private static let hiddenByteCountMin = 8
}

extension KubernetesError {
  /// The error with `<token>` where its texts quote the secret.
  func replacing(_ secret: SecretBytes) -> Self {
    func hidden(_ text: String) -> String { RequestSender.hiding(secret, in: text) }
    var error = self
    error.message = hidden(message)
    error.reason = reason.map(hidden)
    error.subject = subject.map {
      Subject(group: hidden($0.group), kind: hidden($0.kind), name: hidden($0.name))
    }
    error.causes = causes.map {
      Cause(
        reason: $0.reason.map(hidden), field: $0.field.map(hidden), message: hidden($0.message))
    }
    return error
  }
}
