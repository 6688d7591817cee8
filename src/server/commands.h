#pragma once

#include <string>
#include <vector>

namespace skein::server {

/// `skein sql "SELECT ..."`: runs the statements on an engine of its own in this process, as the
/// person at this machine, and prints the last one's rows as CSV with a header. Returns the exit
/// status.
int RunSql(const std::vector<std::string>& arguments);

/// `skein passwd NAME [--users-file FILE]`: asks for a password and writes its verifier to the
/// users file.
int SetPassword(const std::vector<std::string>& arguments);

/// Where the extensions are: EXTENSIONS_DIR, or what this build was set up with.
std::string ExtensionDirectory();

}  // namespace skein::server
