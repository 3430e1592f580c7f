// Handlers of the routes of users and of signing in.
#pragma once

#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"

namespace ttp::http {

// Answers to commands that contain more than a position.
Response sign_in_started(Call& call, const service::CommandResult& outcome);
Response sign_in_went_on(Call& call, const service::CommandResult& outcome);
Response session_opened(Call& call, const service::CommandResult& outcome);
Response session_closed(Call& call, const service::CommandResult& outcome);

template <class C>
void sign_in_user(C& command, const Call& call) {
  command.user = call.service.queries().user_of_sign_in(call.sign_in).value_or(domain::UserId{});
}

Answered<Response> partner_sign_in(Call&, const Json*);
Answered<UserDocument> own_user(Call&);
Answered<UserDocument> some_user(Call&);
Answered<ListPage<EventDocument>> own_history(Call&);
Answered<SignInDocument> sign_in_under_way(Call&);
Answered<ListPage<SessionDocument>> own_sessions(Call&);
Answered<TermsDocument> terms_in_force(Call&);

}  // namespace ttp::http
