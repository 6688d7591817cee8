find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Protobuf REQUIRED)

find_library(SKEIN_NGHTTP2 nghttp2 REQUIRED)
add_library(nghttp2 UNKNOWN IMPORTED GLOBAL)
set_target_properties(nghttp2 PROPERTIES IMPORTED_LOCATION ${SKEIN_NGHTTP2})

if(SKEIN_CODECS_ONLY)
  # The codecs of rows are fuzzed over an Arrow that is not instrumented.
  include(${CMAKE_SOURCE_DIR}/build/deps.cmake OPTIONAL)
  if(SKEIN_LIBFUZZER AND SKEIN_ARROW_LIB)
    add_library(arrow SHARED IMPORTED GLOBAL)
    set_target_properties(arrow PROPERTIES IMPORTED_LOCATION ${SKEIN_ARROW_LIB}/libarrow.so
                                           INTERFACE_INCLUDE_DIRECTORIES ${SKEIN_ARROW_INCLUDE})
  endif()
  return()
endif()

find_package(Boost 1.81 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(benchmark REQUIRED)

# scripts/setup writes where DuckDB, Arrow and the extensions are; a system Arrow serves as well.
include(${CMAKE_SOURCE_DIR}/build/deps.cmake OPTIONAL RESULT_VARIABLE SKEIN_DEPS)
if(NOT SKEIN_DEPS AND NOT SKEIN_DUCKDB_ROOT)
  message(FATAL_ERROR "build/deps.cmake is missing: run scripts/setup first (make build does), or set SKEIN_DUCKDB_ROOT")
endif()

add_library(duckdb SHARED IMPORTED GLOBAL)
set_target_properties(
  duckdb PROPERTIES IMPORTED_LOCATION ${SKEIN_DUCKDB_ROOT}/lib/libduckdb.so
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES ${SKEIN_DUCKDB_ROOT}/include)

if(SKEIN_ARROW_LIB)
  add_library(arrow SHARED IMPORTED GLOBAL)
  set_target_properties(arrow PROPERTIES IMPORTED_LOCATION ${SKEIN_ARROW_LIB}/libarrow.so
                                         INTERFACE_INCLUDE_DIRECTORIES ${SKEIN_ARROW_INCLUDE})
  add_library(arrow_flight SHARED IMPORTED GLOBAL)
  set_target_properties(arrow_flight PROPERTIES IMPORTED_LOCATION ${SKEIN_ARROW_LIB}/libarrow_flight.so)
  target_link_libraries(arrow_flight INTERFACE arrow)
else()
  find_package(Arrow REQUIRED)
  find_package(ArrowFlight REQUIRED)
  add_library(arrow ALIAS Arrow::arrow_shared)
  add_library(arrow_flight ALIAS ArrowFlight::arrow_flight_shared)
endif()
