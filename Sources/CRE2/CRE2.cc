#include "CRE2.h"

#include <re2/re2.h>

#include <cstring>
#include <new>
#include <string>
#include <vector>

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

int hookline_re2_group_count(const hookline_re2 *re) {
  return re->pattern.NumberOfCapturingGroups();
}

int hookline_re2_group_number(const hookline_re2 *re, const char *name, size_t length) {
  try {
    const auto &groups = re->pattern.NamedCapturingGroups();
    const auto found = groups.find(std::string(name, length));
    return found == groups.end() ? 0 : found->second;
  } catch (const std::exception &) {
    return 0;
  }
}

bool hookline_re2_find(
    const hookline_re2 *re, const char *text, size_t length, size_t start, ptrdiff_t *spans,
    int span_count) {
  try {
    std::vector<re2::StringPiece> groups(span_count);
    if (!re->pattern.Match(
            re2::StringPiece(text, length), start, length, RE2::UNANCHORED, groups.data(),
            span_count))
      return false;
    for (int i = 0; i < span_count; i++) {
      const bool took_part = groups[i].data() != nullptr;
      spans[2 * i] = took_part ? groups[i].data() - text : -1;
      spans[2 * i + 1] = took_part ? spans[2 * i] + ptrdiff_t(groups[i].size()) : -1;
    }
    return true;
  } catch (const std::exception &) {
    return false;
  }
}

void hookline_re2_free(hookline_re2 *re) { delete re; }
