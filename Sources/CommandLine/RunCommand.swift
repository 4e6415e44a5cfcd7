import ArgumentParser
import Bytes
import Crypto
import HTTPClient
import HTTPWire
import Hooks
import JSON
import Kubernetes
import Reactor
import Service

/// `hookline run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Starts a trigger by hand.",
    discussion: """
      Says what was started and how to follow it. With --wait it shows how far the run is, until \
      it exists or, with --for completion, has finished. The call carries an idempotency key, so it \
      is repeated after a lost connection without a second run; give --idempotency-key to repeat \
      it yourself. Ctrl-C ends the waiting and not the run.

      Exit code 0 when it was started, or what was waited for came about and went well; 1 when it \
      failed, was refused, or the time was over; 2 for wrong usage; 130 after Ctrl-C.
      """)

  @Argument(help: ArgumentHelp("The hook.", valueName: "namespace/hook"))
  var hook: String

  @Argument(help: "The trigger.")
  var trigger: String

  @Option(
    help: ArgumentHelp("Where the service takes deliveries.", valueName: "url"))
  var server = "http://127.0.0.1:8080"

  @Option(
    help: ArgumentHelp(
      "The file with the caller's token; one line feed at its end does not count.",
      valueName: "file"))
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "The environment variable with the token; HOOKLINE_TOKEN if neither is given.",
      valueName: "name"))
  var tokenEnv: String?

  @Option(
    help: ArgumentHelp(
      "An input: name=text, or name:=JSON for a number or a boolean. May be repeated.",
      valueName: "input"))
  var input: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file with one JSON object of inputs; --input takes precedence.", valueName: "file"))
  var inputs: String?

  @Option(help: ArgumentHelp("What makes a repetition one with the first call.", valueName: "key"))
  var idempotencyKey: String?

  @Option(
    help: ArgumentHelp(
      "How long to wait, such as 30s or 10m; with --for alone 1h.", valueName: "duration"),
    transform: { text throws(ValidationError) in
      do throws(GoDurationError) {
        let duration = try GoDuration(text).duration
        if duration > .zero, duration <= waitMax { return duration }
      } catch {}
      throw ValidationError("a duration such as 30s or 10m, at most 24h")
    })
  var wait: Duration?

  @Option(name: .customLong("for"), help: "What to wait for: created or completion.")
  var goal: Goal?

  @Option(
    help: ArgumentHelp(
      "Trust the certificate authorities in this file instead of the system's.",
      valueName: "file"))
  var cacert: String?

  @Option(help: "text, or json for what the service answered.")
  var output: OutputFormat = .text

  enum Goal: String, ExpressibleByArgument, CaseIterable {
    case created
    case completion
  }

  func validate() throws {
    if tokenFile != nil, tokenEnv != nil {
      throw ValidationError("give one of --token-file and --token-env")
    }
    guard let name = HookName(hook), !name.namespace.isEmpty, !name.name.isEmpty, !trigger.isEmpty
    else {
      throw ValidationError("expected namespace/hook and a trigger, such as ci/my-app deploy")
    }
  }

  func run() async throws {
    let call = try RunCall(self)
    let limit = wait ?? (goal == nil ? nil : Self.waitDefault)
    let progress = RunProgress(call.describesItself, isShown: limit != nil)
    let waiting = RunWaiting(call: call, limit: limit, goal: goal ?? .created, progress: progress)
    let ending = try await waiting.run()
    progress.clear()
    let report = RunReport(ending, key: call.key)
    if output == .json, let json = ending.reply?.json {
      print(json.serializedString(.pretty(indent: 2)))
    } else if !report.output.isEmpty {
      print(report.output)
    }
    if !report.errors.isEmpty { StandardError.print(report.errors) }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  private static let waitDefault = Duration.seconds(3600)
  private static let waitMax = Duration.seconds(24 * 3600)
}

/// The call of a trigger, ready to be sent as often as it takes.
struct RunCall: Sendable {
  let target: SendTarget
  let key: String
  /// `namespace/hook trigger`
  let describesItself: String
  private let path: String
  private let token: String
  private let body: [UInt8]

  /// - Throws: ``CommandFailure`` for usage that is wrong.
  init(_ command: RunCommand) throws {
    target = try SendTarget(
      command.server, option: "--server", certificateAuthorities: command.cacert)
    guard !target.path.contains("?") else {
      throw CommandFailure.usage("--server \(command.server): a query has no meaning here")
    }
    let base = target.path == "/" ? "" : target.path
    // Names need no escaping; what is none must not become another path.
    let names = command.hook.split(separator: "/").map(String.init) + [command.trigger]
    path = base + "/hooks/" + names.map(PercentEncoding.encode).joined(separator: "/")
    key = command.idempotencyKey ?? Hex.encode(randomBytes(16))
    token = try Self.token(command)
    body = JSONValue.object(["inputs": .object(try Self.inputs(command))]).serialized()
    describesItself = "\(command.hook) \(command.trigger)"
    if case .plain = target.origin.security, !Self.isLoopback(target.origin.host) {
      StandardError.print("warning: the token goes to \(target.origin.host) without TLS")
    }
  }

  /// The request.
  ///
  /// - Parameters:
  ///   - wait: how long the service may take for its answer; nil for an answer at once.
  func request(waiting wait: Duration?, for goal: RunCommand.Goal) -> HTTPClientRequest {
    var query = ""
    if let wait {
      let milliseconds = max(1, wait.wholeNanoseconds / 1_000_000)
      query = "?wait=\(milliseconds)ms&for=\(goal == .created ? "creation" : "completion")"
    }
    return HTTPClientRequest(
      .post, path + query,
      fields: [
        "Content-Type": "application/json", "User-Agent": ProductVersion.userAgent,
        "Authorization": "Bearer \(token)", "Idempotency-Key": key,
      ],
      body: body, repeatability: .repeatable)
  }

  private static func token(_ command: RunCommand) throws -> String {
    let bytes: [UInt8]
    let place: String
    if let file = command.tokenFile {
      place = file
      do {
        bytes = try SecretMaterial.secret(from: LocalFile.read(file)).withBytes { bytes in
          bytes.indices.map { bytes[$0] }
        }
      } catch { throw CommandFailure.usage("\(error)") }
    } else {
      let name = command.tokenEnv ?? "HOOKLINE_TOKEN"
      place = "$\(name)"
      guard let value = ProcessEnvironment.variables[name] else {
        throw CommandFailure.usage(
          "no token: give --token-file FILE or --token-env NAME, or set \(name)")
      }
      bytes = Array(value.utf8)
    }
    guard !bytes.isEmpty, bytes.allSatisfy(ASCII.isVisible) else {
      throw CommandFailure.usage("\(place): a token is one word of visible characters")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func inputs(_ command: RunCommand) throws -> JSONObject {
    var inputs = JSONObject()
    if let file = command.inputs {
      do {
        guard let object = try JSONValue.parse(LocalFile.read(file)).objectValue else {
          throw CommandFailure.usage("\(file): expected one JSON object of inputs")
        }
        inputs = object
      } catch let error as JSONError {
        throw CommandFailure.usage("\(file): not JSON: \(error)")
      } catch let failure as CommandFailure {
        throw failure
      } catch {
        throw CommandFailure.usage("\(error)")
      }
    }
    for text in command.input {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, parts[0] != ":" else {
        throw CommandFailure.usage("--input \(text): expected name=text or name:=JSON")
      }
      guard parts[0].hasSuffix(":") else {
        inputs[String(parts[0])] = .string(String(parts[1]))
        continue
      }
      do throws(JSONError) {
        inputs[String(parts[0].dropLast())] = try JSONValue.parse(Array(parts[1].utf8))
      } catch {
        throw CommandFailure.usage("--input \(text): not JSON: \(error)")
      }
    }
    return inputs
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.utf8.starts(with: "127.".utf8)
  }
}
