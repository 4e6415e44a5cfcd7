import CLinux

/// The memory of the process as a whole.
package enum ProcessMemory {
  /// Has blocks of at least ``mappedByteCount`` go back to the kernel as soon as they are freed.
  ///
  /// Otherwise the allocator takes the first large block that is freed as a sign that such blocks
  /// come and go, and keeps the next ones: the bodies of a burst would stay with the process for good.
  ///
  /// The corresponding C function is `mallopt` with `M_MMAP_THRESHOLD`.
  package static func returnLargeBlocks() {
    // It fails for sizes beyond 32 MiB only; without it everything works.
    _ = clinux_map_blocks_from(mappedByteCount)
  }

  /// 1 MiB: larger than what small webhooks need, of which thousands come in a second, so that none
  /// of those pays for a mapping.
  private static let mappedByteCount: Int32 = 1 << 20
}
