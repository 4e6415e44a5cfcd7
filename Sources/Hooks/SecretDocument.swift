// A Kubernetes Secret among the configuration files: for trying things out.

import Bytes
import Crypto
import YAML

/// Decodes `v1 Secret` documents. Findings never show a value.
enum SecretDocument {
  static func decode(
    _ document: YAMLDocument, reader: inout DocumentReader
  ) -> (name: HookName, values: [SecretReference: SecretBytes])? {
    let place = Place(path: "", position: document.root.position)
    let object = reader.object(
      PlacedNode(node: document.root, place: place),
      fields: ["apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData"])
    guard let object else { return nil }
    let name = ObjectName.read(reader.required(object, "metadata"), reader: &reader)
    _ = reader.text(object["type"])
    _ = reader.flag(object["immutable"])
    var contents: [String: (bytes: [UInt8], place: Place)] = [:]
    if let data = reader.anyObject(object["data"]) {
      for entry in data.mapping {
        guard let value = data[entry.key], let text = reader.secretText(value) else { continue }
        if let bytes = Base64.decode(text.utf8.filter { $0 != UInt8(ascii: "\n") }) {
          contents[entry.key] = (bytes, value.place)
        } else {
          reader.error(value.place, "not base64: write plain text under stringData")
        }
      }
    }
    // As in Kubernetes, stringData wins over data.
    if let data = reader.anyObject(object["stringData"]) {
      for entry in data.mapping {
        guard let value = data[entry.key], let text = reader.secretText(value) else { continue }
        contents[entry.key] = (Array(text.utf8), value.place)
      }
    }
    guard let name else { return nil }
    reader.warning(
      place,
      "a Secret among the configuration files is readable to whoever reads them: "
        + "keep it in the cluster, in a file of its own or in the environment")
    var values: [SecretReference: SecretBytes] = [:]
    for (key, content) in contents.sorted(by: { $0.key < $1.key }) {
      do throws(SecretError) {
        let secret = try SecretMaterial.secret(from: content.bytes)
        values[.kubernetes(namespace: name.namespace, name: name.name, key: key)] = secret
      } catch {
        reader.error(content.place, error.description)
      }
    }
    return (name, values)
  }
}
