// Protocol versions.

/// The version whose rules a message follows.
///
/// A higher minor version than 1 is read as 1.1, the highest that is implemented (RFC 9110 §2.5);
/// another major version is an error of the parser.
package enum HTTPVersion: Sendable, Comparable {
  case http10
  case http11
}
