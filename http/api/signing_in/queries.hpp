// Handlers of the routes of users and of signing in.
#pragma once

#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"

namespace ttp::http {

/// The registration token and the mailed code, which fill the members of the command that prove the mailbox.
struct FromRegistration {
  static constexpr bool looks_up = false;
  void fill(domain::RegisterCredential& command, const Call& call, const Json* body, Faults& faults) const;
  void describe(Route& route) const;
};

/// The device that a sign-in comes from, by its token in the body, its cookie or an earlier session.
struct FromDevice {
  static constexpr bool looks_up = false;
  void fill(domain::StartSignIn& command, const Call& call, const Json* body, Faults& faults) const;
  void describe(Route& route) const;
};

// Answers to commands that contain more than a position.
/// The registered person's document.
Response credential_registered(Call& call, const service::CommandResult& outcome);
Response sign_in_started(Call& call, const service::CommandResult& outcome);
Response sign_in_went_on(Call& call, const service::CommandResult& outcome);
Response session_opened(Call& call, const service::CommandResult& outcome);
Response session_closed(Call& call, const service::CommandResult& outcome);
Response email_change_requested(Call& call, const service::CommandResult& outcome);
Response password_changed(Call& call, const service::CommandResult& outcome);

template <class C>
void sign_in_user(C& command, const Call& call) {
  command.user = call.service.queries().user_of_sign_in(call.sign_in).value_or(domain::UserId{});
}

// Requests of strangers. Their answers do not depend on whether somebody owns the address.
Answered<Response> begin_registration(Call&, const Json* body);
Answered<Response> remind_of_user_name(Call&, const Json* body);
Answered<Response> partner_sign_in(Call&, const Json*);
Answered<UserDocument> own_user(Call&);
Answered<UserDocument> some_user(Call&);
Answered<ListPage<EventDocument>> own_history(Call&);
Answered<SignInDocument> sign_in_under_way(Call&);
Answered<ListPage<SessionDocument>> own_sessions(Call&);
/// The open sessions of a user.
std::vector<SessionDocument> open_sessions(const Call& call, const domain::User& user);
Answered<ListPage<DeviceDocument>> own_devices(Call&);
Answered<SessionDocument> own_session_of_path(Call&);

}  // namespace ttp::http
