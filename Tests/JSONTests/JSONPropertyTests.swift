import JSON
import TestSupport
import Testing

/// SplitMix64, so that a failure can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

@Suite struct JSONPropertyTests {
  private static let characters = Array(
    "a\"\\/<>&\n\t\u{0}\u{1F}\u{7F}é\u{301}\u{2028}\u{FFFF}😀".unicodeScalars)

  private func randomText(_ generator: inout SeededGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...20, using: &generator) {
      text.append(Self.characters.randomElement(using: &generator) ?? "a")
    }
    return String(text)
  }

  private func randomValue(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
    switch Int.random(in: 0...(depth < 5 ? 6 : 4), using: &generator) {
    case 0: return nil
    case 1: return .bool(.random(using: &generator))
    case 2: return .int(.random(in: .min ... .max, using: &generator))
    case 3: return .double(.random(in: -1e300...1e300, using: &generator))
    case 4: return .string(randomText(&generator))
    case 5:
      return .array(
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          randomValue(&generator, depth: depth + 1)
        })
    default:
      return .object(
        JSONObject(
          (0..<Int.random(in: 0...20, using: &generator)).map { _ in
            (randomText(&generator), randomValue(&generator, depth: depth + 1))
          }))
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `what is printed in any style parses to the same value`(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    let value = randomValue(&generator, depth: 0)
    let styles: [JSONStyle] = [
      .compact, .pretty, .compact([.sortedKeys, .escapeHTML]), .pretty(indent: 1, .escapeHTML),
    ]
    for style in styles {
      var duplicates: [JSONDuplicateKey] = []
      let parsed = try JSONValue.parse(value.serialized(style), duplicates: &duplicates)
      #expect(parsed == value)
      #expect(duplicates.isEmpty)
    }
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `a damaged payload is refused or prints and parses to itself`() throws {
    let payload = try SharedData.bytes("payloads/github/push.json")
    var generator = SeededGenerator(state: 7)
    var refusedCount = 0
    for _ in 0..<2000 {
      var damaged = payload
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: 0..<damaged.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: damaged[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: damaged.remove(at: index)
        case 2: damaged.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        default: damaged.removeSubrange(index...)
        }
        if damaged.isEmpty { damaged = [0x20] }
      }
      do {
        let value = try JSONValue.parse(damaged)
        #expect(try JSONValue.parse(value.serialized()) == value)
      } catch {
        refusedCount += 1
      }
    }
    #expect(refusedCount > 1000 && refusedCount < 2000)
  }
}
