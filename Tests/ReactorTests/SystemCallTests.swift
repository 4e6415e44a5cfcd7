import Glibc
import Testing

@testable import Reactor

@Suite struct SystemCallTests {
  /// What a call returns time after time, and the error behind each −1.
  struct Script: CustomTestStringConvertible {
    let steps: [(value: Int32, errno: Errno)]
    let expected: Result<Int32, Errno>
    let testDescription: String
  }

  static let scripts = [
    Script(steps: [(7, .wouldBlock)], expected: .success(7), testDescription: "success"),
    Script(
      steps: [(-1, .interrupted), (-1, .interrupted), (3, .interrupted)], expected: .success(3),
      testDescription: "interrupted twice"),
    Script(
      steps: [(-1, .wouldBlock), (3, .wouldBlock)], expected: .failure(.wouldBlock),
      testDescription: "would block"),
    Script(
      steps: [(-1, .interrupted), (-1, .brokenPipe)], expected: .failure(.brokenPipe),
      testDescription: "interrupted, then broken"),
    Script(steps: [(0, .brokenPipe)], expected: .success(0), testDescription: "zero is no error"),
  ]

  @Test(arguments: scripts)
  func `interruptions are repeated, other errors are thrown`(script: Script) {
    var step = -1
    let result = Result { () throws(Errno) in
      try SystemCall.retryingInterrupts(failure: { script.steps[step].errno }) {
        step += 1
        return script.steps[step].value
      }
    }
    #expect(result == script.expected)
  }

  @Test func `a socket is non-blocking and closed on exec`() throws {
    let socket = try SystemCall.streamSocket(for: SocketAddress(host: .loopbackV4, port: 0))
    #expect(fcntl(socket.rawValue, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(socket.rawValue, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test func `letting go of a descriptor closes it`() throws {
    let raw: Int32
    do {
      let counter = try SystemCall.eventCounter()
      raw = counter.rawValue
      #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
    }
    // Another test may be given the number, but not as a counter that is ours.
    var byte: UInt64 = 0
    #expect(unsafe read(raw, &byte, 8) != 8)
  }

  @Test func `an error names itself in words`() {
    #expect(Errno.connectionRefused.description == "Connection refused")
    #expect(Errno(rawValue: 99_999).description.contains("99999"))
  }
}
