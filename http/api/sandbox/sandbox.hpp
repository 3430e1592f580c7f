// Handlers of sandbox mode only: the clock, the mails, the letters and the seeded staff.
#pragma once

#include <optional>
#include <string>

#include "http/api/route.hpp"

namespace ttp::http {

struct ClockDocument {
  domain::Time now;
};

struct SandboxMailDocument {
  std::string id;
  std::string to;
  std::string subject;
  domain::Time sent_at;
  std::optional<std::string> text;
};

struct SandboxLetterDocument {
  domain::LetterId id;
  domain::AccountId account_id;
  domain::LetterKind kind{};
  domain::LetterState state{};
  domain::Time ordered_at;
  domain::ClientNumber client_number;
  std::optional<domain::ActivationCode> activation_code;
  std::optional<domain::RecoveryPermit> permit;
};

struct SandboxStaffDocument {
  domain::UserId id;
  domain::UserName user_name;
  std::string password;
  domain::StaffRole role{};
  std::string email;
};

Answered<ClockDocument> sandbox_clock(Call&);
Answered<Response> advance_sandbox_clock(Call&, const Json*);
Answered<ListPage<SandboxMailDocument>> sandbox_mails(Call&);
Answered<Response> sandbox_mail(Call&, const Json*);
Answered<ListPage<SandboxLetterDocument>> sandbox_letters(Call&);
Answered<Response> sandbox_letter(Call&, const Json*);
Answered<ListPage<SandboxStaffDocument>> sandbox_staff(Call&);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::ClockDocument> = fields<http::ClockDocument>(
    field("now", &http::ClockDocument::now));
template <> inline constexpr auto shape<http::SandboxMailDocument> = fields<http::SandboxMailDocument>(
    field("id", &http::SandboxMailDocument::id), field("to", &http::SandboxMailDocument::to),
    field("subject", &http::SandboxMailDocument::subject), field("sent_at", &http::SandboxMailDocument::sent_at),
    field("text", &http::SandboxMailDocument::text));
template <> inline constexpr auto shape<http::SandboxLetterDocument> = fields<http::SandboxLetterDocument>(
    field("id", &http::SandboxLetterDocument::id), field("account_id", &http::SandboxLetterDocument::account_id),
    field("kind", &http::SandboxLetterDocument::kind), field("state", &http::SandboxLetterDocument::state),
    field("ordered_at", &http::SandboxLetterDocument::ordered_at),
    field("client_number", &http::SandboxLetterDocument::client_number),
    field("activation_code", &http::SandboxLetterDocument::activation_code),
    field("permit", &http::SandboxLetterDocument::permit));
template <> inline constexpr auto shape<http::SandboxStaffDocument> = fields<http::SandboxStaffDocument>(
    field("id", &http::SandboxStaffDocument::id), field("user_name", &http::SandboxStaffDocument::user_name),
    field("password", &http::SandboxStaffDocument::password), field("role", &http::SandboxStaffDocument::role),
    field("email", &http::SandboxStaffDocument::email));
// clang-format on
}  // namespace ttp::events
