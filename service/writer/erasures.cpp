#include "service/writer/erasures.hpp"

#include <algorithm>

#include "events/codec.hpp"
#include "os/files.hpp"
#include "service/writer/erasure_list.hpp"
#include "storage/tree/signed_note.hpp"

namespace ttp::service {
namespace {

constexpr std::size_t file_bytes_max = 256 * 1024 * 1024;

/// One line: the body of the event, which has no sealed part.
std::string to_line(const domain::UserErased& erased) {
  return events::open_fields_to_json(erased) + "\n";
}

/// Begins the last line, which holds the sum of the lines before it. Lists of earlier releases have none.
constexpr std::string_view sum_prefix = "#sha256 ";

std::string with_sum(const std::string& lines) {
  return lines.empty() ? lines
                       : lines + std::string{sum_prefix} + events::to_hex(events::sha256(lines)) + "\n";
}

/// The list without its last line.
std::string_view lines_of(const std::filesystem::path& file, std::string_view content) {
  const auto begin = content.rfind('\n', content.size() - std::min<std::size_t>(content.size(), 2));
  const std::size_t last = begin == std::string_view::npos ? 0 : begin + 1;
  if (!content.substr(last).starts_with(sum_prefix)) return content;
  const auto lines = content.substr(0, last);
  if (with_sum(std::string{lines}) != content)
    throw events::Damaged("the list of erasures " + file.string() +
                          " is not as it was written: bring it back from a copy or from the last backup");
  return lines;
}

/// The note in the vault that names the last completed erasure. Purging a key from the disk merges the
/// vault's files; with the note a start does not repeat that each time.
constexpr std::string_view purged_note = "erasure/purged";

domain::UserErased from_line(std::string_view line) {
  events::Envelope envelope;
  envelope.type = events::name_of(domain::UserErased{});
  envelope.schema_version = events::schema_version_of(domain::UserErased{});
  const auto decoded = events::decode_body(envelope, line, [](std::string_view) { return std::nullopt; });
  return std::get<domain::UserErased>(decoded.event);
}

}  // namespace

std::vector<domain::UserErased> Erasures::list() const {
  return read(file_);
}

std::vector<domain::UserErased> erasures_in(const std::filesystem::path& file) {
  const auto content = os::read_small_file(file, file_bytes_max);
  std::vector<domain::UserErased> all;
  if (!content) return all;
  for (std::string_view rest = lines_of(file, *content); !rest.empty();)
    all.push_back(from_line(storage::take_line(rest)));
  return all;
}

std::vector<domain::UserErased> Erasures::read(const std::filesystem::path& file) {
  return erasures_in(file);
}

void Erasures::copy_to(const std::filesystem::path& file) const {
  const os::MutexLock lock(mutex_);
  merge({file_}, file);
}

void Erasures::merge(const std::vector<std::filesystem::path>& files, const std::filesystem::path& into) {
  std::vector<domain::UserErased> all;
  for (const auto& file : files)
    for (const domain::UserErased& each : read(file))
      if (std::ranges::find(all, each.user, &domain::UserErased::user) == all.end()) all.push_back(each);
  if (all.empty()) return;
  std::string content;
  for (const domain::UserErased& each : all) content += to_line(each);
  os::make_private_folder(into.parent_path());
  os::replace_file(into, with_sum(content));
}

void Erasures::carry_out(const domain::UserErased& erased) {
  const os::MutexLock lock(mutex_);
  const auto listed = list();
  if (std::ranges::find(listed, erased.user, &domain::UserErased::user) == listed.end()) {
    std::string content;
    for (const domain::UserErased& each : listed) content += to_line(each);
    os::make_private_folder(file_.parent_path());
    os::replace_file(file_, with_sum(content + to_line(erased)));
  }
  destroy(erased.user);
  note_purged(erased.user);
}

std::size_t Erasures::destroy_keys() {
  std::size_t brought_back = 0;
  const auto all = list();
  for (const domain::UserErased& each : all) brought_back += destroy(each.user) ? 1 : 0;
  if (all.empty()) return brought_back;
  // The last erasure may have been interrupted after its key was deleted and before it was purged from the
  // disk.
  const domain::UserId last = all.back().user;
  if (vault_.find_note(purged_note) == domain::to_text(last)) return brought_back;
  vault_.erase_person(events::subject_name(last), last);
  note_purged(last);
  return brought_back;
}

void Erasures::note_purged(domain::UserId user) {
  vault_.put_note(purged_note, domain::to_text(user), true);
}

bool Erasures::destroy(domain::UserId user) {
  const std::string subject = events::subject_name(user);
  // Skip persons without a key: an erasure compacts the vault, and every start calls this for all of them.
  // The key is deleted in the same write as all else, so without a key nothing is left.
  if (!vault_.find_data_key(subject)) return false;
  return vault_.erase_person(subject, user);
}

}  // namespace ttp::service
