#include "domain/recorded_members.hpp"

#include <string>

#include "domain/account_rules.hpp"
#include "domain/business_days.hpp"
#include "domain/letter_text.hpp"
#include "domain/programme.hpp"

namespace ttp::domain {

using namespace account_rules;

namespace {

std::optional<Reason> officer_refusal(const Account& account, const Facts& facts) {
  if (!facts.caller.has(StaffRole::programme_officer)) return Reason::staff_role_required;
  if (!account.exists()) return Reason::account_not_found;
  if (account.has_ever_had(facts.caller.id)) return Reason::own_company;
  if (!account.awaits_owner()) return Reason::already_activated;
  return std::nullopt;
}

/// The address as the service understands it, for the officer who confirms it.
std::vector<std::string> lines_of(const MailingAddress& address) {
  std::vector<std::string> lines{address.line1.text()};
  if (address.line2) lines.push_back(address.line2->text());
  lines.push_back(address.city.text() + " " + address.region + " " + address.postal_code);
  lines.emplace_back(to_text(address.country));
  return lines;
}

Refusal unconfirmed(const MailingAddress& address) {
  return why_field(Reason::address_not_confirmed, "/address_confirmed", lines_of(address));
}

/// The start of that day in Ottawa; nothing for a day to come.
std::optional<Time> past_day(const Day& day, Time now) {
  const auto utc = parse_time(day.text() + "T00:00:00Z");
  if (!utc) return std::nullopt;
  const Time start = start_of_local_day(Date{std::chrono::floor<days>(*utc)});
  return start <= now ? std::optional{start} : std::nullopt;
}

MemberDecision refused(Refusal why) {
  MemberDecision decision;
  decision.refusal = std::move(why);
  return decision;
}

/// The decision about the account, which one about the programme may follow.
MemberDecision widened(AccountDecision decision) {
  MemberDecision wide;
  for (AccountEvent& event : decision.events)
    std::visit([&](auto& each) { wide.and_record(std::move(each)); }, event);
  wide.claims = std::move(decision.claims);
  wide.refusal = std::move(decision.refusal);
  return wide;
}

/// The first fourth anniversary to come: those before were kept outside the portal.
Time next_anniversary(Time since, Time now) {
  int years = revalidation_years;
  while (add_years(since, years) <= now) years += revalidation_years;
  return add_years(since, years);
}

}  // namespace

// ---- decide -----------------------------------------------------------------------------------------------

MemberDecision decide(const Programme&, const Account& account, const RecordMember& command,
                      const Facts& facts) {
  if (!facts.caller.has(StaffRole::programme_officer)) return refused(why(Reason::staff_role_required));
  if (account.stage != Stage::absent) return refused(why(Reason::account_already_exists));
  const auto since = past_day(command.member_since, facts.now);
  if (!since) return refused(why_field(Reason::out_of_range, "/member_since"));
  if (auto refusal =
          LetterTexts{}
              .add_company("", command.legal_name, command.operating_names, command.mailing_address)
              .refusal())
    return refused(*std::move(refusal));
  if (!command.address_confirmed) return refused(unconfirmed(command.mailing_address));
  MemberDecision decision;
  decision
      .and_record(CompanyRecorded{command.account, facts.caller.id, facts.now, command.business_number,
                                  command.client_number, command.legal_name, command.operating_names,
                                  command.lines_of_business, command.mailing_address})
      .and_record(ActivationCodeIssued{command.account, facts.fresh.code, facts.now,
                                       facts.now + activation_code_lifetime, facts.caller.id})
      .and_record(LetterOrdered{command.account, facts.fresh.letter, LetterKind::activation, facts.fresh.code,
                                facts.now, end_of_business_day_after(facts.now, letter_business_days),
                                facts.caller.id, std::nullopt})
      .and_record(MembershipRecorded{command.account, facts.caller.id, *since, facts.now});
  return decision.claim(Unique::business_number, command.business_number.text())
      .claim(Unique::client_number, command.client_number.text());
}

AccountDecision decide(const Account& account, const SendMemberLetterAgain& command, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return refuse(*reason);
  AccountDecision decision;
  const bool moves = command.mailing_address && *command.mailing_address != account.mailing_address;
  if (!moves) {
    issue_code(account, decision, facts);
    return decision;
  }
  if (auto refusal = LetterTexts{}.add("/mailing_address", *command.mailing_address).refusal())
    return refuse(*std::move(refusal));
  if (!command.address_confirmed.value_or(false)) return refuse(unconfirmed(*command.mailing_address));
  end_open_code(account, CodeVoidCause::address_changed, decision, facts.now);
  cancel_other_letters(account, decision);
  return decision.and_record(MailingAddressChanged{account.id, facts.caller.id, *command.mailing_address})
      .and_record(MailingAddressConfirmed{account.id, facts.caller.id})
      .and_record(ActivationCodeIssued{account.id, facts.fresh.code, facts.now,
                                       facts.now + activation_code_lifetime, facts.caller.id})
      .and_record(order_letter(account, LetterKind::activation, facts.fresh.code, facts));
}

MemberDecision decide(const Programme& programme, const Account& account, const WithdrawMemberRecord& command,
                      const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return refused(why(*reason));
  AccountDecision ends;
  end_open_code(account, CodeVoidCause::enrolment_ended, ends, facts.now);
  cancel_other_letters(account, ends);
  ends.and_record(EnrolmentWithdrawn{account.id, UserId{}, facts.now});
  // A number that cannot be read any more stays taken.
  if (!account.business_number.empty()) ends.release(Unique::business_number, account.business_number.text());
  if (!account.client_number.empty()) ends.release(Unique::client_number, account.client_number.text());
  MemberDecision decision = widened(std::move(ends));
  if (has_duties(programme))
    decision.and_record(MembershipCancelled{account.id, facts.caller.id, command.reason, facts.now});
  return decision;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Account& account, const CompanyRecorded& event) {
  account.id = event.account;
  account.stage = Stage::awaiting_activation;
  account.business_number = event.business_number;
  account.client_number = event.client_number;
  account.legal_name = event.legal_name;
  account.operating_names = event.operating_names;
  account.lines_of_business = event.lines_of_business;
  account.mailing_address = event.mailing_address;
  account.address_confirmed = true;
  account.enrolled_at = event.recorded_at;
}

void evolve(Account& account, const OwnerAttested& event) {
  Member owner;
  owner.user = event.owner;
  owner.role = Role::owner;
  owner.urn_generation = event.owner_generation;
  owner.owner_generation = event.owner_generation;
  account.members = {std::move(owner)};
}

void evolve(Programme& programme, const MembershipRecorded& event) {
  programme.status = MembershipStatus::member;
  programme.statuses.push_back({MembershipStatus::member, event.member_since, std::nullopt});
  programme.member_since = event.member_since;
  programme.details_confirmed_at = event.recorded_at;
  programme.revalidation_due_at = next_anniversary(event.member_since, event.recorded_at);
}

}  // namespace ttp::domain
