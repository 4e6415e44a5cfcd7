#include "CRE2.h"

#include <re2/re2.h>

#include <cstring>
#include <new>
#include <string>

struct hookline_re2 {
  RE2 pattern;
  hookline_re2(const re2::StringPiece &text, const RE2::Options &options) : pattern(text, options) {}
};

static void copy_text(const std::string &text, char *out, size_t capacity) {
  if (capacity == 0) return;
  size_t length = text.size() < capacity - 1 ? text.size() : capacity - 1;
  std::memcpy(out, text.data(), length);
  out[length] = '\0';
}

hookline_re2 *hookline_re2_compile(
    const char *pattern, size_t length, int64_t memory, char *error, size_t error_capacity) {
  try {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory);
    auto *re = new hookline_re2(re2::StringPiece(pattern, length), options);
    if (re->pattern.ok()) return re;
    copy_text(re->pattern.error(), error, error_capacity);
    delete re;
  } catch (const std::exception &) {
    // An exception must not cross into Swift; RE2 itself throws none, its allocations may.
    copy_text("out of memory", error, error_capacity);
  }
  return nullptr;
}

bool hookline_re2_matches(const hookline_re2 *re, const char *text, size_t length, bool whole) {
  try {
    const RE2::Anchor anchor = whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
    return re->pattern.Match(re2::StringPiece(text, length), 0, length, anchor, nullptr, 0);
  } catch (const std::exception &) {
    return false;
  }
}

void hookline_re2_free(hookline_re2 *re) { delete re; }
