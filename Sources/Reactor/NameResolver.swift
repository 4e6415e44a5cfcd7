import CLinux
import Glibc
import Synchronization

/// Finds the addresses of host names, away from the event loops.
///
/// `getaddrinfo` blocks for as long as the name servers let it, and cannot be interrupted. So it
/// runs on a thread of its own, started when it is first needed, and whoever asked waits no longer
/// than its own deadline. The thread is not joined: waiting for a dead name server must not hold
/// up the end of the process.
///
/// Limits: one question at a time; at most ``queueLimit`` wait.
///
/// Source: getaddrinfo(3), RFC 6724 for the order of the answers.
package final class NameResolver: Sendable {
  /// Questions that may wait. A service asks for its few API servers; more means that names do
  /// not resolve, and queueing would not help.
  static let queueLimit = 256

  private struct Question: Sendable {
    let host: String
    let port: UInt16
    let answer: @Sendable (Result<[SocketAddress], ReactorError>) -> Void
  }

  private struct State {
    var questions: [Question] = []
    var isRunning = false
  }

  private let state = Mutex(State())

  package init() {}

  /// The addresses of a host, in the order in which to try them; an IP address is its own answer.
  ///
  /// Concurrency: on the loop.
  ///
  /// Errors: `.resolveFailed`, `.deadlinePassed`.
  package func resolve(
    _ host: String, port: UInt16, on loop: EventLoop, deadline: MonotonicInstant
  ) async throws(ReactorError) -> [SocketAddress] {
    if let address = IPAddress(host) { return [SocketAddress(host: address, port: port)] }
    guard !host.isEmpty, !host.utf8.contains(0) else {
      throw ReactorError(.resolveFailed, detail: "\"\(host)\" is not a host name")
    }
    loop.checkIsolated()
    let answer = Answer(waiter: Waiter(on: loop))
    defer { answer.waiter.close() }
    try ask(
      Question(host: host, port: port) { result in
        Task(executorPreference: loop) { answer.arrive(result) }
      })
    _ = await answer.waiter.wait(until: deadline)
    guard let result = answer.result else {
      throw ReactorError(.deadlinePassed, detail: "resolving \(host)")
    }
    return try result.get()
  }

  /// Where the asking task finds the answer.
  // `@unchecked Sendable`: used on the asking task's loop only.
  private final class Answer: @unchecked Sendable {
    let waiter: Waiter
    private(set) var result: Result<[SocketAddress], ReactorError>?

    init(waiter: Waiter) {
      self.waiter = waiter
    }

    func arrive(_ result: Result<[SocketAddress], ReactorError>) {
      self.result = result
      waiter.end(.ready)
    }
  }

  private func ask(_ question: Question) throws(ReactorError) {
    let mustStart = state.withLock { state -> Bool? in
      guard state.questions.count < NameResolver.queueLimit else { return nil }
      state.questions.append(question)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard let mustStart else {
      throw ReactorError(.resolveFailed, detail: "too many names are being resolved")
    }
    guard mustStart else { return }
    do throws(Errno) {
      try NamedThread("resolver") { self.answerAll() }.detach()
    } catch {
      state.withLock { $0 = State() }
      throw ReactorError(.resolveFailed, underlying: error, detail: "starting the resolver")
    }
  }

  /// Answers until no question is left, then lets the thread end.
  private func answerAll() {
    while true {
      let question = state.withLock { state -> Question? in
        guard !state.questions.isEmpty else {
          state.isRunning = false
          return nil
        }
        return state.questions.removeFirst()
      }
      guard let question else { return }
      question.answer(NameResolver.lookUp(question.host, port: question.port))
    }
  }

  /// Asks the system; blocks. The corresponding C function is `getaddrinfo`.
  private static func lookUp(
    _ host: String, port: UInt16
  ) -> Result<
    [SocketAddress], ReactorError
  > {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(CLINUX_SOCK_STREAM)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    // SAFETY: on success the call sets `list`, which is freed once, after its last use.
    let code = unsafe getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
      let reason = unsafe gai_strerror(code).map { unsafe String(cString: $0) } ?? "code \(code)"
      return .failure(ReactorError(.resolveFailed, detail: "\(host): \(reason)"))
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      if var address = unsafe SocketAddress(entry.pointee) {
        address.port = port
        addresses.append(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    return addresses.isEmpty
      ? .failure(ReactorError(.resolveFailed, detail: "\(host) has no address"))
      : .success(addresses)
  }
}

extension SocketAddress {
  /// Reads an entry of the resolver's answer.
  fileprivate init?(_ entry: addrinfo) {
    var storage = sockaddr_storage()
    let length = unsafe Int(entry.ai_addrlen)
    guard let source = unsafe entry.ai_addr, length <= MemoryLayout<sockaddr_storage>.size else {
      return nil
    }
    // SAFETY: the entry says how long its address is, and that is no more than the storage holds.
    unsafe withUnsafeMutableBytes(of: &storage) {
      unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: length))
    }
    self.init(storage)
  }
}
