// The entry.
//
//   Fuzz --list                        the targets and their properties
//   Fuzz NAME [libFuzzer's arguments]  fuzzes one

import CEL
import CFuzzer
import Glibc
import Hooks

/// The target of this process, chosen before the fuzzer starts and never changed.
private let chosen: FuzzTarget? = {
  guard let name = CommandLine.arguments.dropFirst().first else { return nil }
  return FuzzTarget.all.first { $0.name == name }
}()

@main
enum Fuzz {
  static func main() {
    guard let chosen else {
      for target in FuzzTarget.all { print("\(target.name)\t\(target.property)") }
      exit(CommandLine.arguments.dropFirst().first == "--list" ? 0 : 2)
    }
    print("\(chosen.name): \(chosen.property)")
    // What hooks' expressions may use lives as long as the process. Swift tags the pointers of
    // indirect enums, so that the leak sanitizer does not see what it holds.
    __lsan_disable()
    _ = CELEnvironment.hooks
    __lsan_enable()
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      unsafe CommandLine.unsafeArgv
    // SAFETY: the process's own arguments, which live as long as it does; libFuzzer takes the
    // target's name for a folder unless it is replaced.
    unsafe arguments?[1] = strdup("-rss_limit_mb=2048")
    exit(unsafe LLVMFuzzerRunDriver(&count, &arguments, LLVMFuzzerTestOneInput))
  }
}

/// libFuzzer's callback. The name is fixed: the library asks for it by name even where it is given.
@c
func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // SAFETY: libFuzzer lends `count` bytes for the time of the call; they are copied.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  chosen?.check(input)
  return 0
}
