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
  var provider: Provider = .github

  @Option(help: "The event, as the provider names it.")
  var event: String

  @Option(
    help: ArgumentHelp(
      "The file with the secret; one line feed at its end does not count.", valueName: "file"))
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

  enum Provider: String, ExpressibleByArgument, CaseIterable {
    case github
  }

  func run() async throws {
    let target: SendTarget
    let request: HTTPClientRequest
    do {
      target = try SendTarget(url, option: "--url", certificateAuthorities: caFile)
      let secret = try SecretMaterial.secret(from: LocalFile.read(secretFile))
      request = sign(try LocalFile.read(payload), with: secret, target: target.path)
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
  ) -> HTTPClientRequest {
    let digest = HMAC.sha256(key: secret, message: body)
    return HTTPClientRequest(
      .post, target,
      fields: [
        "Content-Type": "application/json", "User-Agent": ProductVersion.userAgent,
        "X-GitHub-Event": event, "X-GitHub-Delivery": delivery ?? Hex.encode(randomBytes(16)),
        "X-Hub-Signature-256": "sha256=\(Hex.encode(digest))",
      ],
      body: body, repeatability: .repeatable)
  }
}
