// The hash of keys.

/// A hash of byte strings that whoever chooses the keys cannot foresee.
///
/// Each eight bytes are combined with secret words by a multiplication to 128 bits whose halves are
/// then folded, as wyhash does and after it the maps of Go. The secret is made from the standard
/// library's seed, anew in each process, and no hash leaves the process. The standard library's own
/// hash would do as well but takes 19 ns for a short key, more than parsing it with its value.
///
/// It is of bytes, not of a `String`: all canonically equivalent texts share a `String`'s hash.
struct KeyHash: Sendable {
  private let secret: (UInt64, UInt64)

  /// The hash of this process.
  static let shared = KeyHash()

  private init() {
    func word(_ number: Int) -> UInt64 {
      var hasher = Hasher()
      hasher.combine(number)
      return UInt64(truncatingIfNeeded: hasher.finalize())
    }
    secret = (word(1), word(2))
  }

  /// The hash of some bytes of a text.
  @inline(__always)
  func hash(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
    var state = secret.0 ^ UInt64(truncatingIfNeeded: count)
    if count <= 8 {
      let word = shortWord(text, at: start, count: count)
      return Self.fold(state, word ^ secret.1)
    }
    var index = start
    let last = start &+ count &- 8
    while index < last {
      state = Self.fold(state, loadWord(text, at: index) ^ secret.1)
      index &+= 8
    }
    return Self.fold(state, loadWord(text, at: last) ^ secret.1)
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  // MARK: - Entries of a table

  /// Where the search for a hash begins in a table of `mask` + 1 slots.
  @inline(__always)
  static func slot(of hash: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) & mask
  }

  /// The entry of the key at a place, which is not 0.
  @inline(__always)
  static func entry(_ hash: UInt64, place: Int) -> UInt64 {
    hash & 0xFFFF_FFFF_0000_0000 | UInt64(truncatingIfNeeded: place)
  }

  /// Whether an entry may be of a key with this hash.
  @inline(__always)
  static func isEntry(_ entry: UInt64, of hash: UInt64) -> Bool {
    (entry ^ hash) &>> 32 == 0
  }

  @inline(__always)
  static func place(of entry: UInt64) -> Int {
    Int(truncatingIfNeeded: entry & 0xFFFF_FFFF)
  }
}
