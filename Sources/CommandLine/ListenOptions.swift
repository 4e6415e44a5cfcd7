import ArgumentParser
import Glibc
import Reactor

/// `--listen`, as often as there are places where deliveries arrive.
struct ListenOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where deliveries arrive: ADDRESS:PORT, [::]:PORT for IPv6 and IPv4, or unix:/PATH, mode 0660; \
      port 0 is any free one. May be repeated, and is added to the sockets that systemd passes \
      (LISTEN_FDS). 0.0.0.0:8080 if there are neither.
      """, valueName: "address"),
    transform: { try ListenerAddress(parsing: $0) })
  var listen: [ListenerAddress] = []

  /// All of them, the inherited ones first.
  ///
  /// - Throws: ``CommandFailure`` when `LISTEN_PID` or `LISTEN_FDS` says nonsense.
  func addresses() throws -> [ListenerAddress] {
    let inherited: [ListenerAddress]
    do {
      inherited = try InheritedSockets.addresses(
        environment: ProcessEnvironment.variables, process: getpid())
    } catch {
      throw CommandFailure.usage("\(error)")
    }
    let all = inherited + listen
    return all.isEmpty ? [Self.addressDefault] : all
  }

  private static let addressDefault = ListenerAddress.network(
    SocketAddress(host: .anyV4, port: 8080))
}
