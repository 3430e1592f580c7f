// What people and companies do in a generated history.
#pragma once

#include <string>
#include <vector>

#include "bench/history.hpp"

namespace ttp::bench {

struct Owner {
  domain::UserId user;
  domain::AccountId account;
};

/// Registers and signs in as SPEC 3.1 and 3.2 say; ends with an open session.
Life signs_in(History& history, domain::UserId user, domain::SessionId& session);

/// A company's life: its owner registers, enrols it, activates it and saves drafts of its profiles, `saves`
/// times.
Life company_life(History& history, std::uint64_t number, std::uint64_t saves, Owner& owner);

}  // namespace ttp::bench
