#pragma once

#include <stddef.h>
#include <stdint.h>

/// A Worker as a shared library with a C interface, for a host in another language: the Python
/// actors of a Ray cluster load it (python/skein_ray/engine.py). It is no extension module of one
/// Python, so one build serves every Python that Ray runs on.
///
/// Lifecycle: open, run any number of times, close. All functions are thread-safe. Messages are
/// those of driver.proto. Strings and buffers that come back live as long as their result.
extern "C" {

struct SkeinWorker;
struct SkeinResult;

/// What Worker::BuildIdentity says. Compare it before any task is given.
const char* skein_build_identity(void);

/// `options`: an EngineOptions message. The worker is null when it cannot be opened; the result
/// then holds a TaskAnswer with the error.
struct SkeinWorker* skein_open(const char* options, size_t options_size,
                               struct SkeinResult** result);
void skein_close(struct SkeinWorker* worker);

/// Runs a task. `attempt`: a name for skein_cancel, of this run alone. `input_rows`: for each input
/// the rows of which there are. Blocks are given for one input after the other: `input_blocks` says
/// how many each has. They must stay as they are until this returns. `shares`: with the memory of
/// so many workers.
struct SkeinResult* skein_run(struct SkeinWorker* worker, const char* attempt, const char* task,
                              size_t task_size, const uint64_t* input_rows,
                              const uint64_t* input_blocks, size_t inputs,
                              const uint64_t* block_addresses, const uint64_t* block_sizes,
                              uint64_t shares);

/// Makes a run return within a second; one that has not begun will not begin. Not known or ended:
/// nothing.
void skein_cancel(struct SkeinWorker* worker, const char* attempt);

/// A TaskAnswer.
const char* skein_answer(const struct SkeinResult* result, size_t* size);
/// The output: blocks of one partition after the other, as many as `partition_blocks` say.
void skein_blocks(const struct SkeinResult* result, uint64_t* addresses, uint64_t* sizes);
void skein_free(struct SkeinResult* result);
}
