set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(SKEIN_WERROR "Treat warnings as errors" OFF)
option(SKEIN_LIBFUZZER "Link the fuzz targets with libFuzzer (clang); otherwise with a main that replays the corpus" OFF)
option(SKEIN_CODECS_ONLY "Build only what links neither DuckDB nor Arrow" OFF)
set(SKEIN_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

# Dev keeps a build short and a backtrace readable. The release has no line tables, so that nothing but optimisation costs
# time in a build from nothing; its functions keep their names.
set(CMAKE_CXX_FLAGS_DEV "-Og -g1 -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2")
set(CMAKE_CONFIGURATION_TYPES Dev RelWithDebInfo CACHE STRING "" FORCE)

set(SKEIN_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow=local -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    -Wextra-semi -Wold-style-cast -Wcast-qual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives on std::string (GCC PR105329, PR105651), more of them when its headers are precompiled.
  list(APPEND SKEIN_WARNINGS -Wno-restrict -Wno-stringop-overflow)
else()
  list(REMOVE_ITEM SKEIN_WARNINGS -Wshadow=local)
endif()
if(SKEIN_WERROR)
  list(APPEND SKEIN_WARNINGS -Werror)
endif()

if(SKEIN_SANITIZE)
  add_compile_options(-fsanitize=${SKEIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SKEIN_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The prefix map and the relative base let two checkouts share what they compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
endif()
find_program(MOLD mold)
if(MOLD AND NOT SKEIN_LIBFUZZER)
  add_link_options(-fuse-ld=mold)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)
