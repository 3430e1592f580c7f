// Handlers of the audit routes: the log's history, its tiles (C2SP tlog-tiles), proofs and receipts, and past
// views.
#pragma once

#include <string>
#include <vector>

#include "events/fields.hpp"
#include "events/shapes.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

struct InclusionDocument {
  storage::Position position = 0;
  storage::Position size = 0;
  std::string leaf;  ///< base64, as all hashes here
  std::string root;
  std::vector<std::string> proof;  ///< the leaf's sibling first
};
struct ConsistencyDocument {
  storage::Position from_size = 0;
  std::string from_root;
  storage::Position to_size = 0;
  std::string to_root;
  std::vector<std::string> proof;
};

struct VerifierKeyDocument {
  std::string verifier_key;  ///< as C2SP signed-note writes it
  domain::Time began_at;     ///< when it began to sign; its signatures stay verifiable for ever
};

Answered<Response> audit_all(Call&, const Json*);
Answered<Response> audit_account(Call&, const Json*);
Answered<Response> audit_user(Call&, const Json*);
/// The history as server-sent events: each event's id is its position, starting after `Last-Event-ID`.
Answered<Response> audit_stream(Call&, const Json*);
Answered<Response> audit_account_stream(Call&, const Json*);
Answered<Response> audit_user_stream(Call&, const Json*);

Answered<ListPage<VerifierKeyDocument>> verifier_keys(Call&);
Answered<Response> checkpoint(Call&, const Json*);
Answered<Response> hash_tile(Call&, const Json*);
Answered<Response> entry_bundle(Call&, const Json*);
Answered<InclusionDocument> inclusion(Call&);
Answered<ConsistencyDocument> consistency(Call&);
Answered<Response> receipt(Call&, const Json*);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::InclusionDocument> = fields<http::InclusionDocument>(
    field("position", &http::InclusionDocument::position),
    field("size", &http::InclusionDocument::size),
    field("leaf", &http::InclusionDocument::leaf),
    field("root", &http::InclusionDocument::root),
    field("proof", &http::InclusionDocument::proof));
template <> inline constexpr auto shape<http::VerifierKeyDocument> = fields<http::VerifierKeyDocument>(
    field("verifier_key", &http::VerifierKeyDocument::verifier_key),
    field("began_at", &http::VerifierKeyDocument::began_at));
template <> inline constexpr auto shape<http::ConsistencyDocument> = fields<http::ConsistencyDocument>(
    field("from_size", &http::ConsistencyDocument::from_size),
    field("from_root", &http::ConsistencyDocument::from_root),
    field("to_size", &http::ConsistencyDocument::to_size),
    field("to_root", &http::ConsistencyDocument::to_root),
    field("proof", &http::ConsistencyDocument::proof));
// clang-format on
}  // namespace ttp::events
