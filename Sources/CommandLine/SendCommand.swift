import ArgumentParser
import Bytes
import Crypto
import HTTPClient
import HTTPWire
import Hooks
import Reactor
import Service

/// `hookline send`
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Signs a payload as a Git host would and sends it.",
    discussion: "Prints the status and the reply. Exit code 1 unless the answer is a success.")

  @Option(
    help: ArgumentHelp(
      "Where the hook is, such as http://127.0.0.1:8080/hooks/ci/my-app.", valueName: "url"))
  var url: String

  @Option(help: "Whose deliveries to imitate.")
  var provider: SourceKind = .github

  @Option(
    help: """
      The event, as the provider names it; needless where the payload says it: azure-devops, gitlab, \
      slack, standard-webhooks, stripe, svix.
      """)
  var event: String?

  @Option(
    help: ArgumentHelp(
      "The file with the secret, for sourcehut the private key; one line feed at its end does not "
        + "count.", valueName: "file"))
  var secretFile: String

  @Option(help: ArgumentHelp("The payload, sent as it is.", valueName: "file"))
  var payload: String

  @Option(help: "The delivery's id; a random one if it is not given.")
  var delivery: String?

  @Option(
    help: ArgumentHelp(
      "Trust the certificate authorities in this file instead of the system's.",
      valueName: "file"))
  var caFile: String?

  func validate() throws {
    guard provider != .custom else {
      throw ValidationError("--provider custom has no form of its own: use curl")
    }
    if event == nil, provider.profile.isEventNamedInHeader {
      throw ValidationError("--event is missing: \(provider.profile.title) names it in a header")
    }
  }

  func run() async throws {
    let target: SendTarget
    let request: HTTPClientRequest
    do {
      target = try SendTarget(url, option: "--url", certificateAuthorities: caFile)
      let secret = try SecretMaterial.secret(from: LocalFile.read(secretFile))
      request = try sign(try LocalFile.read(payload), with: secret, target: target.path)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure.usage("\(error)")
    }

    let loops = try EventLoopGroup(loopCount: 1)
    let client = HTTPClient(origin: target.origin, loops: loops)
    let response: HTTPClientResponse
    do {
      response = try await client.send(request)
    } catch {
      throw CommandFailure.failed("\(url): \(error)")
    }
    await client.close()
    loops.stop()
    print("\(response.status.rawValue) \(response.status.reasonPhrase)")
    let text = String(decoding: response.body, as: UTF8.self)
    print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
    guard response.status.isSuccess else { throw ExitCode(CommandFailure.failureExitCode) }
  }

  private func sign(
    _ body: [UInt8], with secret: SecretBytes, target: String
  ) throws -> HTTPClientRequest {
    let profile = provider.profile
    let id = delivery ?? Hex.encode(randomBytes(16))
    let named = profile.fields(event: event ?? "", delivery: id).filter { !$0.value.isEmpty }
    let message = UnprovenMessage(
      fields: named, body: body, id: id, time: WallTime.now.secondsSince1970)
    guard let proof = profile.proof(of: message, secret: secret) else {
      throw CommandFailure.usage(
        "\(secretFile): not written as the secrets of \(profile.title) are")
    }
    var fields: HTTPFields = [
      "Content-Type": "application/json", "User-Agent": ProductVersion.userAgent,
    ]
    for field in named + proof { fields.append(name: field.name, value: field.value) }
    return HTTPClientRequest(
      .post, target, fields: fields, body: body, repeatability: .repeatable)
  }
}
