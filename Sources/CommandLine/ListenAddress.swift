import ArgumentParser
import Reactor

/// `ADDR:PORT` on the command line.
struct ListenAddress: ExpressibleByArgument {
  let address: SocketAddress

  init(_ address: SocketAddress) {
    self.address = address
  }

  init?(argument: String) {
    guard let address = try? SocketAddress(parsing: argument) else { return nil }
    self.address = address
  }

  var defaultValueDescription: String { "\(address)" }
}
