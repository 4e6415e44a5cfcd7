// The schedule of a trigger, out of its document.
//
//   schedule?: a cron expression or macro           see CronParser.swift
//   timeZone?: a name of the IANA database or an offset such as +02:00; UTC where it is absent
//   missed?: skip / latest / all                    see MissedPolicy; latest where it is absent

import Bytes
import CEL
import YAML

/// Decodes a trigger's schedule. Findings go to the reader.
enum ScheduleDecoder {
  static let fields = ["schedule", "timeZone", "missed"]

  /// - Parameter zones: where time zones by name are found.
  static func decode(
    _ object: PlacedObject, zones: TimeZoneDatabase, reader: inout DocumentReader
  ) -> Schedule? {
    let missed = reader.choice(object["missed"], of: MissedPolicy.self, what: "policy")
    let zone = zone(object["timeZone"], zones, reader: &reader)
    guard let value = object["schedule"] else {
      for field in ["timeZone", "missed"] {
        if let place = object[field]?.place {
          reader.error(place, "has no meaning without schedule")
        }
      }
      return nil
    }
    guard let text = reader.text(value) else { return nil }
    do throws(CronError) {
      let expression = try CronExpression(text)
      return zone.map {
        Schedule(expression, zoneName: $0.name, zone: $0.zone, missed: missed ?? .latest)
      }
    } catch {
      reader.error(value.place, error.description, suggestion: error.suggestion)
      return nil
    }
  }

  private static func zone(
    _ value: PlacedNode?, _ zones: TimeZoneDatabase, reader: inout DocumentReader
  ) -> (name: String, zone: ZoneInfo)? {
    guard let value else { return ("UTC", ZoneInfo(fixedOffset: 0, abbreviation: "UTC")) }
    guard let name = reader.text(value) else { return nil }
    do throws(CELEvaluationError) {
      return (name, try zones.zone(name))
    } catch {
      reader.error(value.place, error.description)
      return nil
    }
  }
}
