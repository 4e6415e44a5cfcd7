import ArgumentParser
import CEL
import JSON
import Reactor

/// `hookline cel`
struct CelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cel",
    abstract: "Evaluates a CEL expression, and says why it is what it is.",
    discussion: """
      Without an expression a prompt asks for them. The value goes to standard output, an error \
      with its place to standard error. Exit code 0 if there is a value, 1 if there is none, 2 for \
      wrong usage.
      """)

  // Whatever is no option is the expression, which may begin with a minus.
  @Argument(
    parsing: .allUnrecognized,
    help: "The expression, such as \"body.ref == 'refs/heads/main'\".")
  var expression: [String] = []

  @Option(help: "hookline, tekton or pac (Pipelines-as-Code): what the expression may use.")
  var environment: CelEnvironmentName = .hookline

  @Option(help: ArgumentHelp("The payload, a JSON object.", valueName: "file"))
  var body: String?

  @Option(
    name: .customLong("header"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A header field; may be repeated.", valueName: "name: value"))
  var headers: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A JSON object: tekton's extensions; elsewhere further variables by name, such as event, \
      inputs and vars.
      """, valueName: "file"))
  var extensions: String?

  @Option(
    name: .customLong("request-url"),
    help: ArgumentHelp("The URL of the request.", valueName: "url"))
  var requestURL = ""

  @Flag(help: "Print the value of every part as well.")
  var explain = false

  @Option(help: "text, or json for one object with value and type, or with the error.")
  var output: OutputFormat = .text

  func validate() throws {
    guard let first = expression.first else { return }
    if expression.count > 1 {
      throw ValidationError(
        "one expression is expected, not \(expression.count): put it in quotation marks")
    }
    // `--x` is an expression too, but of this kind rather an option with a mistake.
    if first.hasPrefix("--"), first.dropFirst(2).allSatisfy({ $0.isLetter || $0 == "-" }) {
      throw ValidationError(
        "unknown option '\(first)'; as an expression write '-(\(first.dropFirst()))'")
    }
  }

  func run() throws {
    let inputs = try CelInputs(
      environment, body: Self.object(body), headers: headers,
      extensions: Self.object(extensions), requestURL: requestURL)
    guard let expression = expression.first else {
      CelPrompt(inputs: inputs, isExplaining: explain).run()
      return
    }
    let evaluation = CelEvaluation(expression, with: inputs)
    switch output {
    case .json: print(evaluation.json(withParts: explain).serializedString())
    case .text: evaluation.print(withParts: explain)
    }
    if evaluation.isFailure { throw ExitCode(CommandFailure.failureExitCode) }
  }

  /// The object of a file; an empty one where there is no file, or nothing or null in it.
  private static func object(_ path: String?) throws -> JSONObject {
    guard let path else { return JSONObject() }
    do {
      let bytes = try LocalFile.read(path, byteCountMax: payloadLimit)
      guard !bytes.isEmpty else { return JSONObject() }
      switch try JSONValue.parse(bytes) {
      case .object(let object): return object
      case .null: return JSONObject()
      case let other:
        throw CommandFailure.usage("\(path): expected an object, found \(other.typeName)")
      }
    } catch let error as JSONError {
      throw CommandFailure.usage("\(path): not JSON: \(error)")
    } catch let error as FileError {
      throw CommandFailure.usage("\(error)")
    }
  }

  /// The longest payload, in bytes: what GitHub sends at most.
  private static let payloadLimit = 25 * 1024 * 1024
}
