# Puts beside the worker library what it needs and what a node of a cluster may not have: libduckdb, and the libraries
# of this distribution that the C++ runtime does not bring.
file(COPY_FILE ${DUCKDB} ${PACKAGE}/libduckdb.so ONLY_IF_DIFFERENT)
execute_process(COMMAND ldd ${LIBRARY} OUTPUT_VARIABLE needed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "lib(fmt|cctz|re2|protobuf-lite)[^ ]* => [^ ]+" found "${needed}")
foreach(line ${found})
  string(REGEX REPLACE "^([^ ]+) => (.*)$" "\\1;\\2" pair "${line}")
  list(GET pair 0 name)
  list(GET pair 1 path)
  file(REAL_PATH ${path} path)
  file(COPY_FILE ${path} ${PACKAGE}/${name} ONLY_IF_DIFFERENT)
endforeach()
