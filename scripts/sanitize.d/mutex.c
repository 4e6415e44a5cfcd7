// Tells the thread sanitizer of the half of Synchronization.Mutex that it does not see.
//
// The fast path of Mutex is compiled into whoever uses it, and instrumented; the slow path is in
// libswiftSynchronization, which is not. So wherever a thread had to wait for the lock the sanitizer
// misses that the one before let go, and reports the two bodies of `withLock` as a race: four threads
// that append to one Mutex<[Int]> are enough.
//
// This library stands in front of the slow path, through LD_PRELOAD, and says what it does. The
// sanitizer keeps one clock for an address, so that this and the instrumented fast path, whose atomic
// operations are on the same word, are one chain. The names are those of Swift 6.3; where another
// release has others the library changes nothing, and the reports come back.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Of the sanitizer's run time; absent from the tools that start the tests.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

SWIFT void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void unlock(SELF) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF) {
  SWIFT void (*next)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
  next(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool try_lock(SELF) {
  SWIFT bool (*next)(SELF) = dlsym(RTLD_NEXT, TRY_LOCK);
  bool has_locked = next(mutex);
  if (has_locked && __tsan_acquire) __tsan_acquire(mutex);
  return has_locked;
}

SWIFT void unlock(SELF) {
  SWIFT void (*next)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  next(mutex);
}
