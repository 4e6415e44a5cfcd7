/// A file descriptor with exactly one owner, closed when the owner lets go of it.
///
/// It cannot be copied, so nobody can use the number after the close and hit a stranger's
/// connection that was given the same one.
package struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number, for a system call made while the owner is alive.
  package let rawValue: Int32

  /// Takes over a descriptor that was just created and belongs to nobody else.
  package init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    SystemCall.close(rawValue)
  }
}
