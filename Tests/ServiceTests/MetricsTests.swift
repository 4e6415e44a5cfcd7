import HTTPWire
import Hooks
import Reactor
@testable import Service
import Testing

@Suite struct MetricsTests {
  @Test func `metrics are written as Prometheus reads them`() {
    let registry = MetricsRegistry()
    registry.counter("b_total", help: "Some \\ and\nmore.", labels: [("x", "a\"\\\n")]).add(3)
    registry.counter("b_total", help: "", labels: [("x", "Z")]).add()
    registry.counter("b_total", help: "", labels: [("x", "a\"\\\n")]).add()
    registry.gauge("a", help: "A gauge.") { 2.5 }
    #expect(
      registry.text == """
        # HELP a A gauge.
        # TYPE a gauge
        a 2.5
        # HELP b_total Some \\\\ and\\nmore.
        # TYPE b_total counter
        b_total{x="Z"} 1
        b_total{x="a\\"\\\\\\n"} 4

        """)
  }

  @Test func `series beyond the limit are counted together`() {
    let registry = MetricsRegistry()
    for index in 0..<(MetricsRegistry.seriesLimit + 5) {
      registry.counter("n_total", help: "", labels: [("x", "\(index)")]).add()
    }
    let lines = registry.text.split(separator: "\n")
    #expect(lines.count == MetricsRegistry.seriesLimit + 3)
    #expect(lines.contains("n_total{x=\"_other\"} 5"))
  }

  @Test func `counting from many tasks loses nothing`() async {
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<10_000 { counter.add() } } }
    }
    #expect(counter.current == 80_000)
  }

  @Test func `nothing that a sender writes becomes a label`() async throws {
    try await ServiceFixture.run { service in
      for path in ["/hooks/ci/app", "/hooks/ci/xyzzy", "/xyzzy"] {
        _ = try await service.send(
          .post, path,
          ["X-GitHub-Event": "xyzzy", "X-Hub-Signature-256": "xyzzy", "Content-Type": "xyzzy"],
          Array("xyzzy".utf8))
      }
      _ = try await service.deliver(Array("{\"xyzzy\":1}".utf8), event: "xyzzy", id: "xyzzy")
      let metrics = try await service.metrics()
      #expect(!metrics.contains("xyzzy"))
      #expect(metrics.contains("hookline_refusals_total{hook=\"\",cause=\"unknown\"} 2\n"))
      #expect(
        metrics.contains("hookline_refusals_total{hook=\"ci/app\",cause=\"content-type\"} 1\n"))
    }
  }

  @Test func `only GET reads the metrics`() async throws {
    try await ServiceFixture.run { service in
      let posted = try await service.ask(.post, "/metrics")
      let read = try await service.ask(.get, "/metrics", [])
      #expect(posted.status == 405 && read.status == 200)
    }
  }
}
