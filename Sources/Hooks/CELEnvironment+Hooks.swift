// What the expressions of hooks may use.

package import CEL
import YAML

extension CELEnvironment {
  /// The environment of `when` and `vars`, with the time zones that it is given. Secrets are not
  /// within reach of an expression: a hook's source verifies the sender.
  package static func hooks(zones: TimeZoneDatabase) -> CELEnvironment {
    hookline(
      zones: zones,
      services: TektonServices(
        secret: { _, _ throws(TektonServices.Refusal) in
          throw TektonServices.Refusal("the expressions of a Hook have no access to secrets")
        },
        parseYAML: TektonServices.yaml))
  }

  /// The same with time zones by offset only, for where nothing outside may be asked.
  package static let hooks = hooks(zones: .none)
}
