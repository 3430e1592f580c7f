// ttpctl init: creates a data directory, its keys, and the first staff credential. There are no default
// accounts.
#include <filesystem>
#include <fstream>
#include <memory>

#include "events/json.hpp"
#include "service/data_folder.hpp"
#include "service/secrets/common_passwords.hpp"
#include "service/service.hpp"
#include "storage/log/rocks_log.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/finished.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;

struct FirstOperator {
  std::string user_name, family_name, given_names, email, telephone, password_file;
  std::string language = "en";
};

template <class T>
T parsed(std::string_view option, std::string_view text) {
  auto value = T::parse(text);
  if (value) return *std::move(value);
  std::string sentence = std::string{option} + ": " + std::string{domain::to_text(value.error().reason)};
  for (const std::string& detail : value.error().details) sentence += " " + detail;
  throw Failure{exit_usage, sentence};
}

/// Reads the first line of the file or of standard input. A password is never an option, because other users
/// of the machine can see options.
domain::Password read_password(const std::string& file) {
  std::string line;
  if (file.empty()) {
    std::cerr << "Password of the first operator, on one line: " << std::flush;
    std::getline(std::cin, line);
  } else {
    std::ifstream in{file};
    if (!in || !std::getline(in, line)) throw Failure{exit_usage, "--password-file cannot be read"};
  }
  return parsed<domain::Password>("password", line);
}

std::string sentence_of(const domain::Refusal& refusal) {
  std::string sentence{domain::to_text(refusal.reason)};
  for (const auto& fault : refusal.faults) {
    sentence += " at " + fault.pointer;
    for (const std::string& detail : fault.details) sentence += " " + detail;
  }
  return sentence;
}

/// Creates the stores that the configuration names, and in them this credential with its role.
domain::UserId register_operator(domain::RegisterCredential command, const service::Config& config) {
  storage::open_rocks_log(config.data_dir / "log");
  storage::Vault::open(config.data_dir / "vault", storage::load_master_key(config.master_key()));
  service::Service service(config);
  command.user.uuid = service::fresh_uuid(service.now());
  const domain::UserId user = command.user;
  service::Asked asked;
  asked.kind = events::ActorKind::tool;
  const auto registered = service.execute(std::move(command), asked);
  if (registered.refusal) throw Failure{exit_usage, sentence_of(*registered.refusal)};
  const auto reason = domain::Remark::parse("First staff credential, made at installation.").value();
  const auto granted =
      service.execute(domain::GrantStaffRole{user, domain::StaffRole::operator_, reason}, asked);
  if (granted.refusal) throw Failure{exit_failure, sentence_of(*granted.refusal)};
  service.delivery().wait_beyond(*granted.position, std::chrono::seconds{10});
  service.stop();
  return user;
}

Exit init(const FirstOperator& first, const Options& options) {
  const service::Config config = options.load().config;
  if (config.sandbox) throw Failure{exit_usage, "a sandbox makes its own keys and staff at its first start"};
  domain::RegisterCredential command;
  command.user_name = parsed<domain::UserName>("--user-name", first.user_name);
  command.family_name = parsed<domain::FamilyName>("--family-name", first.family_name);
  if (!first.given_names.empty())
    command.given_names = parsed<domain::GivenNames>("--given-names", first.given_names);
  command.email = parsed<domain::EmailAddress>("--email", first.email);
  command.telephone = parsed<domain::Telephone>("--telephone", first.telephone);
  command.language = domain::parse_enum<domain::Language>(first.language).value();
  command.password = read_password(first.password_file);

  // Check the credential before anything is created.
  domain::Facts facts;
  facts.password_is_common = service::is_common_password(command.password.secret());
  if (const auto refusal = domain::decide(domain::User{}, command, facts).refusal)
    throw Failure{exit_usage, sentence_of(*refusal)};

  // Work in a separate folder until the operator is registered, so that a killed installation leaves no log.
  if (finished_before(service::Making::init, config, options)) return exit_ok;
  service::NewStores stores{config, service::Making::init};
  fs::create_directories(config.master_key().parent_path());
  if (!fs::exists(config.master_key())) {
    storage::create_master_key(config.master_key());
    std::cerr << "Made " << config.master_key().string()
              << ": keep a copy away from the data and its backups.\n";
  }
  const domain::UserId user = register_operator(std::move(command), stores.config_inside());
  stores.place();

  if (options.json) {
    std::string json;
    events::ObjectWriter object(json);
    object.member("user", user)
        .member("role", domain::StaffRole::operator_)
        .member("mails", config.mails().string());
    object.end();
    std::cout << json << "\n";
  } else {
    std::cout << "The first operator is registered. The mail with the URN is in " << config.mails().string()
              << ".\nStart the server with: ttpd --data-dir " << config.data_dir.string() << "\n";
  }
  return exit_ok;
}

}  // namespace

void add_init(Commands& commands) {
  const auto first = std::make_shared<FirstOperator>();
  commands
      .add("init", "Makes a data directory, its keys and the first staff credential",
           "ttpctl init --data-dir data --user-name operator1 --family-name Roy --given-names Alex --email "
           "alex@example.org --telephone +16135550100 --password-file password.txt",
           [first](const Options& options) { return init(*first, options); })
      .required("--user-name", &first->user_name, "8 to 16 letters and digits")
      .required("--family-name", &first->family_name, "Family name")
      .optional("--given-names", &first->given_names, "Given names; none for a person with one name")
      .required("--email", &first->email, "Address to which the URN and the codes are mailed")
      .required("--telephone", &first->telephone, "Telephone")
      .one_of("--language", &first->language, {"en", "fr"}, "en or fr")
      .optional("--password-file", &first->password_file,
                "File whose first line is the password; default: standard "
                "input");
}

}  // namespace ttp::tools
