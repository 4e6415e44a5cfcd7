// Bodies in YAML.

import JSON
import YAML

/// Why a YAML body cannot be read.
struct YAMLBodyError: Error {
  let description: String
}

/// Turns a YAML body into JSON.
enum YAMLBody {
  static func decode(_ body: [UInt8]) throws(YAMLBodyError) -> JSONValue {
    do throws(YAMLError) {
      let documents = try parseDocuments(String(decoding: body, as: UTF8.self), file: "body")
      return documents.first?.root.json ?? .null
    } catch {
      throw YAMLBodyError(description: "\(error)")
    }
  }
}
