// Asks Git hosts for changed files.

import Bytes
import Crypto
import HTTPClient
import HTTPWire
import Hooks
import JSON
import Kubernetes
package import Reactor
import Synchronization
import TLS

/// The way to the APIs of Git hosts: TLS, and only to the addresses that the configuration names.
///
/// Redirects are not followed, and no address in an answer is: the token goes to one host.
///
/// *Limits.* ``timeLimit`` for a list, ``answerByteLimit`` for each of its pages,
/// ``connectionCountMax`` answers at once on each loop and host.
package final class ProviderClient: Sendable {
  /// Why a token cannot be had.
  package struct TokenProblem: Error {
    let message: String
  }

  typealias TokenSource = @Sendable (SecretReference) async throws(TokenProblem) -> SecretBytes

  /// What came of asking.
  enum Answer: Sendable, Equatable {
    case files(ChangedFiles)
    /// Not now.
    case again(KubernetesError.RetryAdvice, RunFailure)
    /// The host will not say.
    case refused(RunFailure)
  }

  private struct Server: Hashable {
    let address: ServerAddress
    let certificateAuthority: String?
  }

  private let loops: EventLoopGroup
  private let token: TokenSource
  private let clock: any MonotonicClock
  private let clients = Mutex<[Server: HTTPClient]>([:])

  /// - Parameter token: reads a token, anew for each list so that a renewed one is used.
  init(
    loops: EventLoopGroup, clock: any MonotonicClock = SystemMonotonicClock(),
    token: @escaping TokenSource
  ) {
    self.loops = loops
    self.clock = clock
    self.token = token
  }

  /// - Parameter secrets: where tokens are read.
  package convenience init(loops: EventLoopGroup, secrets: SecretResolver) {
    self.init(loops: loops) { reference throws(TokenProblem) in
      do throws(SecretResolver.Unavailable) {
        return try await secrets.secret(reference)
      } catch {
        throw TokenProblem(message: "\(reference): \(error.message)")
      }
    }
  }

  /// Asks a host for the files that an event changed.
  func files(_ question: FilesQuestion, of kind: SourceKind, at api: ProviderAPI) async -> Answer {
    guard let dialect = FilesDialect(kind), var conversation = FilesConversation(dialect, question)
    else {
      return .refused(
        RunFailure(
          reason: Self.reason,
          message: "\(kind.rawValue) has no repository \(question.repository.count) names deep"))
    }
    let end = clock.now.advanced(by: Self.timeLimit)
    let fields: HTTPFields
    let client: HTTPClient
    do throws(Stop) {
      fields = try await self.fields(dialect, api)
      client = try self.client(of: api)
    } catch {
      return error.answer
    }
    var step = conversation.begin
    while true {
      switch step {
      case .done(let files): return .files(files)
      case .get(let target):
        do throws(Stop) {
          let request = HTTPClientRequest(
            .get, api.address.basePath + target, fields: fields)
          let response = try await send(request, to: api, through: client, until: end)
          let body = try Self.json(response, of: api)
          guard let next = conversation.answered(body, fields: response.fields) else {
            throw .malformed(api)
          }
          step = next
        } catch .tooLarge {
          step = conversation.cut
        } catch {
          return error.answer
        }
      }
    }
  }

  /// Closes every connection.
  package func close() async {
    let clients = clients.withLock { clients in
      defer { clients = [:] }
      return Array(clients.values)
    }
    for client in clients { await client.close() }
  }

  /// The `reason` of decisions that were given up because of the host.
  static let reason = "ChangedFilesUnknown"
  /// All pages together; a deferred decision in flight holds up a stop for as long.
  private static let timeLimit = Duration.seconds(30)
  /// GitHub's pages of 100 files come with their patches.
  private static let answerByteLimit = 8 << 20
  private static let connectionCountMax = 2
}

// MARK: - One request

extension ProviderClient {
  /// Why there is no list.
  private enum Stop: Error {
    case failed(Answer)
    /// The page has more bytes than are read.
    case tooLarge

    var answer: Answer {
      switch self {
      case .failed(let answer): answer
      case .tooLarge:
        .refused(RunFailure(reason: ProviderClient.reason, message: "the answer is too large"))
      }
    }

    static func again(_ message: String, _ advice: KubernetesError.RetryAdvice = .backoff) -> Stop {
      .failed(.again(advice, RunFailure(reason: ProviderClient.reason, message: message)))
    }

    static func refused(_ message: String) -> Stop {
      .failed(.refused(RunFailure(reason: ProviderClient.reason, message: message)))
    }

    static func malformed(_ api: ProviderAPI) -> Stop {
      .again("\(api.address) answered with something else than a list of changed files")
    }
  }

  private func fields(_ dialect: FilesDialect, _ api: ProviderAPI) async throws(Stop) -> HTTPFields
  {
    let secret: SecretBytes
    do throws(TokenProblem) {
      secret = try await token(api.token)
    } catch {
      throw .again("the token is not to be had: \(error.message)")
    }
    let bytes = secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    // Anything else would end the field, or is no token.
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .refused("\(api.token) is no token: it has characters that no token has")
    }
    var fields: HTTPFields = ["Accept": "application/json", "User-Agent": "hookline"]
    fields.append(name: "Authorization", value: dialect.authorization(bytes))
    return fields
  }

  private func client(of api: ProviderAPI) throws(Stop) -> HTTPClient {
    let server = Server(address: api.address, certificateAuthority: api.certificateAuthority)
    if let client = clients.withLock({ $0[server] }) { return client }
    var configuration = HTTPClientConfiguration()
    configuration.responseByteCountMax = Self.answerByteLimit
    configuration.connectionsPerLoop = Self.connectionCountMax
    let origin: HTTPOrigin
    do {
      let trust: TLSTrust =
        try api.certificateAuthority.map { .certificates(pem: try LocalFile.read($0)) } ?? .system
      origin = try HTTPOrigin(
        tls: try TLSClientContext(trust: trust), host: api.address.host, port: api.address.port)
    } catch {
      throw .again("\(api.address) cannot be asked: \(error)")
    }
    let client = HTTPClient(origin: origin, configuration: configuration, loops: loops)
    // Whoever came first wins; a client that never connected has nothing to close.
    return clients.withLock { clients in
      if let other = clients[server] { return other }
      clients[server] = client
      return client
    }
  }

  private func send(
    _ request: HTTPClientRequest, to api: ProviderAPI, through client: HTTPClient,
    until end: MonotonicInstant
  ) async throws(Stop) -> HTTPClientResponse {
    let left = clock.now.duration(to: end)
    guard left > .zero else { throw .again("\(api.address) took too long to list the files") }
    let response: HTTPClientResponse
    do throws(HTTPClientError) {
      response = try await client.send(request, within: left)
    } catch {
      if case .invalidResponse(.bodyTooLarge) = error.code { throw .tooLarge }
      // The file of certificates may have been renewed.
      if error.code == .tlsFailed { clients.withLock { $0 = $0.filter { $0.value !== client } } }
      throw .again("\(api.address): \(error)")
    }
    guard !response.status.isSuccess else { return response }
    throw Self.failure(response, of: api)
  }

  private static func json(
    _ response: HTTPClientResponse, of api: ProviderAPI
  ) throws(Stop) -> JSONView {
    do throws(JSONError) {
      return try JSONDocument.parse(response.body).root
    } catch {
      throw .malformed(api)
    }
  }

  private static func failure(_ response: HTTPClientResponse, of api: ProviderAPI) -> Stop {
    let status = response.status.rawValue
    let text = "\(api.address) answered \(status)"
    let wait = RetryWait(response.fields)
    switch status {
    case 300..<400: return .refused("\(text), a redirect, which is not followed: correct api.url")
    case 401: return .again("\(text): the token of spec.source.api is not accepted")
    case 403 where wait.isLimit, 408, 425, 429, 500...: return .again(text, wait.advice)
    default:
      return .refused("\(text): does the token of spec.source.api reach the repository?")
    }
  }
}

/// When a host that has had enough wants to be asked again.
struct RetryWait: Equatable {
  let advice: KubernetesError.RetryAdvice
  /// Whether the host says that a limit is reached.
  let isLimit: Bool

  /// Reads `Retry-After` in seconds, and GitHub's `X-RateLimit-Remaining`. An hour at most is waited
  /// for: whatever a host counts, it counts by the hour.
  init(_ fields: HTTPFields) {
    let seconds = fields["Retry-After"].flatMap { Decimal.parse($0.utf8) }
    let isUsedUp = fields["X-RateLimit-Remaining"] == "0"
    isLimit = seconds != nil || isUsedUp
    if let seconds {
      advice = .after(.seconds(Int64(min(seconds, Self.longest))))
    } else {
      // When the hour ends, only the time of day says; looking each minute costs little.
      advice = isUsedUp ? .after(.seconds(60)) : .backoff
    }
  }

  private static let longest: UInt64 = 3600
}
