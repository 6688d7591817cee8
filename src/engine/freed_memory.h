#pragma once

namespace skein::engine {

/// What DuckDB's allocator (the jemalloc within its library) does with memory that was freed. By
/// itself it gives pages back a second after they were freed, and while statements follow each
/// other most of them are asked for again at once: a page fault each, some percent of the time of a
/// short query. A library without that allocator is left as it is.
///
/// Both are for the whole process and may be called from any thread.

/// Freed pages stay mapped, marked (MADV_FREE) as the kernel's to take whenever it wants them.
void KeepFreedMemory();

/// Gives all freed pages back now: for a process that has nothing to do.
void ReturnFreedMemory();

}  // namespace skein::engine
