// Google's conformance tests (cel-spec, `tests/simple`), whole.
//
// Where cel-go, and so Tekton, does something else than cel-spec says, the environment `tekton` follows
// cel-go, since it is to decide as Tekton does; all others follow cel-spec.

import CEL
import JSON
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct ConformanceTests {
  /// What cel-go, and so the environment `tekton`, does differently.
  static let deviations: [String: String] = [
    "fields/qualified_identifier_resolution/map_value_repeat_key": "the last value counts",
    "fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous":
      "the last value counts",
    "string_ext/value_errors/indexof_out_of_range": "-1",
    "string_ext/value_errors/lastindexof_out_of_range": "-1",
    "timestamps/duration_converters/get_milliseconds": "the total, not the part of a second",
  ]

  /// cel-go also takes doubles and null for keys. Tekton's results are JSON, which has no such keys, so
  /// that following it would move the error only; cel-spec's error comes at once.
  static let decidedByTheSpecification: Set<String> = [
    "fields/qualified_identifier_resolution/map_key_float",
    "fields/qualified_identifier_resolution/map_key_null",
  ]

  /// The data wants a backslash in the bytes of `b''' ? … '''`, where the expression has none. No
  /// reading of langdef gives one: without an escape a literal is what stands in it, as the tests of
  /// the same names for strings have it.
  static let damaged: Set<String> = [
    "parse/bytes_literals/triple_single_quoted_unescaped_punctuation",
    "parse/bytes_literals/triple_double_quoted_unescaped_punctuation",
  ]

  @Test(arguments: try files())
  func `every test without messages has its result`(file: String) throws {
    for test in try ConformanceCase.cases(in: file) where !test.usesMessages {
      let difference = test.difference(in: try test.environment(.everything))
      if Self.damaged.contains(test.id) {
        #expect(difference != nil, "\(test.id) is not damaged any more")
      } else if let difference {
        Issue.record("\(test.id): \(test.expression): \(difference)")
      }
    }
  }

  @Test(arguments: try files())
  func `every test within Tekton's reach has its result there`(file: String) throws {
    for test in try ConformanceCase.cases(in: file)
    where test.isForTekton && !Self.damaged.contains(test.id) {
      let difference = test.difference(in: try test.environment(.tekton))
      if let deviation = Self.deviations[test.id] {
        #expect(difference != nil, "\(test.id) is no deviation any more: \(deviation)")
      } else if let difference {
        Issue.record("\(test.id): \(test.expression): \(difference)")
      }
    }
  }

  @Test func `the suite is complete`() throws {
    let all = try Self.files().flatMap { try ConformanceCase.cases(in: $0) }
    #expect(all.filter { !$0.usesMessages }.count == 1743)
    #expect(all.filter(\.isForTekton).count == 1525)
    let different = Set(all.filter { $0.isForTekton && $0.deviatesInGo }.map(\.id))
    #expect(different == Self.decidedByTheSpecification.union(Self.deviations.keys))
  }

  static func files() throws -> [String] {
    guard SharedData.isPresent else { return [] }
    return try SharedData.files(in: "cel-conformance", withSuffix: ".json")
  }
}
