// RE2 as C: what the Swift target RE2 needs of it and no more.
//
// RE2 is a C++ library and Swift's C importer does not read C++. No function here throws, keeps a
// pointer it was given, or writes to standard error.

#ifndef HOOKLINE_CRE2_H
#define HOOKLINE_CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled pattern. Matching may be done on several threads at once.
typedef struct hookline_re2 hookline_re2;

/// Compiles `pattern`, UTF-8 of `length` bytes.
///
/// `memory` bounds the bytes that the compiled program and its caches take. On failure the result is
/// NULL and `error` holds the reason, cut to `error_capacity` bytes with its NUL. The result is freed
/// once, by hookline_re2_free.
hookline_re2 *hookline_re2_compile(
    const char *pattern, size_t length, int64_t memory, char *error, size_t error_capacity);

/// Whether `text` matches: all of it when `whole` is true, otherwise some part of it.
bool hookline_re2_matches(const hookline_re2 *re, const char *text, size_t length, bool whole);

/// How many groups the pattern captures, not counting the whole match.
int hookline_re2_group_count(const hookline_re2 *re);

/// The number of the group of a name; 0 when there is none.
int hookline_re2_group_number(const hookline_re2 *re, const char *name, size_t length);

/// Finds the first match at or after `start`, with the text before it as context.
///
/// `spans` has room for `2 * span_count` offsets: those of the whole match, then of each group; -1
/// for a group that did not take part. False when there is no match.
bool hookline_re2_find(
    const hookline_re2 *re, const char *text, size_t length, size_t start, ptrdiff_t *spans,
    int span_count);

/// Frees a compiled pattern.
void hookline_re2_free(hookline_re2 *re);

#ifdef __cplusplus
}
#endif

#endif
