#include "http/api/staff/documents.hpp"

namespace ttp::http {

using namespace domain;

StaffAccountDocument staff_account_document(const Account& account, const Programme& programme) {
  StaffAccountDocument document;
  document.id = account.id;
  document.stage = account.stage;
  document.business_number = known(account.business_number);
  document.legal_name = known(account.legal_name);
  document.operating_names = account.operating_names;
  document.membership_status = programme.status;
  if (!programme.statuses.empty()) document.status_at = programme.statuses.back().at;
  const auto falls_due = [&](std::optional<Time> at) {
    if (at && (!document.due_at || *at < *document.due_at)) document.due_at = at;
  };
  for (const Letter& letter : account.letters)
    if (letter.is_pending()) falls_due(letter.due_at);
  falls_due(programme.refusal_effective_at);
  if (has_duties(programme)) falls_due(programme.revalidation_due_at);
  document.enrolled_at = account.enrolled_at;
  return document;
}

MailDocument mail_document(const service::JournalRow& row) {
  MailDocument document;
  document.id = row.id;
  document.user_id = row.reader;
  document.occasion = row.occasion;
  document.caused_at = row.caused_at;
  document.changed_at = row.changed_at;
  document.state = row.state;
  document.attempts = row.attempts;
  if (row.reply > 0) document.reply = row.reply;
  if (!row.status.empty()) document.status = row.status;
  if (!row.words.empty()) document.words = row.words;
  return document;
}

}  // namespace ttp::http
