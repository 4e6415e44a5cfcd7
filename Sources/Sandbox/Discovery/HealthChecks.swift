// `/healthz`, `/livez` and `/readyz`.
//
// Source: k8s.io/apiserver/pkg/server/healthz.

import HTTPWire

/// The health endpoints. The sandbox is a value in memory: while it answers at all, it is well.
enum HealthChecks {
  /// The checks of each endpoint, in the order in which they are listed.
  private static func checks(_ endpoint: String) -> [String] {
    switch endpoint {
    // The store in memory stands where a real server has etcd.
    case "readyz": ["ping", "log", "etcd", "informer-sync", "shutdown"]
    default: ["ping", "log", "etcd"]
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
    var excluded = query.values(for: "exclude")
    let lines = checks(endpoint).map { check in
      excluded.contains(check) ? "[+]\(check) excluded: ok\n" : "[+]\(check) ok\n"
    }
    excluded.removeAll { checks(endpoint).contains($0) }
    let warning =
      excluded.isEmpty
      ? ""
      : "warn: some health checks cannot be excluded: no matches for "
        + excluded.sorted().map { quoted($0) }.joined(separator: ", ") + "\n"
    return .text(.ok, lines.joined() + warning + "\(endpoint) check passed\n", sniffing: .forbidden)
  }
}
