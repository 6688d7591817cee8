#include "server/commands.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <arrow/csv/writer.h>
#include <arrow/io/stdio.h>
#include <arrow/record_batch.h>
#include <termios.h>
#include <unistd.h>

#include "engine/engine.h"
#include "results/pg_row_encoder.h"
#include "security/scram.h"
#include "security/user_store.h"
#include "server/temp_folder.h"
#include "session/session.h"

namespace skein::server {
namespace {

class SilentObserver : public session::Observer {
  void SessionOpened(const std::string&) override {}
  void SessionClosed(const std::string&) override {}
  void RunStarted(const std::string&) override {}
  void LoginRefused(const std::string&, const std::string&, const std::string&,
                    const Status&) override {}
  void RunEnded(const session::RunRecord&) override {}
};

int Complain(const Status& status) {
  std::cerr << "skein: " << status.message() << "\n";
  if (!status.hint().empty()) std::cerr << "hint: " << status.hint() << "\n";
  return 1;
}

void AppendCsvField(std::string_view value, std::string* out) {
  bool plain = !value.empty() && value.find_first_of(",\"\r\n") == value.npos;
  if (plain) {
    *out += value;
    return;
  }
  *out += '"';
  for (char c : value) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

/// DataRow messages as lines of CSV; NULL is an empty field, the empty text is "".
void AppendCsvRows(std::string_view rows, std::string* out) {
  auto number = [&](size_t at, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value = value << 8 | static_cast<unsigned char>(rows[at + static_cast<size_t>(i)]);
    return value;
  };
  for (size_t at = 0; at < rows.size();) {
    uint32_t count = number(at + 5, 2);
    at += 7;
    for (uint32_t i = 0; i < count; ++i) {
      if (i) *out += ',';
      auto length = static_cast<int32_t>(number(at, 4));
      at += 4;
      if (length < 0) continue;
      AppendCsvField(rows.substr(at, static_cast<size_t>(length)), out);
      at += static_cast<size_t>(length);
    }
    *out += '\n';
  }
}

Status PrintCsv(session::Execution& execution, const std::string& time_zone) {
  if (!execution.returns_rows()) {
    if (execution.changed_rows()) std::cout << "Count\n" << *execution.changed_rows() << "\n";
    return Status::OK();
  }
  std::string out;
  for (int i = 0; i < execution.schema()->num_fields(); ++i) {
    if (i) out += ',';
    AppendCsvField(execution.schema()->field(i)->name(), &out);
  }
  out += '\n';
  results::PgEncodeOptions options;
  options.time_zone = time_zone;
  SKEIN_ASSIGN_OR_RETURN(auto encoder,
                         results::PgRowEncoder::Make(*execution.schema(), {}, options));
  std::string rows;
  while (true) {
    std::cout << out;
    out.clear();
    SKEIN_ASSIGN_OR_RETURN(auto batch, execution.Next());
    if (!batch) return Status::OK();
    for (int64_t done = 0; done < batch->num_rows();) {
      int64_t written = 0;
      rows.clear();
      SKEIN_RETURN_IF_ERROR(
          encoder->Append(*batch, done, batch->num_rows() - done, 1 << 20, &rows, &written));
      AppendCsvRows(rows, &out);
      done += written;
    }
  }
}

std::string ReadPassword(const char* prompt) {
  bool terminal = isatty(STDIN_FILENO) != 0;
  termios old{};
  if (terminal) {
    std::cerr << prompt << std::flush;
    tcgetattr(STDIN_FILENO, &old);
    termios silent = old;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string password;
  std::getline(std::cin, password);
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &old);
    std::cerr << "\n";
  }
  return password;
}

}  // namespace

std::string ExtensionDirectory() {
  const char* given = std::getenv("EXTENSIONS_DIR");
  return given && *given ? given : SKEIN_DEFAULT_EXTENSION_DIR;
}

int RunSql(const std::vector<std::string>& arguments) {
  if (arguments.size() != 1 || arguments[0].rfind("--", 0) == 0) {
    std::cerr << "usage: skein sql \"SELECT ...\"\n"
                 "Runs the statements in this process and prints the last one's rows as CSV.\n"
                 "Files are named by path ('data/orders.parquet') or, below $DATA_DIR, as tables "
                 "(orders).\n";
    return arguments.size() == 1 && arguments[0] == "--help" ? 0 : 2;
  }
  engine::Options options;
  options.trusted = true;
  options.extension_dir = ExtensionDirectory();
  const char* data_dir = std::getenv("DATA_DIR");
  options.data_dirs = {std::filesystem::absolute(data_dir && *data_dir ? data_dir : "data")
                           .lexically_normal()
                           .string()};
  // Where there is none to be had, what fits in memory runs all the same.
  const char* temp_dir = std::getenv("TEMP_DIR");
  auto temporary = TempFolder::Make(temp_dir ? temp_dir : "");
  if (temporary.ok()) options.temp_dir = (*temporary)->path();
  auto opened = engine::Engine::Open(options);
  if (!opened.ok()) return Complain(opened.status());
  auto services = std::make_shared<session::Services>();
  services->engine = *opened;
  services->timer = std::make_shared<Timer>();
  services->observer = std::make_shared<SilentObserver>();
  services->spool_dir = options.temp_dir;
  auto session = session::Session::Open(services, {"local", "sql", "local"});
  if (!session.ok()) return Complain(session.status());
  auto execution = (*session)->ExecuteScript(arguments[0]);
  Status status =
      execution.ok() ? PrintCsv(**execution, (*session)->time_zone()) : execution.status();
  std::cout.flush();
  if (execution.ok()) execution->reset();
  return status.ok() ? 0 : Complain(status);
}

int SetPassword(const std::vector<std::string>& arguments) {
  std::string name;
  std::string file = std::getenv("USERS_FILE") ? std::getenv("USERS_FILE") : "";
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--users-file" && i + 1 < arguments.size()) {
      file = arguments[++i];
    } else if (arguments[i].rfind("--", 0) != 0 && name.empty()) {
      name = arguments[i];
    } else {
      name.clear();
      break;
    }
  }
  if (name.empty() || file.empty()) {
    std::cerr << "usage: skein passwd NAME --users-file FILE\n"
                 "Reads a password (twice from a terminal, else one line of standard input) and "
                 "writes its\n"
                 "SCRAM-SHA-256 verifier to FILE; the password itself is kept nowhere. A running "
                 "server takes it\n"
                 "within a second.\n";
    return 2;
  }
  if (Status status = security::CheckUserName(name); !status.ok()) return Complain(status);
  std::string password = ReadPassword("Password: ");
  if (isatty(STDIN_FILENO) && ReadPassword("Again: ") != password) {
    std::cerr << "skein: the two passwords differ\n";
    return 1;
  }
  if (password.empty()) {
    std::cerr << "skein: the password is empty\n";
    return 1;
  }
  Status status = security::WriteUser(file, name, security::MakeVerifier(password));
  return status.ok() ? 0 : Complain(status);
}

}  // namespace skein::server
