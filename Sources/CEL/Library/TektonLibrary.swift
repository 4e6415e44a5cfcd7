// The functions that Tekton's CEL interceptor adds to the language.

import Bytes
import Crypto
import JSON
import RE2

extension CELLibrary {
  /// `match canonical truncate compareSecret parseJSON parseYAML parseURL marshalJSON first last
  /// translate`, with Tekton's results and error texts.
  ///
  /// One difference: `truncate` counts bytes as Tekton does, but never leaves half a character, which
  /// in Tekton makes the event fail later.
  package static func tekton(_ services: TektonServices) -> CELLibrary {
    CELLibrary(
      name: "tekton",
      functions: [
        match, canonical, truncate, compareSecret(services), parseJSON, parseYAML(services),
        parseURL, marshalJSON, first, last, translate,
      ])
  }

  private static let anyMap = CELType.map(.string, .dyn)
  private static let anyList = CELType.list(.dyn)

  // MARK: - Headers

  private static let match = CELFunction(
    "match",
    .member(
      "match", [anyMap, .string, .string], .bool,
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 3 else { throw .noSuchOperator }
        let first = try firstValue(of: values[0], named: values[1].string(), &meter)
        return .bool(CELString(first) == (try values[2].string()))
      }))

  private static let canonical = CELFunction(
    "canonical",
    .member(
      "canonical", [anyMap, .string], .string,
      .values { map, name, meter throws(CELEvaluationError) in
        .string(try firstValue(of: map, named: name.string(), &meter))
      }))

  /// The first value of a field; empty when there is none.
  private static func firstValue(
    of header: CELValue, named name: CELString, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> String {
    guard case .map(let map) = header else { throw .noSuchOperator }
    // Tekton converts the whole map, so that a value which is no list of strings is an error
    // wherever it is.
    for (key, value) in map.entries {
      try meter.charge()
      guard case .string = key, case .list(let values) = value,
        values.allSatisfy({ if case .string = $0 { true } else { false } })
      else {
        throw .invalidArgument(
          "failed to convert to http.Header: unsupported native conversion from "
            + "\(value.type.name) to http.Header")
      }
    }
    guard case .list(let values)? = map[canonicalHeaderName(name.text)],
      case .string(let first)? = values.first
    else { return "" }
    return first.text
  }

  /// The first letter and every letter after a hyphen in upper case, all others in lower case; a name
  /// that is no token stays as it is.
  ///
  /// *Source:* Go's `http.CanonicalHeaderKey`.
  package static func canonicalHeaderName(_ name: String) -> String {
    guard ASCII.isToken(name.utf8) else { return name }
    var isStart = true
    let bytes = name.utf8.map { byte in
      defer { isStart = byte == UInt8(ascii: "-") }
      return isStart ? ASCII.uppercased(byte) : ASCII.lowercased(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Strings

  private static let truncate = CELFunction(
    "truncate",
    .member(
      "truncate", [.string, .int], .string,
      .values { text, count, meter throws(CELEvaluationError) in
        let text = try text.string()
        let count = try count.int()
        try meter.charge(bytes: text.utf8Count)
        guard count >= 0 else {
          throw .internalError("runtime error: slice bounds out of range [:\(count)]")
        }
        guard count < text.utf8Count else { return .string(text) }
        return text.withUTF8 { bytes in
          var end = Int(count)
          while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
          return .string(bytes.text(0..<end))
        }
      }))

  private static let translate = CELFunction(
    "translate",
    .member(
      "translate", [.string, .string, .string], .string,
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 3 else { throw .noSuchOperator }
        let text = try values[0].string().text
        let template = try values[2].string().text
        let expression = try values[1].string().text
        try meter.charge(patternSteps)
        try meter.charge(bytes: text.utf8.count + template.utf8.count)
        return .string(try replace(expression, in: text, with: template, &meter))
      }))

  private static func replace(
    _ expression: String, in text: String, with template: String, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> String {
    let pattern: RE2Pattern
    do {
      pattern = try RE2Pattern(expression)
    } catch {
      let reason = CELEvaluationError.pattern(error, in: expression)
      throw .invalidArgument("failed to parse regular expression for translation: \(reason)")
    }
    return try pattern.replacingAll(in: text, with: template) { count throws(CELEvaluationError) in
      try meter.charge(1 + count / CELCostMeter.bytesPerStep)
    }
  }

  /// What compiling a pattern costs.
  private static let patternSteps = 1000

  // MARK: - Secrets

  private static func compareSecret(_ services: TektonServices) -> CELFunction {
    let implementation = CELOverload.Implementation.arguments {
      values, meter throws(CELEvaluationError) in
      guard values.count >= 3 else { throw .noSuchOperator }
      let presented = Array(try values[0].string().text.utf8)
      let (key, name) = (try values[1].string().text, try values[2].string().text)
      try meter.charge(bytes: presented.count)
      return .bool(try secret(key, of: name, services).matches(presented))
    }
    return CELFunction(
      "compareSecret",
      .member(
        "compareSecret", [.string, .string, .string], .bool, implementation),
      // The namespace has no meaning.
      .member(
        "compareSecret_namespace", [.string, .string, .string, .string], .bool, implementation))
  }

  private static func secret(
    _ key: String, of name: String, _ services: TektonServices
  ) throws(CELEvaluationError) -> SecretBytes {
    do {
      return try services.secret(key, name)
    } catch {
      throw .invalidArgument(
        "failed to find secret 'v1beta1.SecretRef{SecretKey:\(GoQuote.quoted(key)), "
          + "SecretName:\(GoQuote.quoted(name))}' in compareSecret: \(error.text)")
    }
  }

  // MARK: - Documents

  private static let parseJSON = CELFunction(
    "parseJSON",
    .member(
      "parseJSON", [.string], anyMap,
      .string { text, meter throws(CELEvaluationError) in
        try meter.charge(bytes: text.utf8Count)
        return try json(of: text.text)
      }))

  private static func json(of text: String) throws(CELEvaluationError) -> CELValue {
    let failure = "failed to decode '\(text)' in parseJSON: "
    let value: JSONValue
    do {
      value = try GoJSONText.value(of: text)
    } catch {
      throw .invalidArgument("\(failure)\(error)")
    }
    return try map(of: value, failure)
  }

  private static func parseYAML(_ services: TektonServices) -> CELFunction {
    CELFunction(
      "parseYAML",
      .member(
        "parseYAML", [.string], anyMap,
        .string { text, meter throws(CELEvaluationError) in
          // Reading YAML costs several times what reading JSON does.
          try meter.charge(bytes: text.utf8Count * 8)
          return try yaml(of: text.text, services)
        }))
  }

  private static func yaml(
    of text: String, _ services: TektonServices
  ) throws(CELEvaluationError) -> CELValue {
    let failure = "failed to decode '\(text)' in parseYAML: "
    let value: JSONValue
    do {
      value = try services.parseYAML(text)
    } catch {
      throw .invalidArgument(failure + error.text)
    }
    return try map(of: value, failure + "error unmarshaling JSON: while decoding JSON: ")
  }

  /// The map of an object; null is an empty one.
  private static func map(
    of value: JSONValue, _ failure: String
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .null: return .map(CELMap(json: JSONObject()))
    case .object(let object): return .map(CELMap(json: object))
    default:
      throw .invalidArgument(failure + GoJSONError.notAnObject(value))
    }
  }

  private static let parseURL = CELFunction(
    "parseURL",
    .member(
      "parseURL", [.string], anyMap,
      .string { text, meter throws(CELEvaluationError) in
        try meter.charge(bytes: text.utf8Count * 4)
        return try url(of: text.text)
      }))

  private static func url(of text: String) throws(CELEvaluationError) -> CELValue {
    do {
      return .map(map(of: try GoURL(parsing: text)))
    } catch {
      guard case .invalidArgument(let reason) = error else { throw error }
      throw .invalidArgument("failed to decode '\(text)' in parseURL: " + reason)
    }
  }

  private static func map(of url: GoURL) -> CELMap {
    var map = CELMap.Builder()
    func set(_ key: String, _ value: String) { map.update(.string(value), forKey: .string(key)) }
    set("scheme", url.scheme)
    set("host", url.host)
    set("path", url.path)
    set("rawQuery", url.rawQuery)
    set("fragment", url.fragment)
    var strings = CELMap.Builder()
    var joined = CELMap.Builder()
    for (name, values) in url.queryValues {
      strings.update(.list(values.map { CELValue.string($0) }), forKey: .string(name))
      joined.update(.string(values.joined(separator: ",")), forKey: .string(name))
    }
    map.update(.map(strings.map), forKey: .string("queryStrings"))
    map.update(.map(joined.map), forKey: .string("query"))
    if let user = url.user {
      var auth = CELMap.Builder()
      auth.update(.string(user.name), forKey: .string("username"))
      auth.update(.string(user.password), forKey: .string("password"))
      map.update(.map(auth.map), forKey: .string("auth"))
    }
    return map.map
  }

  private static let marshalJSON: CELFunction = {
    let implementation = CELOverload.Implementation.value {
      value, meter throws(CELEvaluationError) in
      let json = try value.nestedJSON(&meter)
      return .string(json.serializedString(.compact([.sortedKeys, .escapeHTML])))
    }
    return CELFunction(
      "marshalJSON", .member("marshalJSON_map", [anyMap], .string, implementation),
      .member("marshalJSON_list", [anyList], .string, implementation))
  }()

  // MARK: - Lists

  private static let first = CELFunction(
    "first",
    .member(
      "first", [anyList], .dyn,
      .list { list, _ throws(CELEvaluationError) in list.first ?? .null }))

  private static let last = CELFunction(
    "last",
    .member(
      "last", [anyList], .dyn,
      .list { list, _ throws(CELEvaluationError) in list.last ?? .null }))
}
