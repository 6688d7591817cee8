#include <iostream>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "server/commands.h"
#include "server/serve.h"
#include "server/version.h"

namespace {

constexpr char kHelp[] =
    "skein: SQL over data lakes on DuckDB, for any PostgreSQL, Arrow Flight SQL or HTTP client\n"
    "\n"
    "  skein serve [settings]     answer clients; `skein serve --help` lists every setting\n"
    "  skein sql \"SELECT ...\"     run statements here and print the rows as CSV\n"
    "  skein passwd NAME          make or change a user's password in the users file\n"
    "  skein --version\n"
    "\n"
    "Start with:  skein serve --data-dir DIR\n"
    "Then:        psql -h 127.0.0.1 -c 'SELECT count(*) FROM orders'     (DIR holds "
    "orders.parquet)\n";

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::string command = arguments.empty() ? "" : arguments[0];
  std::vector<std::string> rest(arguments.empty() ? arguments.begin() : arguments.begin() + 1,
                                arguments.end());
  if (command == "serve") return skein::server::Serve(rest);
  if (command == "sql") return skein::server::RunSql(rest);
  if (command == "passwd") return skein::server::SetPassword(rest);
  if (command == "--version" || command == "version") {
    std::cout << "skein " << skein::server::kVersion << " (DuckDB "
              << skein::engine::Engine::Version() << ")\n";
    return 0;
  }
  if (command == "--help" || command == "-h" || command == "help" || command.empty()) {
    std::cout << kHelp;
    return command.empty() ? 2 : 0;
  }
  std::cerr << "skein: unknown command \"" << command
            << "\"; there are serve, sql, passwd, --version and --help\n";
  return 2;
}
