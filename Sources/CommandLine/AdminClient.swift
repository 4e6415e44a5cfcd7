import ArgumentParser
import HTTPClient
import HTTPWire
import JSON
import Reactor
import Service

/// `--admin` and `--output`, for the commands that ask a running service.
struct AdminOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The admin listener of the service.", valueName: "url"))
  var admin = "http://127.0.0.1:9090"

  @Option(help: "text, or json for what the service answered.")
  var output: OutputFormat = .text
}

/// Asks the admin listener.
struct AdminClient {
  let options: AdminOptions

  /// Sends one request.
  ///
  /// - Parameter path: with its query.
  /// - Returns: the status and the JSON of the answer.
  /// - Throws: ``CommandFailure`` when there is no answer, or one that is an error without a delivery.
  func send(
    _ method: HTTPMethod, _ path: String
  ) async throws -> (status: HTTPStatus, json: JSONValue) {
    let target = try SendTarget(options.admin, option: "--admin", certificateAuthorities: nil)
    let base = target.path == "/" ? "" : target.path
    let loops = try EventLoopGroup(loopCount: 1)
    let client = HTTPClient(origin: target.origin, loops: loops)
    let response: HTTPClientResponse
    do {
      response = try await client.send(
        HTTPClientRequest(
          method, base + path,
          fields: ["Content-Type": "application/json", "User-Agent": ProductVersion.userAgent],
          body: method == .post ? Array("{}".utf8) : []))
    } catch {
      throw CommandFailure.failed(
        "\(options.admin): \(error): is the service running, and is this its --admin address?")
    }
    await client.close()
    loops.stop()
    let json: JSONValue
    do { json = try JSONValue.parse(response.body) } catch {
      throw CommandFailure.failed(
        "\(options.admin)\(path): \(response.status.rawValue) without JSON: is this the admin listener?"
      )
    }
    if !response.status.isSuccess, let message = json["error"]?["message"]?.stringValue {
      let text = "\(response.status.rawValue) \(response.status.reasonPhrase): \(message)"
      throw response.status == .badRequest ? CommandFailure.usage(text) : .failed(text)
    }
    return (response.status, json)
  }
}
