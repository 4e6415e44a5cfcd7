// Metrics in the text format of Prometheus, version 0.0.4.
//
//   # HELP name text
//   # TYPE name counter
//   name{label="value",…} number
//
// In a help text `\` and line feeds are escaped, in a label's value `"` as well.
//
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.

import Synchronization

/// All metrics of the process.
///
/// *Limits*: ``seriesLimit`` series of one name. Labels are names out of the configuration and words of
/// ours, never anything that a sender wrote, so the limit is met by a configuration alone; what is
/// beyond it is counted together under ``overflow``.
///
/// *Concurrency*: any thread. Series are looked up under a lock and kept by whoever counts, so that
/// counting itself takes none.
package final class MetricsRegistry: Sendable {
  private enum Kind: String {
    case counter
    case gauge
  }

  private struct Family {
    let kind: Kind
    let help: String
    let labels: [String]
    var counters: [[String]: Counter] = [:]
    var reading: (@Sendable () -> Double)?
  }

  private let families = Mutex<[String: Family]>([:])

  package init() {}

  /// The counter of a name with these values of its labels, made when it is first asked for.
  ///
  /// One name has the same labels wherever it is asked for.
  func counter(_ name: String, help: String, labels: [(name: String, value: String)]) -> Counter {
    families.withLock { families in
      let wanted = labels.map(\.value)
      if let counter = families[name]?.counters[wanted] { return counter }
      var family =
        families[name] ?? Family(kind: .counter, help: help, labels: labels.map(\.name))
      precondition(family.labels == labels.map(\.name), "\(name) has other labels elsewhere")
      var values = wanted
      if family.counters.count >= Self.seriesLimit {
        values = labels.map { _ in Self.overflow }
      }
      let counter = family.counters[values] ?? Counter()
      family.counters[values] = counter
      families[name] = family
      return counter
    }
  }

  /// A number that is read when somebody asks.
  func gauge(_ name: String, help: String, read: @escaping @Sendable () -> Double) {
    families.withLock {
      $0[name] = Family(kind: .gauge, help: help, labels: [], reading: read)
    }
  }

  /// The exposition, ordered by name and by the values of the labels.
  var text: String {
    let families = families.withLock { $0 }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      text += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n"
      text += "# TYPE \(name) \(family.kind.rawValue)\n"
      if let reading = family.reading { text += "\(name) \(Self.number(reading()))\n" }
      for (values, counter) in family.counters.sorted(by: {
        $0.key.lexicographicallyPrecedes($1.key)
      }) {
        let labels = zip(family.labels, values).map {
          "\($0)=\"\(Self.escaped($1, quotes: true))\""
        }
        text += "\(name){\(labels.joined(separator: ","))} \(counter.current)\n"
      }
    }
    return text
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func number(_ value: Double) -> String {
    guard let whole = Int64(exactly: value) else { return "\(value)" }
    return "\(whole)"
  }

  /// The media type of ``text``.
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"
  /// Series of one name: a thousand hooks with ten words each.
  static let seriesLimit = 10_000
  /// The value of every label of what is beyond the limit.
  static let overflow = "_other"
}
