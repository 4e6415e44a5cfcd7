import ArgumentParser
import Hooks
import JSON
import Reactor

/// `hookline event`
struct EventCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event",
    abstract: "Prints the events that a payload gives, for writing filters.",
    discussion: """
      Nothing is verified and no configuration is read. Each event begins with the entries of a \
      trigger's on that it answers to; the other lines are what templates and expressions see as \
      event. Exit code 1 if the payload makes no sense.
      """)

  @Option(help: "Whose payload it is: what a hook has as source.type.")
  var provider: SourceKind

  @Option(help: ArgumentHelp("The payload as the provider sent it.", valueName: "file"))
  var payload: String

  @Option(
    help: ArgumentHelp(
      "A header field of the delivery, such as 'X-GitHub-Event: push'; may be repeated.",
      valueName: "name: value"))
  var header: [String] = []

  @Option(help: "The event as the provider names it, in place of the header that does.")
  var event: String?

  @Option(help: "text, or json for the events as a list.")
  var output: OutputFormat = .text

  func run() throws {
    let source = Source(kind: provider, secrets: [])
    let fields = try HeaderFields.parse(header)
    let document = try read(with: source, headerLookup(fields))
    let all = fields + (try eventField(source, document.root, headerLookup(fields)))
    switch source.delivery(fields: headerLookup(all), body: document.root) {
    case .ping, .challenge:
      StandardError.print("the provider tries out the address: this is answered and starts nothing")
      if output == .json { print("[]") }
    case .malformed(let message): throw CommandFailure.failed("\(payload): \(message)")
    case .events(let events, _): show(events)
    }
  }

  private func read(with source: Source, _ fields: HeaderLookup) throws -> JSONDocument {
    do {
      return try source.payload(fields: fields, body: LocalFile.read(payload))
    } catch let error as MalformedPayload {
      throw CommandFailure.failed("\(payload): \(error.message)")
    } catch {
      throw CommandFailure.failed("\(error)")
    }
  }

  /// The header field that names the event, where it is not given and there has to be one.
  private func eventField(
    _ source: Source, _ body: JSONView, _ given: HeaderLookup
  ) throws -> [(name: String, value: String)] {
    let title = source.profile.title
    guard let name = source.profile.eventHeader else {
      guard event == nil else {
        throw CommandFailure.usage("--event: \(title) names its events in the payload")
      }
      return []
    }
    let isGiven = !given(name).isEmpty
    if let event {
      guard !isGiven else { throw CommandFailure.usage("--event and the header \(name) are one") }
      return [(name, event)]
    }
    guard !isGiven else { return [] }
    guard let own = provider.eventName(in: body) else {
      throw CommandFailure.usage(
        "\(title) names its events in a header: give --header '\(name): …' or --event …")
    }
    return [(name, own)]
  }

  // MARK: - Output

  private func show(_ events: [Event]) {
    guard output == .text else {
      let list = JSONValue.array(events.map(\.json))
      return print(list.serializedString(.pretty(indent: 2)))
    }
    for (index, event) in events.enumerated() {
      if index > 0 { print() }
      let entries = event.subscriptions.map { "\"\($0.text)\"" }
      print("on: [\(entries.joined(separator: ", "))]")
      Self.show(event.json, at: "")
    }
  }

  /// Each value that has no parts on a line of its own.
  private static func show(_ value: JSONValue, at path: String) {
    guard case .object(let members) = value else { return print("\(path): \(text(value))") }
    for member in members {
      show(member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)")
    }
  }

  /// A text as it is, or in quotes when it could mislead a terminal or the eye.
  private static func text(_ value: JSONValue) -> String {
    guard case .string(let text) = value, !text.isEmpty else { return value.serializedString() }
    guard text.unicodeScalars.contains(where: isMisleading) else { return text }
    var shown = "\""
    for scalar in text.unicodeScalars {
      if isMisleading(scalar) || scalar == "\"" || scalar == "\\" {
        shown += scalar.escaped(asASCII: true)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown + "\""
  }

  private static func isMisleading(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension SourceKind: ExpressibleByArgument {}
