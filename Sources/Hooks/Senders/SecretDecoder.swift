// Where a secret is, in a document.
//
//   SECRET = { secretRef: { name, key } } / { file: path } / { env: name } / { publicKey: base64 },
//            each with notAfter?: a time of RFC 3339
//
// A secretRef is looked for in the hook's own namespace. A publicKey is for senders that sign with a
// key pair.

import CEL
import YAML

/// Reads references to secrets.
struct SecretDecoder {
  let namespace: String
  /// The present in seconds since 1970; secrets whose time is over by then are warned about.
  let now: Int64

  /// Whether the key itself may stand in the document.
  enum PublicKeys {
    case allowed
    case refused
  }

  func decode(
    _ value: PlacedNode?, publicKeys: PublicKeys = .refused, reader: inout DocumentReader
  ) -> SourceSecret? {
    let kinds = ["secretRef", "file", "env"] + (publicKeys == .allowed ? ["publicKey"] : [])
    guard let object = reader.object(value, fields: kinds + ["notAfter"]) else { return nil }
    let end = time(object["notAfter"], reader: &reader)
    let given = kinds.filter { object[$0] != nil }
    guard given.count == 1 else {
      let names = kinds.dropLast().joined(separator: ", ")
      reader.error(object.place, "give exactly one of \(names) and \(kinds.last ?? "")")
      return nil
    }
    return reference(object, reader: &reader).map { SourceSecret($0, notAfter: end) }
  }

  private func reference(
    _ object: PlacedObject, reader: inout DocumentReader
  ) -> SecretReference? {
    if let path = object["file"] {
      return reader.text(path).map { .file(path: $0) }
    }
    if let key = object["publicKey"] {
      return reader.text(key).map { .publicKey($0) }
    }
    if let variable = object["env"] {
      guard let name = reader.text(variable) else { return nil }
      guard !name.utf8.contains(UInt8(ascii: "=")), !name.utf8.contains(0) else {
        reader.error(variable.place, "\"\(name)\" is not the name of an environment variable")
        return nil
      }
      return .environment(name: name)
    }
    let reference = reader.object(object["secretRef"], fields: ["name", "key"])
    let nameValue = reader.required(reference, "name")
    let name = reader.text(nameValue)
    let key = reader.text(reader.required(reference, "key"))
    if let name, let place = nameValue?.place, !KubernetesNames.isDNSSubdomain(name) {
      reader.error(place, "\"\(name)\" is not a valid name: \(HookDecoder.nameRule)")
    }
    guard let name, let key else { return nil }
    return .kubernetes(namespace: namespace, name: name, key: key)
  }

  private func time(_ value: PlacedNode?, reader: inout DocumentReader) -> Int64? {
    guard let value, let text = Self.timeText(value) ?? reader.text(value) else { return nil }
    do throws(CELEvaluationError) {
      let time = try CELTimestamp(parsing: text).seconds
      if time <= now {
        reader.warning(value.place, "the secret counts no more since \(text): remove it")
      }
      return time
    } catch {
      reader.error(value.place, "\"\(text)\" is no time: write it as 2027-01-31T00:00:00Z")
      return nil
    }
  }

  /// A time without quotes, which is not a string to every reader of YAML.
  private static func timeText(_ value: PlacedNode) -> String? {
    if case .scalar(let scalar) = value.node.content { scalar.text } else { nil }
  }
}
