// `branches` with `ignoreBranches`, and `tags` with `ignoreTags`.

/// Which names pass.
struct NameFilter: Sendable {
  /// What must cover the name; nil where any name will do.
  var included: GlobList?
  /// What must not cover it.
  var ignored: GlobList?

  /// Why a name does not pass; nil when it does. An event without a name passes unless some are asked
  /// for.
  func objection(to name: String?, reason: SkipReason, ignoreField: String) -> FilterObjection? {
    guard let name else {
      guard included != nil else { return nil }
      return FilterObjection(reason, "the event has no \(reason.rawValue)")
    }
    if let included, !included.matches(name) {
      return FilterObjection(
        reason, "\(reason.rawValue) \(excerpt(name)) matches none of \(included)")
    }
    if let ignored, ignored.matches(name) {
      return FilterObjection(
        reason, "\(reason.rawValue) \(excerpt(name)) is ignored by \(ignoreField) \(ignored)")
    }
    return nil
  }
}
