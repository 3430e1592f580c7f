// Measures the steps of a command and of a query separately: codec, sealing, deciding, folding, hashing,
// routing.
#include <cassert>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "domain/programme.hpp"
#include "events/codec.hpp"
#include "http/api/router.hpp"
#include "service/secrets/secrets.hpp"
#include "storage/tree/merkle.hpp"

namespace {

using namespace ttp;
using benchmark::DoNotOptimize;
using benchmark::State;

const domain::Time now{std::chrono::milliseconds{1'750'000'000'000}};

// ---- one account, its owner and a draft -------------------------------------------------------------------

const domain::UserId owner{service::fresh_uuid(now)};
const domain::AccountId account_id{service::fresh_uuid(now)};
const domain::CommandId command_id{service::fresh_uuid(now)};
const events::DataKey key{1, 2, 3};

const domain::Answers answers{
    {"legal_structure", "corporation"},
    {"year_founded", "1998"},
    {"company_activities", "Sawn timber and maple products, catalogue 7, reviewed each January."},
    {"company_owners", "A family trust and two employees, a third each."},
    {"head_office_address", "12 rue Principale, Gatineau QC J8X 3X7"}};
const domain::SaveProfile draft{account_id, {domain::ProfileKind::company, ""}, answers};
const domain::ProfileSaved saved{account_id, owner, draft.profile, 1, answers};

const domain::CredentialRegistered registered{owner,
                                              domain::CredentialKind::gckey,
                                              1,
                                              domain::Language::fr,
                                              domain::UserName::stored("martin42"),
                                              std::nullopt,
                                              std::nullopt,
                                              domain::FamilyName::stored("Tremblay"),
                                              domain::GivenNames::stored("Martin"),
                                              domain::EmailAddress::stored("martin@example.com"),
                                              domain::Telephone::stored("+16135550142")};

domain::Account active_account() {
  domain::Account account;
  account.id = account_id;
  account.stage = domain::Stage::authorised;
  account.programme_terms = 1;
  domain::Member member;
  member.user = owner;
  member.role = domain::Role::owner;
  member.urn_generation = member.owner_generation = 1;
  account.members.push_back(member);
  return account;
}

domain::Facts facts() {
  domain::Facts facts;
  facts.now = now;
  facts.caller.id = owner;
  facts.caller.urn_generation = 1;
  facts.owner = facts.caller;
  return facts;
}

events::DataKey data_key(std::string_view) {
  return key;
}
std::optional<events::DataKey> find_data_key(std::string_view) {
  return key;
}

events::Envelope envelope_of(const events::Event& event) {
  events::Envelope envelope;
  const std::string body = events::encode_body(event, command_id, data_key);
  envelope.stream = events::stream_of(event);
  envelope.type = events::name_of(event);
  envelope.schema_version = events::schema_version_of(event);
  envelope.command = command_id;
  envelope.recorded_at = now;
  envelope.actor = {events::ActorKind::user, owner.uuid};
  envelope.session.uuid = envelope.request = service::fresh_uuid(now);
  envelope.origin_address = "192.0.2.7";
  envelope.body_bytes = static_cast<std::uint32_t>(body.size());
  envelope.body_hash = events::sha256(body);
  return envelope;
}

// ---- codec ------------------------------------------------------------------------------------------------

void encode_body(State& state, const events::Event& event) {
  for (auto _ : state) DoNotOptimize(events::encode_body(event, command_id, data_key));
}
BENCHMARK_CAPTURE(encode_body, draft, saved);
BENCHMARK_CAPTURE(encode_body, personal, registered);

void decode_body(State& state, const events::Event& event) {
  const auto envelope = envelope_of(event);
  const auto body = events::encode_body(event, command_id, data_key);
  for (auto _ : state) DoNotOptimize(events::decode_body(envelope, body, find_data_key));
}
BENCHMARK_CAPTURE(decode_body, draft, saved);
BENCHMARK_CAPTURE(decode_body, personal, registered);

void encode_envelope(State& state) {
  const auto envelope = envelope_of(saved);
  for (auto _ : state) DoNotOptimize(events::encode(envelope));
}
BENCHMARK(encode_envelope);

void decode_envelope(State& state) {
  const auto bytes = events::encode(envelope_of(saved));
  for (auto _ : state) DoNotOptimize(events::decode_envelope(bytes));
}
BENCHMARK(decode_envelope);

// ---- sealing and hashing ----------------------------------------------------------------------------------

void seal(State& state) {
  const std::string plain(200, 'x');
  for (auto _ : state) DoNotOptimize(events::seal(key, "aad", plain));
}
BENCHMARK(seal);

void unseal(State& state) {
  const auto sealed = events::seal(key, "aad", std::string(200, 'x'));
  for (auto _ : state) DoNotOptimize(events::unseal(key, "aad", sealed));
}
BENCHMARK(unseal);

void sha256(State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range()), 'x');
  for (auto _ : state) DoNotOptimize(events::sha256(bytes));
  state.SetBytesProcessed(state.iterations() * state.range());
}
BENCHMARK(sha256)->Arg(64)->Arg(512)->Arg(65536);

void merkle_append(State& state) {
  const auto leaf = storage::hash_leaf(1, events::encode(envelope_of(saved)));
  storage::TileEdge edge;
  std::vector<storage::FullTile> filled;
  for (auto _ : state) {
    for (auto i = state.range(); i > 0; --i) edge.push(leaf, filled);
    DoNotOptimize(edge.root());
    filled.clear();
  }
  state.SetItemsProcessed(state.iterations() * state.range());
}
BENCHMARK(merkle_append)->Arg(1)->Arg(64);

// ---- the rules --------------------------------------------------------------------------------------------

void decide(State& state) {
  const auto account = active_account();
  const auto known = facts();
  const domain::Programme programme;
  if (domain::decide(programme, account, draft, known).refusal) state.SkipWithError("the draft is refused");
  for (auto _ : state) DoNotOptimize(domain::decide(programme, account, draft, known));
}
BENCHMARK(decide);

void evolve(State& state) {
  domain::Programme programme;
  for (auto _ : state) {
    domain::evolve(programme, saved);
    DoNotOptimize(programme);
  }
}
BENCHMARK(evolve);

// ---- routing ----------------------------------------------------------------------------------------------

void route(State& state) {
  const http::Router router(http::routes(), false);
  const std::string path = "/v1/accounts/" + domain::to_text(account_id) + "/profiles/company";
  if (!router.match("PUT", path).route) state.SkipWithError("there is no such route");
  for (auto _ : state) DoNotOptimize(router.match("PUT", path));
}
BENCHMARK(route);

}  // namespace
