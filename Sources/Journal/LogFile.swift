// Reading SQLite's write-ahead log, to tell damage from the end.
//
// SQLite takes a log up to the first frame whose checksum is wrong and ignores the rest: that is the
// place where power was lost, or it is a flipped bit, and then deliveries that were acknowledged lie
// behind it. Each checksum goes on from the one before, which is stored; so the frames behind a
// damaged one can be checked nevertheless.
//
// Source: sqlite.org/fileformat2.html §4, "The Write-Ahead Log".

/// The frames of a log.
struct LogFile {
  /// A page as a transaction left it.
  struct Frame {
    /// The page's number, from 1.
    let page: UInt32
    let bytes: ArraySlice<UInt8>
    /// It ends a transaction.
    let isCommit: Bool
    /// Its checksum is right.
    let isWhole: Bool
  }

  /// The frames of the log's last use up to the last transaction, in their order; of damaged ones
  /// those that may be right but for a bit.
  private(set) var frames: [Frame] = []
  /// Whether a transaction lies behind the first damage.
  private(set) var isDamaged = false

  /// Of a database of 64 GiB: a damaged number beyond would make a huge copy.
  private static let pageLimit: UInt32 = 1 << 24
  static let headerByteCount = 32
  static let frameHeaderByteCount = 24

  /// - Parameter bytes: the whole file.
  init(_ bytes: [UInt8], pageByteCount: Int = 4096) {
    guard bytes.count >= Self.headerByteCount else { return }
    let isHeaderIntact = Self.isHeaderIntact(bytes, pageByteCount: pageByteCount)
    let frameByteCount = Self.frameHeaderByteCount + pageByteCount
    let isBigEndian = Self.word(bytes, 0) & 1 == 1
    var salts = bytes[16..<24]
    var sum = Self.pair(bytes, 24)
    var isUnbroken = isHeaderIntact
    var offset = Self.headerByteCount
    // With a damaged header, the first frame says which use of the log this is.
    if !isHeaderIntact, bytes.count >= offset + frameByteCount {
      salts = bytes[(offset + 8)..<(offset + 16)]
    }
    while offset + frameByteCount <= bytes.count {
      let page = bytes[(offset + Self.frameHeaderByteCount)..<(offset + frameByteCount)]
      let head = bytes[offset..<(offset + 8)]
      let stored = Self.pair(bytes, offset + 16)
      sum = Self.checksum(page, after: Self.checksum(head, after: sum, isBigEndian), isBigEndian)
      let isOfThisUse = bytes[(offset + 8)..<(offset + 16)].elementsEqual(salts)
      let number = Self.word(bytes, offset)
      let isWhole = isOfThisUse && sum == stored && number > 0
      let isCommit = Self.word(bytes, offset + 4) != 0
      if isOfThisUse, number > 0, number <= Self.pageLimit {
        frames.append(Frame(page: number, bytes: page, isCommit: isCommit, isWhole: isWhole))
      }
      if !isWhole { isUnbroken = false }
      if isWhole, isCommit, !isUnbroken { isDamaged = true }
      sum = stored
      offset += frameByteCount
    }
    // What comes after the last commit belongs to no transaction.
    let end = frames.lastIndex { $0.isCommit && $0.isWhole }.map { $0 + 1 } ?? 0
    frames.removeSubrange(end...)
  }

  private static func isHeaderIntact(_ bytes: [UInt8], pageByteCount: Int) -> Bool {
    let magic = word(bytes, 0)
    guard magic & ~1 == 0x377F_0682, word(bytes, 8) == UInt32(pageByteCount) else { return false }
    return checksum(bytes[..<24], after: (0, 0), magic & 1 == 1) == pair(bytes, 24)
  }

  /// A Fibonacci-weighted sum over pairs of 32-bit words; the order of bytes is the header's.
  private static func checksum(
    _ bytes: ArraySlice<UInt8>, after start: (UInt32, UInt32), _ isBigEndian: Bool
  ) -> (UInt32, UInt32) {
    var (first, second) = start
    var index = bytes.startIndex
    while index + 8 <= bytes.endIndex {
      let left = word(bytes, index)
      let right = word(bytes, index + 4)
      first = first &+ (isBigEndian ? left : left.byteSwapped) &+ second
      second = second &+ (isBigEndian ? right : right.byteSwapped) &+ first
      index += 8
    }
    return (first, second)
  }

  /// A big-endian word; the caller has looked that it is there.
  private static func word(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
    UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
      | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 { word(bytes[...], offset) }

  private static func pair(_ bytes: [UInt8], _ offset: Int) -> (UInt32, UInt32) {
    (word(bytes, offset), word(bytes, offset + 4))
  }
}
