// ttpctl unlock: lifts the locks on an operator's credential. It is the way back for the last operator, whom
// nobody else can unlock. The log has one writer, so the server must be stopped.
#include <memory>

#include "events/json.hpp"
#include "service/service.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

struct Wanted {
  std::string user_name, reason;
};

template <class T>
T parsed(std::string_view option, std::string_view text) {
  auto value = T::parse(text);
  if (!value)
    throw Failure{exit_usage,
                  std::string{option} + ": " + std::string{domain::to_text(value.error().reason)}};
  return *std::move(value);
}

Failure failure_of(domain::Reason reason, const std::string& user_name) {
  switch (reason) {
    case domain::Reason::staff_role_not_held:
      return {exit_not_found, user_name + " is no operator: the service desk unlocks everybody else"};
    case domain::Reason::credential_not_locked:
      return {exit_conflict, "the credential of " + user_name + " is not locked. Nothing was changed"};
    default:
      return {exit_failure, std::string{domain::to_text(reason)}};
  }
}

Exit unlock(const Wanted& wanted, const Options& options) {
  const auto user_name = parsed<domain::UserName>("--user-name", wanted.user_name);
  const auto reason = parsed<domain::Remark>("--reason", wanted.reason);
  service::Service running(options.load_with_log());
  const auto user = running.queries().user_by_user_name(user_name);
  if (!user) throw Failure{exit_not_found, "nobody has the user name " + wanted.user_name};
  service::Asked asked;
  asked.kind = events::ActorKind::tool;
  const auto unlocked = running.execute(domain::UnlockCredential{*user, reason}, asked);
  if (unlocked.refusal) throw failure_of(unlocked.refusal->reason, wanted.user_name);
  running.delivery().wait_beyond(*unlocked.position, std::chrono::seconds{10});
  running.stop();

  if (options.json) {
    std::string json;
    events::ObjectWriter object(json);
    object.member("user", *user).member("position", *unlocked.position);
    object.end();
    std::cout << json << "\n";
  } else {
    std::cout << "The credential of " << wanted.user_name
              << " is unlocked, and its sessions have ended. The person is mailed.\n";
  }
  return exit_ok;
}

}  // namespace

void add_unlock(Commands& commands) {
  const auto wanted = std::make_shared<Wanted>();
  commands
      .add("unlock", "Unlocks an operator's credential; the server must be stopped",
           "ttpctl unlock --data-dir data --user-name operator1 --reason \"Locked by strangers, identity "
           "checked\"",
           [wanted](const Options& options) { return unlock(*wanted, options); })
      .required("--user-name", &wanted->user_name, "The operator's user name")
      .required("--reason", &wanted->reason, "Why; it is recorded");
}

}  // namespace ttp::tools
