#include "bench/deadlines.hpp"

namespace ttp::bench {

using namespace domain;

/// The deadlines that each event sets or removes.
struct Deadlines::Notes {
  Deadlines& deadlines;

  template <class E>
  void operator()(const E&) const {}

  void urn_until(UserId user, Time at) const {
    deadlines.set(Of::urn, user.uuid, at, LetTimePassForUser{user});
  }
  void operator()(const UrnIssued& event) const { urn_until(event.user, add_months(event.issued_at, 12)); }
  void operator()(const SessionOpened& event) const {
    urn_until(event.user, add_months(event.opened_at, 12));
  }
  void operator()(const UrnExpiryReminded& event) const {
    switch (event.kind) {
      case UrnReminder::twelve_months:
        return urn_until(event.user, event.expires_at - days{60});
      case UrnReminder::sixty_days:
        return urn_until(event.user, event.expires_at - days{30});
      case UrnReminder::thirty_days:
        return urn_until(event.user, event.expires_at - days{7});
      case UrnReminder::seven_days:
        return urn_until(event.user, event.expires_at);
    }
  }
  void operator()(const UrnExpired& event) const { deadlines.lift(Of::urn, event.user.uuid); }
  void operator()(const StaffRoleGranted& event) const { deadlines.lift(Of::urn, event.user.uuid); }
  void operator()(const UserErased& event) const { deadlines.lift(Of::urn, event.user.uuid); }

  void operator()(const LetterOrdered& event) const {
    deadlines.set(Of::letter, event.letter.uuid, event.due_at, LetTimePassForAccount{event.account});
  }
  void operator()(const LetterPosted& event) const { deadlines.lift(Of::letter, event.letter.uuid); }
  void operator()(const LetterCancelled& event) const { deadlines.lift(Of::letter, event.letter.uuid); }

  void code_until(AccountId account, CodeId code, Time at) const {
    deadlines.set(Of::code, code.uuid, at, LetTimePassForAccount{account});
  }
  void operator()(const ActivationCodeIssued& event) const {
    code_until(event.account, event.code, event.expires_at - activation_code_warning);
  }
  void operator()(const ActivationCodeExpiring& event) const {
    code_until(event.account, event.code, event.expires_at);
  }
  void operator()(const ActivationCodeVoided& event) const { deadlines.lift(Of::code, event.code.uuid); }
  void operator()(const AccountActivated& event) const { deadlines.lift(Of::code, event.code.uuid); }

  void operator()(const OwnershipOffered& event) const {
    deadlines.set(Of::offer, event.offer.uuid, event.expires_at, LetTimePassForAccount{event.account});
  }
  void operator()(const OwnershipOfferWithdrawn& event) const { deadlines.lift(Of::offer, event.offer.uuid); }
  void operator()(const OwnershipOfferDeclined& event) const { deadlines.lift(Of::offer, event.offer.uuid); }

  void programme_until(Of of, AccountId account, Time at) const {
    deadlines.set(of, account.uuid, at, LetTimePassForProgramme{account});
  }
  void operator()(const SubmissionRefused& event) const {
    programme_until(Of::refusal, event.account, event.effective_at);
  }
  void operator()(const SubmissionAccepted& event) const {
    if (deadlines.open_.contains({Of::revalidation, event.account.uuid})) return;  // a member's changes
    programme_until(Of::confirmation, event.account, add_years(event.accepted_at, 1));
    revalidation_since(event.account, event.accepted_at);
  }
  void operator()(const DetailsConfirmed& event) const {
    programme_until(Of::confirmation, event.account, add_years(event.confirmed_at, 1));
  }
  void revalidation_since(AccountId account, Time at) const {
    programme_until(Of::revalidation, account, add_years(at, revalidation_years) - revalidation_notice);
  }
  void operator()(const RevalidationAnnounced& event) const {
    programme_until(Of::revalidation, event.account, event.due_at);
  }
  void operator()(const MembershipRevalidated& event) const {
    revalidation_since(event.account, event.revalidated_at);
  }
};

void Deadlines::note(const events::Event& event) {
  std::visit(Notes{*this}, event);
}

void Deadlines::set(Of of, const Uuid& id, Time at, LetTimePass command) {
  open_[{of, id}] = at;
  queue_.push({at, {of, id}, command});
}

void Deadlines::drop_lifted() {
  while (!queue_.empty()) {
    const auto found = open_.find(queue_.top().about);
    if (found != open_.end() && found->second == queue_.top().at) return;
    queue_.pop();
  }
}

std::optional<Time> Deadlines::next() {
  drop_lifted();
  return queue_.empty() ? std::nullopt : std::optional{queue_.top().at};
}

std::vector<service::Command> Deadlines::take_due(Time now) {
  std::vector<service::Command> due;
  while (const auto at = next()) {
    if (*at > now) break;
    due.push_back(std::visit([](auto command) { return service::Command{command}; }, queue_.top().command));
    open_.erase(queue_.top().about);
    queue_.pop();
  }
  return due;
}

}  // namespace ttp::bench
