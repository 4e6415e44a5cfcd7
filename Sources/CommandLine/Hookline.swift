import ArgumentParser

@main
struct Hookline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "hookline")
}
