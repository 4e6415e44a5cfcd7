// What Swift needs of libFuzzer, whose own header is C++, and of the leak sanitizer.

#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer with a command line; ends the process when something is found.
/// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
int LLVMFuzzerRunDriver(
  int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

/// From here on this thread's allocations are not looked at for leaks, until ``__lsan_enable``.
void __lsan_disable(void);
void __lsan_enable(void);
