// Asking until what was asked for has come about.

import HTTPClient
import HTTPWire
import JSON
import Reactor
import UnixSignals

/// How a call of a trigger ended.
struct RunEnding: Sendable {
  enum Reason: Equatable, Sendable {
    /// The service's last word.
    case answered
    /// What was waited for had not come about when the time was over.
    case timeOver
    /// Somebody does not want to wait any longer.
    case interrupted
    /// No answer; the text says why.
    case unreachable(String)
  }

  let reason: Reason
  /// The last answer, if there was one.
  let reply: RunReply?
}

/// Sends a call and, with a limit, repeats it under its key while the run is not as far as wanted.
///
/// Each repetition is answered with the first call's run, so it asks how far that is. One that was
/// lost on the way is sent again after a while; the first only if the service may have had it.
struct RunWaiting: Sendable {
  let call: RunCall
  /// How long to wait; nil for the first answer.
  let limit: Duration?
  let goal: RunCommand.Goal
  let progress: RunProgress

  func run() async throws -> RunEnding {
    let loops = try EventLoopGroup(loopCount: 1)
    let client = HTTPClient(origin: call.target.origin, loops: loops)
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let ending = await withTaskGroup(of: RunEnding?.self) { tasks in
      tasks.addTask { await converse(client) }
      tasks.addTask {
        for await _ in signals { return RunEnding(reason: .interrupted, reply: progress.last) }
        return nil
      }
      tasks.addTask {
        while !Task.isCancelled {
          // Cancelled: the loop ends.
          try? await Task.sleep(for: .seconds(1))
          progress.tick()
        }
        return nil
      }
      var ending: RunEnding?
      while ending == nil, let next = await tasks.next() { ending = next }
      tasks.cancelAll()
      return ending
    }
    await client.close()
    loops.stop()
    return ending ?? RunEnding(reason: .interrupted, reply: progress.last)
  }

  private func converse(_ client: HTTPClient) async -> RunEnding {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: limit ?? .zero)
    var isKnown = false
    var delay = Self.delayMin
    while true {
      let left = clock.now.duration(to: end)
      let most = isKnown ? Self.waitMax : Self.firstWait
      let wait = limit == nil ? nil : min(max(left, .milliseconds(1)), most)
      let pause: Duration
      do throws(HTTPClientError) {
        let response = try await client.send(
          call.request(waiting: wait, for: goal), within: (wait ?? .zero) + Self.answerLimit)
        let reply = RunReply(response)
        progress.show(reply)
        guard limit != nil, reply.isOpen else { return RunEnding(reason: .answered, reply: reply) }
        if clock.now >= end { return RunEnding(reason: .timeOver, reply: reply) }
        isKnown = true
        delay = Self.delayMin
        pause = reply.retryAfter ?? .zero
      } catch {
        if Task.isCancelled { return RunEnding(reason: .interrupted, reply: progress.last) }
        isKnown = isKnown || error.requestState != .notSent
        let isWorthIt = isKnown && delay <= Self.delayMax && error.isOfTheWay
        guard isWorthIt else {
          return RunEnding(reason: .unreachable("\(error)"), reply: progress.last)
        }
        progress.note("\(error); trying again")
        pause = delay
        delay *= 2
      }
      // Cancelled: the next request says so.
      if pause > .zero { try? await Task.sleep(for: pause) }
    }
  }

  /// How long the first request waits, so that the run's name is shown soon.
  private static let firstWait = Duration.seconds(1)
  /// How long the others wait: short enough that the state that is shown is fresh, long enough to
  /// cost the service, and what a caller may ask for, little.
  private static let waitMax = Duration.seconds(30)
  /// For an answer beyond its wait: the client's usual limit.
  private static let answerLimit = Duration.seconds(30)
  private static let delayMin = Duration.milliseconds(500)
  /// Seven tries, about a minute: as long as a pod takes to be replaced.
  private static let delayMax = Duration.seconds(32)
}

extension HTTPClientError {
  /// Whether another try may go better.
  fileprivate var isOfTheWay: Bool {
    switch code {
    case .cannotConnect, .timedOut, .connectionLost: true
    case .proxyFailed, .tlsFailed, .invalidResponse, .invalidRequest, .cancelled, .closed: false
    }
  }
}

/// What the service answered.
struct RunReply: Sendable {
  let status: HTTPStatus
  /// Null when it was no JSON.
  let json: JSONValue
  /// When to come back, if it says so.
  let retryAfter: Duration?

  init(_ response: HTTPClientResponse) {
    status = response.status
    do throws(JSONError) { json = try JSONValue.parse(response.body) } catch { json = .null }
    retryAfter = response.fields["Retry-After"].flatMap { Int64($0) }
      .flatMap { (0...Self.retryAfterMax).contains($0) ? .seconds($0) : nil }
  }

  /// Whether there may be more to tell later.
  var isOpen: Bool {
    switch status {
    case .accepted: true
    case .serviceUnavailable, .tooManyRequests: retryAfter != nil
    default: false
    }
  }

  /// What the trigger decided, once for each run.
  var decisions: [JSONValue] { json["decisions"]?.arrayValue ?? [] }

  /// `created`, `running (Started)`: how far the first run is.
  var state: String {
    guard let decision = decisions.first else { return status.reasonPhrase.lowercased() }
    guard let phase = decision["status"]?["phase"]?.stringValue else {
      return decision["state"].map { PrintedText.oneLine($0) } ?? "accepted"
    }
    let reason = decision["status"]?["reason"].map { " (\(PrintedText.oneLine($0)))" } ?? ""
    return PrintedText.oneLine(.string(phase)) + reason
  }

  private static let retryAfterMax: Int64 = 3600
}
