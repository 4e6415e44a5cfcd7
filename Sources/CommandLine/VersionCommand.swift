import ArgumentParser
import JSON
import Service

/// `hookline version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Prints the version.")

  @Option(help: "text or json.")
  var output: OutputFormat = .text

  func run() {
    switch output {
    case .text: print("hookline \(ProductVersion.current)")
    case .json:
      let version: JSONValue = ["version": .string(ProductVersion.current)]
      print(version.serializedString(.compact))
    }
  }
}

/// How a command prints its result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
