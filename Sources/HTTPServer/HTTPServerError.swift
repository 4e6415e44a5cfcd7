package import Reactor

/// Why a server does not serve.
package struct HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What failed, for code that decides.
  package enum Code: Sendable {
    /// An address could not be listened on; the operator chose it.
    case cannotListen
    /// It was started before.
    case alreadyStarted
  }

  package let code: Code
  package let underlying: ReactorError?

  package var description: String {
    switch code {
    case .cannotListen: underlying?.description ?? "cannot listen"
    case .alreadyStarted: "the server was started already"
    }
  }
}
