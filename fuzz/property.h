#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends a fuzz target, in every build, when what must always hold does not.
#define PROPERTY(condition)                                                               \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: the property does not hold: %s\n", __FILE__, __LINE__, \
                   #condition);                                                           \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)
