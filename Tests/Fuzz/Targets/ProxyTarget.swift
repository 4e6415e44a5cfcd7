// What a proxy says before the first byte of a connection.

import HTTPServer

extension FuzzTarget {
  static let proxyHeader = FuzzTarget(
    name: "proxy-header",
    property: "a header is read once it is whole, and no earlier, whatever follows it"
  ) { input in
    let whole = ProxyReading(input)
    var arrived: [UInt8] = []
    for piece in Cuts.pieces(of: input) {
      arrived += piece
      let early = ProxyReading(arrived)
      switch (whole, early) {
      case (.header(_, let count), .incomplete) where arrived.count < count: break
      case (.header(_, let count), .header) where arrived.count >= count && early == whole: break
      case (.refused, .refused), (.refused, .incomplete), (.incomplete, .incomplete): break
      default: violated("\(early) after \(arrived.count) bytes is \(whole) in the end")
      }
    }
    if case .header(_, let count) = whole, !(1...input.count).contains(count) {
      violated("\(count) of \(input.count) bytes")
    }
  }
}

private enum ProxyReading: Equatable {
  case header(ProxyHeader, byteCount: Int)
  case incomplete
  case refused

  init(_ bytes: [UInt8]) {
    do throws(ProxyHeaderError) {
      guard let (header, byteCount) = try ProxyHeader.parse(bytes) else {
        self = .incomplete
        return
      }
      self = .header(header, byteCount: byteCount)
    } catch {
      self = .refused
    }
  }
}
