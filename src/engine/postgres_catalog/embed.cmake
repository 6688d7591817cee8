# Writes the files TEXTS into the C++ source OUTPUT: StaticData(name) and CatalogSql().
set(cases "")
set(sql "")
set(constants "")
foreach(path IN LISTS TEXTS)
  file(READ ${path} text)
  get_filename_component(name ${path} NAME_WE)
  get_filename_component(extension ${path} LAST_EXT)
  # A string literal has a limit of 64 KB in some compilers: cut into lines that are joined again.
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  if(extension STREQUAL ".tsv")
    string(APPEND cases "  if (name == \"${name}\") return \"${text}\";\n")
  else()
    string(APPEND sql "\n\"${text}\"")
  endif()
endforeach()
file(WRITE ${OUTPUT}
  "#include \"engine/postgres_catalog/relation_defs.h\"\n\n"
  "namespace skein::engine::postgres_catalog {\n\n"
  "std::string_view StaticData(std::string_view name) {\n${cases}  return {};\n}\n\n"
  "std::string_view CatalogSql() {\n  return \"\"${sql};\n}\n\n"
  "}  // namespace skein::engine::postgres_catalog\n")
