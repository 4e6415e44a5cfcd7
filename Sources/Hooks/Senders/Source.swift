// Who may send deliveries to a hook, and what their payloads mean.

import Bytes
package import Crypto
package import JSON

/// The values of a header field, by its name in any case, in the order of the message.
package typealias HeaderLookup = (String) -> [String]

/// The look-up in fields that are in no message: of a command line, a file, a test.
package func headerLookup(_ fields: [(name: String, value: String)]) -> HeaderLookup {
  { name in fields.filter { ASCII.equalsIgnoringCase($0.name, name) }.map(\.value) }
}

/// The sender of a hook's deliveries.
package struct Source: Sendable {
  package let kind: SourceKind
  package let profile: SenderProfile
  /// The secrets, any of which may have signed: at least one, at most ``secretLimit``, unless a
  /// client certificate is the only proof.
  package let secrets: [SourceSecret]
  /// Names of client certificates of which the sender must show one; none are asked for if there
  /// are none. At most ``certificateNameLimit``.
  package let certificateNames: [String]
  /// Where deliveries may come from: at most ``allowLimit`` ranges; any address if there are none,
  /// and no ``allowFiles`` either.
  package let allow: [AddressRange]
  /// Files with further ranges.
  package let allowFiles: [AddressFile]
  /// How long a verified body is remembered: one that comes again under another delivery id within
  /// it is a replay and makes nothing. Nil when bodies may repeat.
  package let replayWindow: Duration?
  /// Where changed files are asked for; nil when nothing may be asked.
  package let api: ProviderAPI?

  /// - Parameters:
  ///   - profile: nil for the kind's own.
  ///   - replayWindow: nil for ``SenderProfile/replayWindow``.
  package init(
    kind: SourceKind, profile: SenderProfile? = nil, secrets: [SourceSecret],
    certificateNames: [String] = [], allow: [AddressRange] = [], allowFiles: [AddressFile] = [],
    replayWindow: ReplayWindow? = nil, api: ProviderAPI? = nil
  ) {
    self.kind = kind
    let profile = profile ?? kind.profile
    self.profile = profile
    self.secrets = secrets
    self.certificateNames = certificateNames
    self.allow = allow
    self.allowFiles = allowFiles
    self.replayWindow = (replayWindow ?? profile.replayWindow).duration
    self.api = api
  }

  /// Why the delivery's media type is refused, with what to change; nil when it is fine. Answered
  /// with 415 and decided from the head alone.
  package func mediaTypeProblem(_ fields: HeaderLookup) -> String? {
    guard let problem = MediaType.problem(with: fields("Content-Type")) else { return nil }
    if problem == .form, case .jsonOrForm = profile.body { return nil }
    return problem.description(sender: profile.title)
  }

  /// The check of who sent a delivery.
  ///
  /// - Parameter secrets: the material of ``secrets``, in their order.
  package func authentication(secrets: [SecretBytes]) -> SenderAuthentication {
    // Slack signs the form as it comes, the others the JSON in it.
    let signedField: String? =
      if case .jsonOrForm(let field, .required) = profile.body { field } else { nil }
    return SenderAuthentication(
      profile.methods, secrets: secrets, expiries: self.secrets.map(\.notAfter),
      formField: signedField, weakHeader: profile.weakHeader, certificateNames: certificateNames)
  }

  /// The payload of a verified delivery: its body, or what its form holds.
  package func payload(
    fields: HeaderLookup, body: [UInt8]
  ) throws(MalformedPayload) -> JSONDocument {
    var text = body
    if case .jsonOrForm(let field, let presence) = profile.body,
      MediaType.problem(with: fields("Content-Type")) == .form
    {
      if let value = FormBody.value(of: field, in: body) {
        text = value
      } else if presence == .required {
        throw MalformedPayload(message: "the form has not one field \(field) with the payload")
      } else {
        guard let object = FormBody.object(body) else {
          throw MalformedPayload(message: "the form is not percent-encoded UTF-8")
        }
        text = object.serialized()
      }
    }
    do throws(JSONError) {
      return try JSONDocument.parse(text)
    } catch {
      throw MalformedPayload(message: "the payload is not JSON: \(error)")
    }
  }

  /// What a verified delivery says.
  package func delivery(fields: @escaping HeaderLookup, body: JSONView) -> SourceDelivery {
    profile.delivery(kind: kind, fields: fields, body: body)
  }

  /// How many secrets may be valid at once: rotation needs two, and each costs one digest of the body.
  package static let secretLimit = 8
  /// How many ranges of addresses there may be: GitHub has six, and each delivery looks at them all.
  package static let allowLimit = 256
  /// How many names of client certificates there may be: more are an authority of its own.
  package static let certificateNameLimit = 64
  /// A body is not remembered for longer than its delivery, which the journal keeps for a week.
  package static let replayWindowMax = Duration.seconds(7 * 24 * 3600)
}

/// What a verified delivery says.
package enum SourceDelivery: Equatable, Sendable {
  /// The sender tries out the address.
  case ping
  /// The sender wants this text back.
  case challenge(String)
  /// What happened; one push that moves several refs is several events. Never empty.
  case events([Event], id: String?)
  /// The sender signed something that cannot be what it claims to be.
  case malformed(String)
}

extension FormBody {
  /// The fields as an object of texts, of a repeated one the first; nil when one is not
  /// percent-encoded UTF-8.
  fileprivate static func object(_ body: [UInt8]) -> JSONValue? {
    var object = JSONObject()
    for pair in body.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(parts[0]).flatMap({ String(validating: $0, as: UTF8.self) }),
        let value = decoded(parts.count == 2 ? parts[1] : []).flatMap({
          String(validating: $0, as: UTF8.self)
        })
      else { return nil }
      if !object.contains(name) { object[name] = .string(value) }
    }
    return .object(object)
  }
}
