// What goes into the `Authorization` field.

import Bytes
import Crypto
import Logging
import Reactor

/// Who we are to the API server, beyond a certificate.
enum Authenticator: Sendable {
  /// Nobody, or whoever the certificate says.
  case anonymous
  case token(BearerToken)
  /// The value of the field, for a name and a password.
  case password(SecretBytes)
  case program(ProgramCredentials)

  init(
    _ configuration: ClusterConfiguration, program: ProgramCredentials?, logger: Logger,
    clock: any MonotonicClock
  ) {
    if let token = configuration.token {
      self = .token(BearerToken(token, logger: logger, clock: clock))
    } else if let password = configuration.password {
      self = .password(SecretBytes(copying: Self.basic(password).span))
    } else if let program {
      self = .program(program)
    } else {
      self = .anonymous
    }
  }

  /// Whether asking again may give other credentials.
  var isRenewable: Bool {
    switch self {
    case .anonymous, .password: false
    case .token(let token): token.isRenewable
    case .program: true
    }
  }

  /// The secret that was sent last, to be looked for in texts; nil if there was none yet.
  var last: SecretBytes? {
    switch self {
    case .anonymous: nil
    case .token(let token): token.last
    case .password(let value): value
    case .program(let program): program.lastToken
    }
  }

  /// The field's value for the next request; nil for none.
  func authorization() async throws(KubernetesError) -> [UInt8]? {
    switch self {
    case .anonymous: nil
    case .token(let token): Self.bearer(try await token.current())
    case .password(let value): value.copy()
    case .program(let program): try await program.current().token.map(Self.bearer)
    }
  }

  /// The server refused a request that began at `instant`: what was read before that is stale.
  func refused(requestBegunAt instant: MonotonicInstant) {
    switch self {
    case .anonymous, .password: break
    case .token(let token): token.refused(requestBegunAt: instant)
    case .program(let program): program.refused(requestBegunAt: instant)
    }
  }

  private static func bearer(_ token: SecretBytes) -> [UInt8] {
    var value: [UInt8] = []
    value.reserveCapacity(token.count + 7)
    value += "Bearer ".utf8
    token.withBytes { bytes in
      for index in bytes.indices { value.append(bytes[index]) }
    }
    return value
  }

  /// RFC 7617 §2.
  private static func basic(_ password: ClusterConfiguration.Password) -> [UInt8] {
    let pair = Array("\(password.user):".utf8) + password.password.copy()
    return Array("Basic \(Base64.encode(pair))".utf8)
  }
}
