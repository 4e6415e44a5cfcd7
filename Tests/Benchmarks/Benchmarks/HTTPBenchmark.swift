// The head parser, and a whole exchange on the server's machine: how fast, and that neither asks for
// memory once it is warm.

import CAllocations
import HTTPWire

enum HTTPBenchmark {
  /// The request of picohttpparser's bench.c, the customary one: 703 bytes.
  private static let request = Array(
    """
    GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r
    Host: www.kittyhell.com\r
    User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) \
    Gecko/20100401 Firefox/3.6.3 Pathtraq/0.9\r
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
    Accept-Language: ja,en-us;q=0.7,en;q=0.3\r
    Accept-Encoding: gzip,deflate\r
    Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r
    Keep-Alive: 115\r
    Connection: keep-alive\r
    Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; \
    __utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x; \
    __utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|\
    utmcct=/reader/|utmcmd=referral\r
    \r

    """.utf8)

  private static let rounds = 5
  private static let iterations = 300_000

  static func run(_ arguments: [String]) async throws {
    print("request: \(request.count) bytes; the best of \(rounds) rounds of \(iterations)")
    try measure("head parser") {
      var parser = RequestHeadParser()
      var head = HTTPRequestHead(method: .get, target: "")
      return {
        parser.reset()
        let count = try parser.parse(request.span, limits: .default, into: &head)
        precondition(count == request.count && head.fields.count == 9)
      }
    }
    try measure("server machine, request and response") {
      var machine = HTTPServerMachine()
      var body: [UInt8] = []
      var output: [UInt8] = []
      let date = HTTPDate.format(secondsSince1970: 0)
      let response = HTTPResponseHead(status: .ok, fields: ["Content-Type": "text/plain"])
      let text = Array("ok\n".utf8)
      return {
        machine.receive(request.span)
        guard case .head = try machine.next(body: &body) else { preconditionFailure("no head") }
        let next = try machine.writeResponse(response, bytes: text, date: date, to: &output)
        precondition(next == .keepAlive && output.count > 100)
        output.removeAll(keepingCapacity: true)
      }
    }
  }

  private static func measure(_ name: String, _ make: () -> () throws -> Void) throws {
    let step = make()
    for _ in 0..<1000 { try step() }
    let allocations = allocation_count()
    var best = Duration.seconds(3600)
    for _ in 0..<rounds {
      best = min(
        best,
        try ContinuousClock().measure {
          for _ in 0..<iterations { try step() }
        })
    }
    let asked = Double(allocation_count() - allocations) / Double(rounds * iterations)
    let nanoseconds =
      Double(best.components.attoseconds) / 1e9 + Double(best.components.seconds) * 1e9
    let perRequest = nanoseconds / Double(iterations)
    print(
      name, "\(perRequest.rounded()) ns",
      "\((Double(request.count) / perRequest * 100).rounded() / 100) GB/s",
      "\((asked * 1000).rounded() / 1000) allocations", separator: ": ")
  }
}
