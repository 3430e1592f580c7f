#include "service/doctor.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "delivery/sheet.hpp"
#include "os/files.hpp"
#include "os/socket_address.hpp"
#include "projections/runner.hpp"
#include "service/carriers_of.hpp"
#include "service/data_folder.hpp"
#include "service/disk_watch.hpp"
#include "service/secrets/keys.hpp"
#include "service/secrets/vault_census.hpp"
#include "service/workers/backup_list.hpp"
#include "service/writer/erasure_list.hpp"
#include "storage/backup/parts.hpp"
#include "storage/log/look.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/tables/view_store.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/vault/vault.hpp"
#include "tls/context.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t mebibyte = std::uintmax_t{1024} * 1024;
constexpr domain::Duration backup_age_max = domain::hours{26};  // daily, and two hours late
constexpr domain::Duration clock_slack = domain::seconds{2};
constexpr std::chrono::days certificate_warning{14};

bool lies_within(const fs::path& path, const fs::path& folder) {
  const auto relative = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

bool is_private(const fs::path& path) {
  constexpr auto others = fs::perms::group_all | fs::perms::others_all;
  return (fs::status(path).permissions() & others) == fs::perms::none;
}

class Examination {
 public:
  Examination(const Config& config, domain::Time now, const std::function<void(const Finding&)>& report)
      : config_(config), now_(now), report_(report) {}

  void run() {
    check("folders", [&] { look_at_folders(); });
    check("disk", [&] { look_at_disk(); });
    run_tls();
    check("master key", [&] { look_at_master_key(); });
    check("checkpoint", [&] { look_at_checkpoint_file(); });
    check("delivery", [&] { look_at_delivery(); });
    check("mail relay", [&] { look_at_relay(); });
    check("letter provider", [&] { look_at_letter_provider(); });
    check("letter fonts", [&] { look_at_letter_fonts(); });
    check("backups", [&] { look_at_backups(); });
    check("stores", [&] { look_at_stores(); });
  }

  void run_tls() {
    check("listeners", [&] { look_at_listeners(); });
    if (config_.tls_certificate_file.empty()) return;
    check("certificate", [&] { look_at_certificate(); });
    if (!config_.staff_ca_file.empty()) check("staff certificates", [&] { look_at_staff(); });
  }

 private:
  using Level = Finding::Level;

  void good(std::string what) { report_({Level::good, check_, std::move(what), {}}); }
  void warn(std::string what, std::string advice) {
    report_({Level::warning, check_, std::move(what), std::move(advice)});
  }
  void fault(std::string what, std::string advice) {
    report_({Level::fault, check_, std::move(what), std::move(advice)});
  }

  template <class Act>
  void check(std::string_view name, Act act) {
    check_ = name;
    try {
      act();
    } catch (const std::exception& broken) {
      fault(broken.what(), "Repair what the message names, and run the check again.");
    }
  }

  // -- carriers ---------------------------------------------------------------------------------------------

  void look_at_relay() {
    if (config_.smtp_url.empty()) {
      good("no relay is configured: mails go into " + config_.mails().string());
      return;
    }
    const auto told = relay_of(config_)->probe();
    if (told == delivery::Delivery::delivered)
      good("the relay of smtp_url answers" + std::string{config_.smtp_plain ? "" : ", over TLS"} +
           (config_.smtp_user.empty() ? "" : ", and takes the log-in"));
    else
      fault("the relay of smtp_url cannot be used: " + told.words,
            "Mails wait until it can. See its log, and ttpctl mail test.");
    if (config_.bounce_domain.empty())
      warn("bounces are not read", "Name a domain with bounce_domain: docs/mail.md.");
  }

  void look_at_letter_provider() {
    if (config_.letter_provider_url.empty()) {
      good("no letter provider is configured: the mail room prints from " + config_.letters().string());
      return;
    }
    std::string cursor;
    letter_service_of(config_)->reports(cursor);
    good("the letter provider answers");
  }

  void look_at_letter_fonts() {
    try {
      delivery::installed_fonts();
      good("the fonts of letters are installed");
    } catch (const delivery::LetterFault& missing) {
      fault(missing.what(),
            "Install fonts-noto-core, fonts-wqy-microhei and fonts-dejavu-core; letters wait.");
    }
  }

  // -- folders and files ------------------------------------------------------------------------------------

  void look_at_folders() {
    if (const auto left = unfinished_in(config_.data_dir)) {
      fault(left->sentence, "Until then the server does not start here.");
      return;
    }
    if (!holds_database(config_.data_dir / "log")) {
      fault(config_.data_dir.string() + " holds no log",
            "If its disk is not mounted, mount it. ttpctl init makes a new log; ttpctl backup restore brings "
            "one "
            "back.");
      return;
    }
    bool all_private = true;
    for (const fs::path& folder : {config_.data_dir, config_.data_dir / "log", config_.data_dir / "vault",
                                   config_.data_dir / "views", config_.mails(), config_.letters()})
      all_private = look_at_permissions(folder) && all_private;
    if (all_private) good(config_.data_dir.string() + " and its content are open to their owner alone");
    if (!holds_database(config_.data_dir / "vault"))
      fault("there is a log without its vault: no personal field can be read",
            "Mount its disk or bring the vault back from where it was; or restore log and vault together "
            "into a "
            "new folder: ttpctl backup restore.");
  }

  /// A folder within a private folder counts as private.
  bool look_at_permissions(const fs::path& folder) {
    const bool is_sheltered =
        folder != config_.data_dir && lies_within(folder, config_.data_dir) && is_private(config_.data_dir);
    if (!fs::exists(folder) || is_sheltered || is_private(folder)) return true;
    fault(folder.string() + " is open to others than its owner", "chmod 700 " + folder.string());
    return false;
  }

  void look_at_disk() {
    auto folders = written_folders(config_);
    if (!config_.backup_dir.empty()) folders.push_back(config_.backup_dir);
    std::set<fs::path> seen;
    for (const fs::path& folder : folders)
      if (const auto existing = existing_folder(folder); seen.insert(existing).second)
        look_at_disk_of(existing);
  }

  void look_at_disk_of(const fs::path& folder) {
    const auto space = DiskWatch::ask_the_system(folder);
    const auto mark = low_water_mark(space.capacity, config_);
    const auto what = fmt::format("{} MiB free for {}, {} MiB needed", space.available / mebibyte,
                                  folder.string(), (mark + mebibyte - 1) / mebibyte);
    if (space.available < mark)
      fault(what, "Make room: below it the service refuses every change.");
    else if (space.available < 2 * mark)
      warn(what, "Make room: below what is needed the service refuses every change.");
    else
      good(what);
  }

  void look_at_master_key() {
    const fs::path file = config_.master_key();
    if (!fs::exists(file)) {
      fault("there is no file " + file.string(),
            "Bring it back from its copy: without it no personal field can ever be read.");
      return;
    }
    storage::load_master_key(file);
    for (const fs::path& folder : {config_.data_dir, config_.backup_dir})
      if (!folder.empty() && lies_within(file, folder)) {
        warn(file.string() + " lies within " + folder.string() + ", with the data that it protects",
             "Move it elsewhere and name it with master_key_file.");
        return;
      }
    good(file.string() + " can be read, by its owner alone, and lies apart from the data");
  }

  void look_at_checkpoint_file() {
    const fs::path file = config_.checkpoint();
    if (!fs::exists(file)) {
      fault("there is no file " + file.string() + ": a log that was cut would not be noticed",
            "Bring it back from a copy, or see ttpctl checkpoint renew.");
    } else if (lies_within(file, config_.data_dir)) {
      warn(file.string() + " lies with the log, so one fault can take both",
           "Move its folder to another disk and name it with checkpoint_file.");
    } else {
      good(file.string() + " is there, apart from the log");
    }
  }

  void look_at_delivery() {
    for (const fs::path& folder : {config_.mails(), config_.letters()}) {
      const fs::path probe =
          existing_folder(folder) / fmt::format(".doctor-{}", now_.time_since_epoch().count());
      try {
        os::write_new_file(probe, "", 0600);
        fs::remove(probe);
        good(folder.string() + " can be written");
      } catch (const std::exception& broken) {
        fault(broken.what(), "Let the service's user write into " + folder.string() + ".");
      }
    }
  }

  // -- TLS --------------------------------------------------------------------------------------------------

  void look_at_listeners() {
    if (os::is_loopback(config_.address) || config_.behind_tls)
      good("no client reaches the service without TLS from another machine");
    else
      warn(config_.address + " takes requests without TLS",
           "Let address be 127.0.0.1 and name https_listen, or set behind_tls where a proxy ends TLS.");
  }

  void look_at_certificate() {
    const tls::Context context{config_.public_tls()};
    const tls::Certificate& certificate = context.certificate();
    std::string names;
    for (const std::string& each : certificate.names) names += (names.empty() ? "" : ", ") + each;
    const std::string what =
        fmt::format("{} for {} ({}), serial {}, valid until {}", config_.tls_certificate_file.string(),
                    names.empty() ? "no name" : names, certificate.key, certificate.serial,
                    domain::to_text(domain::Time{certificate.valid_until}));
    const auto left = domain::Time{certificate.valid_until} - now_;
    if (left <= domain::Duration::zero())
      fault(what + ": it has ended", "Renew it: clients refuse to connect.");
    else if (now_ < domain::Time{certificate.valid_from})
      fault(what + ": it is not valid yet", "Set the machine's clock, or use another certificate.");
    else if (certificate.names.empty())
      fault(what, "Have a certificate issued that names the host; clients refuse this one.");
    else if (left < certificate_warning)
      warn(fmt::format("{}: {} days left", what, std::chrono::floor<std::chrono::days>(left).count()),
           "Renew it; find out why the renewal did not.");
    else
      good(what + ", and its key fits");
  }

  void look_at_staff() {
    const tls::Context context{config_.staff_tls()};
    good(config_.staff_ca_file.string() + " can be read" +
         (config_.staff_crl_file.empty() ? ", and no certificate is revoked"
                                         : ", and so can " + config_.staff_crl_file.string()));
  }

  // -- backups ----------------------------------------------------------------------------------------------

  void look_at_backups() {
    const auto advice = "POST /v1/operations/backups takes one, or ttpctl backup create while it is stopped.";
    if (config_.backup_dir.empty()) {
      warn("no backup_dir is configured", "Name a folder on another disk with backup_dir.");
      return;
    }
    const BackupFolders folders{config_.backup_dir};
    if (!fs::exists(folders.vault) && !fs::exists(folders.log)) {
      warn("there is no backup yet in " + config_.backup_dir.string(), advice);
      return;
    }
    std::optional<Backup> newest;
    for (auto& each :
         backups_in(config_.backup_dir, storage::load_master_key(config_.master_key()), config_.origin)) {
      if (each.fault)
        fault(fmt::format("backup {} is not whole: {}", each.id, *each.fault),
              "Take another; find out what interrupted or damaged this one. ttpctl backup prune deletes it "
              "once newer ones are whole.");
      else
        newest = std::move(each);
    }
    if (!newest) {
      fault("there is no backup that can be restored", advice);
      return;
    }
    const auto what = fmt::format("the last is backup {} of {}, of {} events", newest->id,
                                  domain::to_text(newest->taken_at), newest->events);
    if (now_ - newest->taken_at > backup_age_max)
      warn(what + fmt::format(", {} hours ago",
                              std::chrono::floor<domain::hours>(now_ - newest->taken_at).count()),
           advice);
    else
      good(what);
  }

  // -- the stores -------------------------------------------------------------------------------------------

  void look_at_stores() {
    if (!holds_database(config_.data_dir / "log") || unfinished_in(config_.data_dir)) return;
    try {
      const auto log = storage::open_rocks_log(config_.data_dir / "log");
      good(fmt::format("the log opens: {} events", log->head().next));
      if (holds_database(config_.data_dir / "vault") && fs::exists(config_.master_key())) {
        const auto vault = open_vault(config_);
        check("vault", [&] { look_at_vault(*log, *vault); });
        check("shut-down", [&] { look_at_shut_down(*log, *vault); });
      }
      check("views", [&] { look_at_views(*log); });
      check("clock", [&] { look_at_clock(*log); });
    } catch (const os::InUse&) {
      good("in use by a running server, which watches them itself: see /health/ready");
      check("clock", [&] { look_at_clock_beside_server(); });
    } catch (const events::Damaged& damage) {
      fault(damage.what(), "ttpctl fsck shows the extent, ttpctl backup restore brings the log back.");
    }
  }

  void look_at_vault(const storage::Log& log, const storage::Vault& vault) {
    try {
      storage::check_vault(vault);
      refuse_older_vault(log, vault, erasures_in(config_.checkpoint().parent_path() / "erasures"));
    } catch (const events::Damaged& damage) {
      fault(damage.what(), "The server does not start on it. ttpctl fsck shows the extent.");
      return;
    }
    good("each row of the vault can be read, and it is as new as the log");
  }

  /// Unsigned events show that the server did not stop properly: it signs its last event when it stops.
  void look_at_shut_down(const storage::Log& log, storage::Vault& vault) {
    if (!fs::exists(config_.checkpoint())) return;
    const auto note = storage::CheckpointFile{config_.checkpoint()}.read().value();
    const auto last =
        storage::open_checkpoint(note, storage::verifiers_of(config_.origin, checkpoint_keys(vault)));
    try {
      storage::compare_at_start(log, last);
    } catch (const storage::NotTheSignedLog& other) {
      fault(other.what(),
            "The server will not start on it. ttpctl backup restore brings back what was signed.");
      return;
    }
    if (last.size < log.head().next)
      warn(fmt::format("{} events are not signed: the server did not stop properly",
                       log.head().next - last.size),
           "Nothing is lost. Start the server: it signs them. Find out what ended it.");
    else
      good("the server stopped properly: every event is signed");
  }

  void look_at_views(const storage::Log& log) {
    const fs::path folder = config_.data_dir / "views";
    if (!fs::exists(folder)) {
      warn("there are none", "The next start builds them, which takes a while.");
      return;
    }
    const auto store = storage::ViewStore::open(folder);
    std::size_t caught_up = 0;
    const auto views = projections::inspect(log, *store);
    for (const auto& view : views) {
      if (view.fault)
        warn(view.name + ": " + *view.fault, "The next start rebuilds it, which takes a while.");
      else if (view.next < log.head().next)
        warn(fmt::format("{} is {} events behind the log", view.name, log.head().next - view.next),
             "The next start brings it up to date.");
      else
        ++caught_up;
    }
    if (caught_up == views.size()) good(fmt::format("{} views, all caught up with the log", caught_up));
  }

  /// The server writes meanwhile and may delete a file while it is read; then the check is repeated once.
  void look_at_clock_beside_server() {
    try {
      look_at_clock(*storage::look_at_rocks_log(config_.data_dir / "log"));
    } catch (const std::runtime_error&) {
      look_at_clock(*storage::look_at_rocks_log(config_.data_dir / "log"));
    }
  }

  /// Recorded times never decrease: while the machine's clock is behind the last event, every new event would
  /// get the same time.
  void look_at_clock(const storage::Log& log) {
    const auto next = log.head().next;
    if (next == 0) {
      good("no event has been recorded yet");
      return;
    }
    const auto last = events::decode_envelope(log.read(next - 1, 1).at(0).envelope).recorded_at;
    if (config_.sandbox)
      good("the sandbox has a clock of its own");
    else if (last > now_ + clock_slack)
      fault(fmt::format("it is {}, but the last event was recorded at {}", domain::to_text(now_),
                        domain::to_text(last)),
            "Set the machine's clock before the server starts.");
    else
      good("it is past the last event, which was recorded at " + domain::to_text(last));
  }

  const Config& config_;
  const domain::Time now_;
  const std::function<void(const Finding&)>& report_;
  std::string_view check_;
};

}  // namespace

void examine(const Config& config, domain::Time now, const std::function<void(const Finding&)>& report) {
  Examination{config, now, report}.run();
}

void examine_tls(const Config& config, domain::Time now, const std::function<void(const Finding&)>& report) {
  Examination{config, now, report}.run_tls();
}

}  // namespace ttp::service
