// The version, in one place.

/// What this build calls itself.
package enum ProductVersion {
  /// Semantic versioning; the changelog has the same number.
  package static let current = "0.1.0"

  /// The `User-Agent` of our requests.
  package static let userAgent = "hookline/\(current)"
}
