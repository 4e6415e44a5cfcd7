// From `spec.source.signature` to a scheme: what the presets are, written by an operator.
//
//   algorithm: hmac-sha256 / hmac-sha384 / hmac-sha512 / hmac-sha1 / ed25519
//   header: the name of the header with the signature
//   format?: FORMAT          what its value looks like; "{digest}" where absent
//   encoding?: hex / base64  of the digest; hex where absent, base64 for ed25519
//   content?: CONTENT        what is signed; "{body}" where absent
//   timestamp?: { header?: name, tolerance?: duration }
//   key?: text / base64      how an HMAC's secret is written; text where absent. base64 may begin
//                            with whsec_. An Ed25519 key is always base64.
//
//   FORMAT  = PREFIX "{digest}"                             sha256={digest}
//           / VERSION ",{digest} ..."                       v1,{digest} ...      a list, by spaces
//           / KEY "={timestamp}," KEY "={digest}"           t={timestamp},v1={digest}
//   CONTENT = text with "{body}" once, and "{timestamp}" and "{header:NAME}" as wanted
//
// The signed text is bytes: CONTENT is cut at its placeholders, and nothing that is put in is looked
// at again.

import Bytes
import Crypto
import YAML

/// Reads one scheme.
struct SchemeDecoder {
  private let object: PlacedObject

  static func decode(
    _ value: PlacedNode?, reader: inout DocumentReader
  ) -> SignatureScheme? {
    let fields = [
      "algorithm", "header", "format", "encoding", "content", "timestamp", "key",
    ]
    guard let object = reader.object(value, fields: fields) else { return nil }
    return SchemeDecoder(object: object).scheme(&reader)
  }

  private enum Algorithm: String, CaseIterable {
    case sha256 = "hmac-sha256"
    case sha384 = "hmac-sha384"
    case sha512 = "hmac-sha512"
    case sha1 = "hmac-sha1"
    case ed25519

    var method: SignatureScheme.Method {
      switch self {
      case .sha256: .hmac(.sha256)
      case .sha384: .hmac(.sha384)
      case .sha512: .hmac(.sha512)
      case .sha1: .hmac(.sha1)
      case .ed25519: .ed25519
      }
    }
  }

  private enum KeyText: String, CaseIterable {
    case text
    case base64
  }

  private func scheme(_ reader: inout DocumentReader) -> SignatureScheme? {
    let algorithm = reader.choice(
      reader.required(object, "algorithm"), of: Algorithm.self, what: "algorithm")
    let header = HeaderName.read(reader.required(object, "header"), reader: &reader)
    let encoding = reader.choice(
      object["encoding"], of: SignatureScheme.Encoding.self, what: "encoding")
    let key = reader.choice(object["key"], of: KeyText.self, what: "form of the key")
    if algorithm == .ed25519, key == .text, let place = object["key"]?.place {
      reader.error(place, "a public key of Ed25519 is written in base64")
    }
    let grammar = object["format"].map { headerGrammar($0, &reader) } ?? .single(prefix: "")
    let content = object["content"].map { signedContent($0, &reader) } ?? [.body]
    guard let algorithm, let header, let grammar, let content else { return nil }
    let timestamp = signedTime(grammar, content, &reader)
    let isKeyPair = algorithm == .ed25519
    return SignatureScheme(
      algorithm.method, header: header, grammar: grammar,
      encoding: encoding ?? (isKeyPair ? .base64 : .hex), content: content, timestamp: timestamp,
      keyForm: isKeyPair
        ? .publicKey(prefix: "") : key == .base64 ? .webhookSecret(prefix: .optional) : .text)
  }

  // MARK: - Time

  /// Where the time is. It must be signed: one that anybody may rewrite proves nothing.
  private func signedTime(
    _ grammar: SignatureScheme.Grammar, _ content: [SignatureScheme.Part],
    _ reader: inout DocumentReader
  ) -> SignatureScheme.Timestamp? {
    let isSigned = content.contains(.timestamp)
    let isInHeader = if case .fields = grammar { true } else { false }
    let settings = reader.object(object["timestamp"], fields: ["header", "tolerance"])
    let header = HeaderName.read(settings?["header"], reader: &reader)
    let tolerance = seconds(settings?["tolerance"], &reader)
    if isInHeader, let place = settings?["header"]?.place {
      reader.error(place, "the time is in the signature's header already, as format says")
    }
    guard isInHeader || header != nil else {
      if isSigned, settings?["header"] == nil, let place = object["content"]?.place {
        reader.error(place, "has {timestamp}, and neither format nor timestamp.header says where")
      } else if !isSigned, let place = settings?.place, settings?["header"] == nil {
        reader.error(place, "says no header, and format has no {timestamp}")
      }
      return nil
    }
    if !isSigned {
      reader.error(
        object.place, "the time is not signed, and so proves nothing: add {timestamp} to content")
    }
    return SignatureScheme.Timestamp(
      header: header, tolerance: tolerance ?? SignatureScheme.Timestamp.toleranceDefault)
  }

  private func seconds(_ value: PlacedNode?, _ reader: inout DocumentReader) -> Int? {
    guard let value, let text = reader.text(value) else { return nil }
    do throws(GoDurationError) {
      let duration = try GoDuration(text).duration
      let seconds = duration.components.seconds
      if duration == .seconds(seconds), seconds >= 1, seconds <= Self.toleranceMax {
        return Int(seconds)
      }
      reader.error(value.place, "\(text) is out of bounds: whole seconds from 1s to 1h")
    } catch {
      reader.error(value.place, "\"\(text)\" is not a duration: write 5m or 30s")
    }
    return nil
  }

  // MARK: - Templates

  private func headerGrammar(
    _ value: PlacedNode, _ reader: inout DocumentReader
  ) -> SignatureScheme.Grammar? {
    guard let text = reader.text(value) else { return nil }
    if let grammar = SchemeTemplate.parse(text).flatMap({ Self.grammar($0) }) { return grammar }
    reader.error(
      value.place,
      "\"\(text)\" is none of PREFIX{digest}, VERSION,{digest} ... and KEY={timestamp},KEY={digest}"
    )
    return nil
  }

  private static func grammar(
    _ pieces: [SchemeTemplate.Piece]
  ) -> SignatureScheme.Grammar? {
    let literals = pieces.compactMap(\.literal)
    switch pieces.map(\.placeholder) {
    case ["digest"]: return .single(prefix: "")
    case [nil, "digest"]: return .single(prefix: literals[0])
    case [nil, "digest", nil] where literals[1] == " ...":
      return name(literals[0], before: ",").map { .versions($0) }
    case [nil, "timestamp", nil, "digest"] where literals[1].utf8.first == UInt8(ascii: ","):
      guard let time = name(literals[0], before: "="),
        let digest = name(String(literals[1].dropFirst()), before: "=")
      else { return nil }
      return .fields(timestamp: time, signature: digest)
    default: return nil
    }
  }

  /// What stands before a sign at the end, if it is a name.
  private static func name(_ text: String, before sign: Character) -> String? {
    guard text.last == sign else { return nil }
    let name = text.dropLast()
    return ASCII.isToken(name.utf8) ? String(name) : nil
  }

  private func signedContent(
    _ value: PlacedNode, _ reader: inout DocumentReader
  ) -> [SignatureScheme.Part]? {
    guard let text = reader.text(value) else { return nil }
    guard let pieces = SchemeTemplate.parse(text) else {
      reader.error(value.place, "\"\(text)\" has a brace without its other one")
      return nil
    }
    var parts: [SignatureScheme.Part] = []
    for piece in pieces {
      switch piece {
      case .literal(let literal): parts.append(.literal(literal))
      case .placeholder("body"): parts.append(.body)
      case .placeholder("timestamp"): parts.append(.timestamp)
      case .placeholder(let name):
        let header = String(name.dropFirst("header:".count))
        guard name.utf8.starts(with: "header:".utf8), HeaderName.isValid(header) else {
          reader.error(
            value.place,
            "{\(name)} is unknown: there are {body}, {timestamp} and {header:NAME}")
          return nil
        }
        parts.append(.header(header))
      }
    }
    guard parts.filter({ $0 == .body }).count == 1 else {
      reader.error(value.place, "has to have {body} exactly once")
      return nil
    }
    return parts
  }

  /// Seconds that a clock may be wrong, at most.
  private static let toleranceMax: Int64 = 3600
}

/// Text with placeholders in braces.
enum SchemeTemplate {
  enum Piece: Equatable {
    case literal(String)
    case placeholder(String)

    var literal: String? { if case .literal(let text) = self { text } else { nil } }
    var placeholder: String? { if case .placeholder(let name) = self { name } else { nil } }
  }

  /// The pieces, in their order; nil when a brace has no other one.
  static func parse(_ text: String) -> [Piece]? {
    var pieces: [Piece] = []
    var rest = text.utf8[...]
    while !rest.isEmpty {
      let literal = rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
      if !literal.isEmpty { pieces.append(.literal(String(Substring(literal)))) }
      rest = rest.dropFirst(literal.count)
      guard let brace = rest.popFirst() else { break }
      let name = rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
      rest = rest.dropFirst(name.count)
      guard brace == UInt8(ascii: "{"), rest.popFirst() == UInt8(ascii: "}") else { return nil }
      pieces.append(.placeholder(String(Substring(name))))
    }
    return pieces
  }
}
