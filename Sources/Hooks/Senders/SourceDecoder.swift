// From `spec.source` to a source.
//
//   type: a SourceKind
//   secrets: 1 to 8 of SECRET                       see SecretDecoder.swift; none where a client
//                                                   certificate is the only proof
//   clientCertificates?: 1 to 64 names              of which the sender's certificate must have one, as
//                                                   common name, DNS name, URI or e-mail address
//   allow?: 1 to 256 of: a range of addresses       see AddressRange.swift
//                      / { githubMeta: path } / { atlassianRanges: path }     see AddressFile.swift
//   replayWindow?: a duration such as 24h, or none  bodies that repeat within it make nothing
//   api?: API                                       asked for changed files, see ProviderAPI.swift
//
// With type github:
//   allowSHA1?: true        a delivery with X-Hub-Signature alone counts as well
// With type azure-devops:
//   token?: header name     the secret stands in this header, instead of a user and password
// With type custom:
//   one of signature: SCHEME / token: header name / authorization: bearer or basic, or none of them
//   with clientCertificates                         see SchemeDecoder.swift
//   event?: { header: name } / { body: path }       where the event's name is
//   delivery?: { header: name } / { body: path }    where the delivery's id is
//   ping?: the event that tries out the address

import Bytes
import YAML

/// Reads one source.
struct SourceDecoder {
  private let secretDecoder: SecretDecoder

  /// The source; nil when there is none or it has errors.
  static func decode(
    _ value: PlacedNode?, secrets: SecretDecoder, reader: inout DocumentReader
  ) -> Source? {
    SourceDecoder(secretDecoder: secrets).source(value, &reader)
  }

  private func source(_ value: PlacedNode?, _ reader: inout DocumentReader) -> Source? {
    guard let object = reader.object(value, fields: Self.commonFields + Self.specialFields) else {
      return nil
    }
    let kind = reader.choice(
      reader.required(object, "type"), of: SourceKind.self, what: "source type")
    let profile = kind.flatMap { self.profile($0, object, &reader) }
    let names = certificateNames(object["clientCertificates"], &reader)
    let (allow, files) = addresses(object["allow"], &reader)
    let window = replayWindow(object["replayWindow"], &reader)
    let api = ProviderAPI.decode(object["api"], of: kind, secrets: secretDecoder, reader: &reader)
    let secrets = secrets(object, profile, &reader)
    guard let kind, let profile, let secrets else { return nil }
    return Source(
      kind: kind, profile: profile, secrets: secrets, certificateNames: names, allow: allow,
      allowFiles: files, replayWindow: window, api: api)
  }

  // MARK: - The kind

  private func profile(
    _ kind: SourceKind, _ object: PlacedObject, _ reader: inout DocumentReader
  ) -> SenderProfile? {
    let fields = Self.specialFields(of: kind)
    for field in Self.specialFields where !fields.contains(field) {
      guard let place = object[field]?.place else { continue }
      reader.error(place, "has no meaning for a source of type \(kind.rawValue)")
    }
    var profile = kind.profile
    switch kind {
    case .github:
      if reader.flag(object["allowSHA1"]) == true {
        profile.methods.append(.signature(.hubSHA1))
        profile.weakHeader = nil
      }
    case .azureDevOps:
      if let header = HeaderName.read(object["token"], reader: &reader) {
        profile.methods = [.token(header: header)]
      }
    case .custom:
      guard let method = method(object, &reader) else { return nil }
      profile.methods = method.map { [$0] } ?? []
      profile.eventName.locations = location(object["event"], &reader).map { [$0] } ?? []
      profile.deliveryID = location(object["delivery"], &reader).map { [$0] } ?? []
      profile.greeting = reader.text(object["ping"]).map { .ping($0) }
      if let place = object["ping"]?.place, object["event"] == nil {
        reader.error(place, "has no meaning without event, which says where the name is")
      }
    default: break
    }
    return profile
  }

  /// The proof of a custom sender: nil when there is an error, and a nil within when a client
  /// certificate is the only one.
  private func method(
    _ object: PlacedObject, _ reader: inout DocumentReader
  ) -> AuthenticationMethod?? {
    let given = Self.proofFields.filter { object[$0] != nil }
    guard given.count <= 1 else {
      reader.error(object.place, "give only one of \(Self.proofFields.joined(separator: ", "))")
      return nil
    }
    switch given.first {
    case "signature":
      return SchemeDecoder.decode(object["signature"], reader: &reader).map { .signature($0) }
    case "token":
      return HeaderName.read(object["token"], reader: &reader).map { .token(header: $0) }
    case "authorization":
      let choice = reader.choice(
        object["authorization"], of: AuthorizationScheme.self, what: "authorization")
      return choice.map { $0 == .bearer ? .bearer : .basic }
    default:
      guard object["clientCertificates"] == nil else { return .some(nil) }
      reader.error(
        object.place,
        "the sender proves nothing: give signature, token, authorization or clientCertificates")
      return nil
    }
  }

  private enum AuthorizationScheme: String, CaseIterable {
    case bearer
    case basic
  }

  private func location(
    _ value: PlacedNode?, _ reader: inout DocumentReader
  ) -> SenderProfile.Location? {
    guard let object = reader.object(value, fields: ["header", "body"]) else { return nil }
    switch (object["header"], object["body"]) {
    case (let header?, nil): return HeaderName.read(header, reader: &reader).map { .header($0) }
    case (nil, let path?):
      guard let text = reader.text(path) else { return nil }
      let keys = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard keys.allSatisfy({ !$0.isEmpty }), keys.count <= Self.pathLimit else {
        reader.error(path.place, "\"\(text)\" is not a path: write it as data.type")
        return nil
      }
      return .body(keys.map { String(Substring($0)) })
    default:
      reader.error(object.place, "give exactly one of header and body")
      return nil
    }
  }

  // MARK: - Secrets and certificates

  private func secrets(
    _ object: PlacedObject, _ profile: SenderProfile?, _ reader: inout DocumentReader
  ) -> [SourceSecret]? {
    if let profile, profile.methods.isEmpty {
      guard let place = object["secrets"]?.place else { return [] }
      reader.error(
        place, "has no meaning without signature, token or authorization: nothing uses it")
      return nil
    }
    guard let items = reader.list(reader.required(object, "secrets")) else { return nil }
    if items.count > Source.secretLimit, let place = object["secrets"]?.place {
      reader.error(place, "has \(items.count) secrets, at most \(Source.secretLimit) are allowed")
    }
    let takesKeys = profile?.methods.contains { method in
      if case .signature(let scheme) = method { scheme.method == .ed25519 } else { false }
    }
    return items.compactMap {
      secretDecoder.decode(
        $0, publicKeys: takesKeys == true ? .allowed : .refused, reader: &reader)
    }
  }

  private func certificateNames(
    _ value: PlacedNode?, _ reader: inout DocumentReader
  ) -> [String] {
    let names = reader.texts(value) ?? []
    if names.count > Source.certificateNameLimit, let place = value?.place {
      reader.error(
        place, "has \(names.count) names, at most \(Source.certificateNameLimit) are allowed")
    }
    return names.map(\.text)
  }

  // MARK: - Addresses and time

  private func addresses(
    _ value: PlacedNode?, _ reader: inout DocumentReader
  ) -> ([AddressRange], [AddressFile]) {
    let items = reader.list(value) ?? []
    if items.count > Source.allowLimit, let place = value?.place {
      reader.error(place, "has \(items.count) ranges, at most \(Source.allowLimit) are allowed")
    }
    var ranges: [AddressRange] = []
    var files: [AddressFile] = []
    var seen: Set<String> = []
    for item in items {
      if item.node.mapping != nil {
        if let file = addressFile(item, &reader) { files.append(file) }
        continue
      }
      guard let text = reader.text(item) else { continue }
      guard seen.insert(text).inserted else {
        reader.error(item.place, "\"\(text)\" is given twice")
        continue
      }
      do throws(AddressRangeError) {
        ranges.append(try AddressRange(parsing: text))
      } catch {
        reader.error(item.place, "\(error)", suggestion: error.suggestion)
      }
    }
    return (ranges, files)
  }

  private func addressFile(
    _ value: PlacedNode, _ reader: inout DocumentReader
  ) -> AddressFile? {
    let forms = AddressFile.Form.allCases.map(\.rawValue)
    guard let object = reader.object(value, fields: forms) else { return nil }
    let given = AddressFile.Form.allCases.filter { object[$0.rawValue] != nil }
    guard given.count == 1, let form = given.first else {
      reader.error(object.place, "give exactly one of \(forms.joined(separator: " and "))")
      return nil
    }
    return reader.text(object[form.rawValue]).map { AddressFile(form, path: $0) }
  }

  /// Nil for the usual one.
  private func replayWindow(
    _ value: PlacedNode?, _ reader: inout DocumentReader
  ) -> ReplayWindow? {
    guard let value, let text = reader.text(value) else { return nil }
    if text == "none" { return ReplayWindow.none }
    do throws(GoDurationError) {
      let window = try GoDuration(text).duration
      if window >= .seconds(1), window <= ReplayWindow.max { return .remembered(window) }
      reader.error(value.place, "\(text) is out of bounds: from 1s to 168h, or none")
    } catch {
      reader.error(
        value.place, "\"\(text)\" is not a duration: write 24h, 90m or 30s, or none")
    }
    return nil
  }

  private static let commonFields = [
    "type", "secrets", "clientCertificates", "allow", "replayWindow", "api",
  ]
  private static let proofFields = ["signature", "token", "authorization"]
  private static let specialFields =
    proofFields + ["event", "delivery", "ping", "allowSHA1"]

  private static func specialFields(of kind: SourceKind) -> [String] {
    switch kind {
    case .github: ["allowSHA1"]
    case .azureDevOps: ["token"]
    case .custom: proofFields + ["event", "delivery", "ping"]
    default: []
    }
  }

  /// Levels of a path into a body: deeper than any sender puts a name.
  private static let pathLimit = 16
}
