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
      var answer = try await answer(to: request)
      // Before a message is cut: of a token that the cut divides, most would be left.
      if !answer.status.isSuccess, let secret = token?.last {
        answer.body = Self.hiding(secret, in: answer.body)
      }
      return try AnswerDecoder.object(in: answer, to: request)
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
      let text = token?.last.map { Self.hiding($0, in: warning) } ?? warning
      logger.warning(
        "the API server warns", metadata: ["warning": "\(text)", "request": "\(request)"])
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
