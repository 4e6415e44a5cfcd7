// `/healthz`, `/livez` and `/readyz`.
//
// Source: k8s.io/apiserver/pkg/server/healthz.

import HTTPWire

/// The health endpoints. The sandbox is a value in memory: while it answers at all, it is well.
enum HealthChecks {
  /// The checks of each endpoint, in the order in which they are listed.
  private static func checks(_ endpoint: String) -> [String] {
    switch endpoint {
    case "readyz": ["ping", "log", "store", "shutdown"]
    default: ["ping", "log", "store"]
    }
  }

  /// The endpoints, each with its single checks.
  static var paths: [String] {
    ["healthz", "livez", "readyz"].flatMap { endpoint in
      ["/\(endpoint)"] + checks(endpoint).sorted().map { "/\(endpoint)/\($0)" }
    }
  }

  /// The answer for a path; `nil` when it is not about health.
  static func response(_ segments: [String], _ query: QueryParameters) -> APIResponse? {
    guard let endpoint = segments.first, ["healthz", "livez", "readyz"].contains(endpoint) else {
      return nil
    }
    if segments.count > 1 {
      let name = segments.dropFirst().joined(separator: "/")
      guard checks(endpoint).contains(name) else { return nil }
      return .text(.ok, "ok", sniffing: .allowed)
    }
    guard query.contains("verbose") else { return .text(.ok, "ok", sniffing: .forbidden) }
    let excluded = query.values(for: "exclude")
    let lines = checks(endpoint).map { check in
      excluded.contains(check) ? "[+]\(check) excluded: ok\n" : "[+]\(check) ok\n"
    }
    return .text(.ok, lines.joined() + "\(endpoint) check passed\n", sniffing: .forbidden)
  }
}
