// The functions of the language (cel-spec, `doc/langdef.md`, "List of Standard Definitions") that are
// not in its core: conversions and time.

extension CELLibrary {
  /// Conversions, and the parts of timestamps and durations.
  ///
  /// - Parameter zones: where the zones that timestamps are asked for in are found.
  package static func standardFunctions(
    _ dialect: CELDialect, zones: TimeZoneDatabase
  ) -> CELLibrary {
    CELLibrary(
      name: "standard functions",
      functions: conversions(dialect) + timeFunctions(dialect, zones: zones))
  }

  // MARK: - Time

  private static func timeFunctions(
    _ dialect: CELDialect, zones: TimeZoneDatabase
  ) -> [CELFunction] {
    TimestampField.allCases.map { field in
      let name = field.functionName
      var overloads: [CELOverload] = [
        .member(
          "timestamp_\(name)", [.timestamp], .int,
          .value { value, _ throws(CELEvaluationError) in
            .int(field.value(of: try value.timestamp(), in: nil))
          }),
        .member(
          "timestamp_\(name)_with_tz", [.timestamp, .string], .int,
          .values { value, zone, meter throws(CELEvaluationError) in
            // A name that is not known yet makes a file be read.
            try meter.charge(zoneSteps)
            let zone = try zones.zone(zone.string().text)
            return .int(field.value(of: try value.timestamp(), in: zone))
          }),
      ]
      if let unit = durationUnit(field, dialect) {
        overloads.append(
          .member(
            "duration_\(name)", [.duration], .int,
            .value { value, _ throws(CELEvaluationError) in
              .int(unit(try value.duration().nanoseconds))
            }))
      }
      return CELFunction(name, overloads: overloads)
    }
  }

  /// What a function of timestamps gives for a duration; nil when it is not defined for them.
  private static func durationUnit(
    _ field: TimestampField, _ dialect: CELDialect
  ) -> (@Sendable (_ nanoseconds: Int64) -> Int64)? {
    switch field {
    case .hours: { $0 / 3_600_000_000_000 }
    case .minutes: { $0 / 60_000_000_000 }
    case .seconds: { $0 / 1_000_000_000 }
    case .milliseconds:
      { nanoseconds in
        let total = nanoseconds / 1_000_000
        return dialect == .celGo ? total : total % 1000
      }
    default: nil
    }
  }

  /// What looking up a time zone costs.
  private static let zoneSteps = 20
}
