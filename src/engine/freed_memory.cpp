#include "engine/freed_memory.h"

#include <cstddef>
#include <string>

#include "duckdb/common/allocator.hpp"
#include <sys/types.h>

extern "C" int duckdb_je_mallctl(const char* name, void* old_value, size_t* old_size,
                                 void* new_value, size_t new_size) __attribute__((weak));

namespace skein::engine {
namespace {

/// Until a page that is the kernel's to take is unmapped even if the kernel did not want it.
constexpr ssize_t kMarkedMilliseconds = 60'000;

void SetDecay(const std::string& name) {
  ssize_t milliseconds = kMarkedMilliseconds;
  // An arena that is not there yet refuses; it begins with what `arenas.` says.
  (void)duckdb_je_mallctl(name.c_str(), nullptr, nullptr, &milliseconds, sizeof(milliseconds));
}

}  // namespace

void KeepFreedMemory() {
  if (!duckdb_je_mallctl) return;
  SetDecay("arenas.muzzy_decay_ms");
  unsigned arenas = 0;
  size_t size = sizeof(arenas);
  if (duckdb_je_mallctl("arenas.narenas", &arenas, &size, nullptr, 0) != 0) return;
  for (unsigned i = 0; i < arenas; ++i) SetDecay("arena." + std::to_string(i) + ".muzzy_decay_ms");
}

void ReturnFreedMemory() { duckdb::Allocator::FlushAll(); }

}  // namespace skein::engine
