// Where the specification and cel-go differ.

/// Whose behaviour counts where cel-spec's conformance tests and cel-go, which Tekton uses, disagree.
///
/// There are two places: an offset of `indexOf` and `lastIndexOf` beyond the end is an error in the
/// one and −1 in the other, and `getMilliseconds` of a duration is the part within the second in the
/// one and the total in the other.
package enum CELDialect: Sendable {
  case specification
  case celGo
}
