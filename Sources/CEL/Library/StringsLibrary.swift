// The strings library (cel-go's `ext.Strings`, newest version).

import Bytes

extension CELLibrary {
  /// `charAt indexOf lastIndexOf join lowerAscii upperAscii replace split substring trim reverse
  /// format` and `strings.quote`. Positions count code points.
  ///
  /// What a function reads and makes is charged to the meter before it is made.
  package static func strings(_ dialect: CELDialect) -> CELLibrary {
    CELLibrary(
      name: "strings",
      functions: [
        charAt, indexOf(dialect), lastIndexOf(dialect), join, replace, split, substring,
        unary("lowerAscii") { .string(ASCII.lowercased($0.text)) },
        unary("upperAscii") {
          .string(String(decoding: $0.text.utf8.map { ASCII.uppercased($0) }, as: UTF8.self))
        },
        unary("trim", TextFunctions.trim), unary("reverse", TextFunctions.reverse), quote, format,
      ])
  }

  private static func unary(
    _ name: String, _ body: @escaping @Sendable (CELString) -> CELValue
  ) -> CELFunction {
    CELFunction(
      name,
      .member(
        "string_" + name, [.string], .string,
        .string { text, meter throws(CELEvaluationError) in
          try meter.charge(bytes: text.utf8Count)
          return body(text)
        }))
  }

  private static let charAt = CELFunction(
    "charAt",
    .member(
      "string_char_at_int", [.string, .int], .string,
      .values { text, index, meter throws(CELEvaluationError) in
        let text = try text.string()
        try meter.charge(bytes: text.utf8Count)
        return try TextFunctions.charAt(text, index.int())
      }))

  private static func indexOf(_ dialect: CELDialect) -> CELFunction {
    CELFunction(
      "indexOf",
      .member(
        "string_index_of_string", [.string, .string], .int,
        .strings { text, needle, meter throws(CELEvaluationError) in
          try meter.charge(bytes: text.utf8Count + needle.utf8Count)
          return try TextFunctions.indexOf(text, needle, from: 0, beyondEnd: dialect)
        }),
      .member(
        "string_index_of_string_int", [.string, .string, .int], .int,
        .arguments { values, meter throws(CELEvaluationError) in
          let (text, needle, offset) = try textNeedleOffset(values, &meter)
          return try TextFunctions.indexOf(text, needle, from: offset, beyondEnd: dialect)
        }))
  }

  private static func lastIndexOf(_ dialect: CELDialect) -> CELFunction {
    CELFunction(
      "lastIndexOf",
      .member(
        "string_last_index_of_string", [.string, .string], .int,
        .strings { text, needle, meter throws(CELEvaluationError) in
          try meter.charge(bytes: text.utf8Count + needle.utf8Count)
          return TextFunctions.lastIndexOf(text, needle)
        }),
      .member(
        "string_last_index_of_string_int", [.string, .string, .int], .int,
        .arguments { values, meter throws(CELEvaluationError) in
          let (text, needle, offset) = try textNeedleOffset(values, &meter)
          return try TextFunctions.lastIndexOf(text, needle, upTo: offset, beyondEnd: dialect)
        }))
  }

  private static func textNeedleOffset(
    _ values: [CELValue], _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> (CELString, CELString, Int64) {
    guard values.count == 3 else { throw .noSuchOperator }
    let text = try values[0].string()
    let needle = try values[1].string()
    try meter.charge(bytes: text.utf8Count + needle.utf8Count)
    return (text, needle, try values[2].int())
  }

  private static let join = CELFunction(
    "join",
    .member(
      "list_join", [.list(.string)], .string,
      .list { list, meter throws(CELEvaluationError) in
        try TextFunctions.join(list, "", &meter)
      }),
    .member(
      "list_join_string", [.list(.string), .string], .string,
      .values { list, separator, meter throws(CELEvaluationError) in
        try TextFunctions.join(list.list(), separator.string(), &meter)
      }))

  private static let replace = CELFunction(
    "replace",
    .member(
      "string_replace_string_string", [.string, .string, .string], .string,
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 3 else { throw .noSuchOperator }
        return try TextFunctions.replace(
          values[0].string(), values[1].string(), values[2].string(), limit: -1, &meter)
      }),
    .member(
      "string_replace_string_string_int", [.string, .string, .string, .int], .string,
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 4 else { throw .noSuchOperator }
        return try TextFunctions.replace(
          values[0].string(), values[1].string(), values[2].string(), limit: values[3].int(),
          &meter)
      }))

  private static let split = CELFunction(
    "split",
    .member(
      "string_split_string", [.string, .string], .list(.string),
      .strings { text, separator, meter throws(CELEvaluationError) in
        try TextFunctions.split(text, separator, limit: -1, &meter)
      }),
    .member(
      "string_split_string_int", [.string, .string, .int], .list(.string),
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 3 else { throw .noSuchOperator }
        return try TextFunctions.split(
          values[0].string(), values[1].string(), limit: values[2].int(), &meter)
      }))

  private static let substring = CELFunction(
    "substring",
    .member(
      "string_substring_int", [.string, .int], .string,
      .values { text, start, meter throws(CELEvaluationError) in
        let text = try text.string()
        try meter.charge(bytes: text.utf8Count)
        return try TextFunctions.substring(text, start.int(), nil)
      }),
    .member(
      "string_substring_int_int", [.string, .int, .int], .string,
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 3 else { throw .noSuchOperator }
        let text = try values[0].string()
        try meter.charge(bytes: text.utf8Count)
        return try TextFunctions.substring(text, values[1].int(), values[2].int())
      }))

  private static let quote = CELFunction(
    "strings.quote",
    .global(
      "strings_quote", [.string], .string,
      .string { text, meter throws(CELEvaluationError) in
        try meter.charge(bytes: text.utf8Count * 2)
        return TextFunctions.quote(text)
      }))

  private static let format = CELFunction(
    "format",
    .member(
      "string_format", [.string, .list(.dyn)], .string,
      .values { text, arguments, meter throws(CELEvaluationError) in
        try FormatFunction.format(text.string(), arguments.list(), &meter)
      }))
}
