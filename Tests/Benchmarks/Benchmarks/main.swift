// Measurements of single parts: `benchmarks NAME [ARGUMENT…]`.
//
// Each has a file of its own and prints rows of figures with their units, so that a script can read
// them.

import Glibc

/// Everything that can be measured, by name.
let benchmarks: [(name: String, measures: String, run: ([String]) async throws -> Void)] = [
  ("cel", "compiling and evaluating expressions over a push", CELBenchmark.run),
  ("constant-time", "whether a comparison's time tells where", ConstantTimeBenchmark.run),
  ("http", "the head parser and the server machine, with their allocations", HTTPBenchmark.run),
  ("journal", "durable commits a second, beside SQLite's own", JournalBenchmark.run),
  ("hooks", "a push of 8 KB: verify, parse, read, decide, serialise", HooksBenchmark.run),
  ("json", "parsing payloads and hostile texts, views' lookups", JSONBenchmark.run),
]

let arguments = Array(CommandLine.arguments.dropFirst())
guard let name = arguments.first, let benchmark = benchmarks.first(where: { $0.name == name })
else {
  print("usage: benchmarks NAME [ARGUMENT...]")
  for benchmark in benchmarks { print("  \(benchmark.name): \(benchmark.measures)") }
  exit(2)
}
try await benchmark.run(Array(arguments.dropFirst()))
