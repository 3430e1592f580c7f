#include "service/config.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

#include <toml++/toml.h>

#include "carriers/letter_service.hpp"
#include "carriers/relay.hpp"
#include "domain/values.hpp"
#include "os/socket_address.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;

/// Converts a text from any source to a member of Config, and the member back to a text.
struct Setting {
  std::string_view name;
  std::string_view help;
  std::function<std::optional<std::string>(Config&, std::string_view)>
      set;  ///< returns the fault, or nothing
  std::function<std::string(const Config&)> show;
};

std::optional<std::string> parse(std::string& value, std::string_view text) {
  value = text;
  return std::nullopt;
}
std::optional<std::string> parse(fs::path& value, std::string_view text) {
  value = text;
  return std::nullopt;
}
std::optional<std::string> parse(bool& value, std::string_view text) {
  if (text != "true" && text != "false") return "takes true or false";
  value = text == "true";
  return std::nullopt;
}
template <std::unsigned_integral Integer>
std::optional<std::string> parse(Integer& value, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return "takes a whole number up to " + std::to_string(std::numeric_limits<Integer>::max());
  return std::nullopt;
}
std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}
std::optional<std::string> parse(std::vector<std::string>& value, std::string_view text) {
  value.clear();
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto each = trimmed(text.substr(0, comma));
    if (each.empty()) return "takes texts with commas between them, none of them empty";
    value.emplace_back(each);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return std::nullopt;
}

std::string shown(const std::string& value) {
  return value;
}
std::string shown(const fs::path& value) {
  return value.string();
}
std::string shown(bool value) {
  return value ? "true" : "false";
}
template <std::unsigned_integral Integer>
std::string shown(Integer value) {
  return std::to_string(value);
}
std::string shown(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& each : values) text += (text.empty() ? "" : ",") + each;
  return text;
}

/// Hides the user name and password that a URL can hold before its "@".
std::string without_user(const std::string& url) {
  const auto scheme = url.find("://");
  const auto host = url.rfind('@');
  if (host == std::string::npos) return url;
  return (scheme == std::string::npos ? "" : url.substr(0, scheme + 3)) + "(hidden)" + url.substr(host);
}

template <class Member>
Setting setting(std::string_view name, Member Config::* member, std::string_view help) {
  return {name, help, [member](Config& config, std::string_view text) { return parse(config.*member, text); },
          [member](const Config& config) { return shown(config.*member); }};
}

Setting url_setting(std::string_view name, std::string Config::* member, std::string_view help) {
  Setting row = setting(name, member, help);
  row.show = [member](const Config& config) { return without_user(config.*member); };
  return row;
}

// clang-format off
const std::vector<Setting>& table() {
  static const std::vector<Setting> rows{
      setting("data_dir", &Config::data_dir, "Folder of the log, the views and the vault"),
      setting("master_key_file", &Config::master_key_file, "File of the key that wraps the vault's keys"),
      setting("checkpoint_file", &Config::checkpoint_file, "File of the log's last signed checkpoint"),
      setting("mail_dir", &Config::mail_dir, "Folder into which mails are delivered as .eml"),
      setting("letter_dir", &Config::letter_dir, "Folder into which letters are delivered as PDF"),
      setting("mail_from_domain", &Config::mail_from_domain, "Domain of the mails' sender"),
      setting("mail_reply_to", &Config::mail_reply_to, "Address for answers to mails, which somebody reads; empty: no Reply-To"),
      url_setting("smtp_url", &Config::smtp_url, "Mail relay: smtp://host:587/name-of-this-host; empty: the mail folder"),
      setting("smtp_user", &Config::smtp_user, "User name at the relay; empty: no log-in"),
      setting("smtp_password_file", &Config::smtp_password_file, "File with the password at the relay, closed to others"),
      setting("smtp_ca_file", &Config::smtp_ca_file, "Authorities of the relay's certificate (PEM); empty: the system's"),
      setting("smtp_plain", &Config::smtp_plain, "No TLS to the relay: only to a loopback address"),
      setting("smtp_reply_seconds", &Config::smtp_reply_seconds, "Seconds for each answer of the relay"),
      setting("bounce_domain", &Config::bounce_domain, "Domain whose mail the relay gives to ttpctl bounce; empty: bounces are not read"),
      url_setting("letter_provider_url", &Config::letter_provider_url, "Company that prints and posts letters: https://host/path; empty: the mail room"),
      setting("letter_provider_token_file", &Config::letter_provider_token_file, "File with the token of the letter provider, closed to others"),
      setting("letter_provider_ca_file", &Config::letter_provider_ca_file, "Authorities of the letter provider's certificate (PEM); empty: the system's"),
      setting("letter_reports_seconds", &Config::letter_reports_seconds, "Seconds between two questions for the letter provider's reports"),
      setting("origin", &Config::origin, "Name of the log in its signed checkpoints"),
      setting("address", &Config::address, "Numeric address to listen on"),
      setting("port", &Config::port, "Port to listen on; 0 takes any free one"),
      setting("io_threads", &Config::io_threads, "Threads for the network"),
      setting("trusted_proxies", &Config::trusted_proxies, "Proxies whose X-Forwarded-For is believed, with commas"),
      setting("behind_tls", &Config::behind_tls, "TLS ends in front: send Strict-Transport-Security"),
      setting("https_listen", &Config::https_listen, "Addresses with ports to listen on for TLS, with commas"),
      setting("https_proxy_listen", &Config::https_proxy_listen, "The same behind trusted_proxies that send a PROXY v2 header before TLS"),
      setting("proxy_listen", &Config::proxy_listen, "The same for plain HTTP after a PROXY v2 header of trusted_proxies"),
      setting("staff_listen", &Config::staff_listen, "The same for TLS with a client certificate that staff_ca_file issued"),
      setting("tls_certificate_file", &Config::tls_certificate_file, "Certificate and its issuers in PEM form; read again on SIGHUP and when it changes"),
      setting("tls_key_file", &Config::tls_key_file, "Private key of the certificate, closed to others"),
      setting("staff_ca_file", &Config::staff_ca_file, "Authorities whose client certificates staff_listen takes"),
      setting("staff_crl_file", &Config::staff_crl_file, "Revocation lists of staff_ca_file"),
      setting("sandbox", &Config::sandbox, "Movable clock, readable mails and letters, seeded staff"),
      setting("rate_limit_per_address", &Config::rate_limit_per_address, "Requests in 300 s without a session"),
      setting("rate_limit_per_user", &Config::rate_limit_per_user, "Requests in 300 s with a session"),
      setting("connections_per_address", &Config::connections_per_address, "Connections of one address that may be open; trusted proxies are exempt"),
      setting("drain_ready_seconds", &Config::drain_ready_seconds, "Seconds after a stop signal in which requests are served and /health/ready says no"),
      setting("queue_max", &Config::queue_max, "Commands that may wait for the writer"),
      setting("batch_max", &Config::batch_max, "Commands that the writer decides together"),
      setting("cache_mib", &Config::cache_mib, "Memory of all caches together, in MiB; at least 64"),
      setting("password_workers", &Config::password_workers, "Threads that check passwords"),
      setting("password_queue_max", &Config::password_queue_max, "Password checks that may wait"),
      setting("rebuild_pace", &Config::rebuild_pace, "Events a second of a rebuild beside live views; 0: no limit"),
      setting("backup_dir", &Config::backup_dir, "Folder for backups of the log and the vault"),
      setting("backups_keep", &Config::backups_keep, "Backups that are kept; 0: all"),
      setting("disk_free_min_mib", &Config::disk_free_min_mib, "Free MiB below which no change is taken; 0: 1 GiB or 2 % of the disk, whichever is less"),
      setting("log_level", &Config::log_level, "trace, debug, info, warning, error, critical or off"),
      setting("log_file", &Config::log_file, "The server's own log; empty: standard error"),
  };
  return rows;
}
// clang-format on

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

const Setting& nearest(std::string_view name) {
  return *std::ranges::min_element(table(), {}, [&](const Setting& row) { return distance(row.name, name); });
}

[[noreturn]] void refuse_unknown(std::string_view name, std::string_view meant, const std::string& place) {
  throw std::runtime_error{place + ": there is no setting \"" + std::string{name} + "\"; did you mean \"" +
                           std::string{meant} + "\"?"};
}

const Setting& find(std::string_view name, const std::string& place) {
  const auto found = std::ranges::find(table(), name, &Setting::name);
  if (found == table().end()) refuse_unknown(name, nearest(name).name, place);
  return *found;
}

std::string variable_of(std::string_view name) {
  std::string variable = "TTP_";
  for (const char c : name) variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return variable;
}

/// Converts a TOML value to the text that the other sources have.
std::string text_of(const toml::node& node, const std::string& place) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  if (const toml::array* array = node.as_array()) {
    std::string text;
    for (const toml::node& each : *array) text += (text.empty() ? "" : ",") + text_of(each, place);
    return text;
  }
  throw std::runtime_error{place + ": takes a text, a whole number, true or false, or a list of texts"};
}

class Loading {
 public:
  Loading() {
    for (const Setting& row : table())
      loaded_.settings.push_back(
          {std::string{row.name}, row.show(loaded_.config), "default", std::string{row.help}});
  }
  void set(std::string_view name, std::string_view text, const std::string& place, std::string_view source) {
    const Setting& row = find(name, place);
    if (const auto wrong = row.set(loaded_.config, text))
      throw std::runtime_error{place + ": " + std::string{name} + " " + *wrong};
    const auto shown_row = std::ranges::find(loaded_.settings, name, &SettingSource::name);
    shown_row->value = row.show(loaded_.config);
    shown_row->source = source;
  }
  void read(const fs::path& file) {
    try {
      const toml::table document = toml::parse_file(file.string());
      for (const auto& [key, node] : document) {
        const std::string place = file.string() + ":" + std::to_string(node.source().begin.line);
        set(key.str(), text_of(node, place), place, "file");
      }
    } catch (const toml::parse_error& fault) {
      throw std::runtime_error{file.string() + ":" + std::to_string(fault.source().begin.line) + ": " +
                               std::string{fault.description()}};
    }
  }
  LoadedConfig take() { return std::move(loaded_); }

 private:
  LoadedConfig loaded_;
};

/// Whether the text is a valid key name in a signed note.
bool is_origin(std::string_view origin) {
  return !origin.empty() && origin.find("://") == std::string_view::npos &&
         std::ranges::all_of(origin, [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

/// Refuses variables that look like a misspelt setting. Others are ignored, because other programs may use
/// variables that begin with TTP_, too.
void refuse_misspelt(const std::map<std::string, std::string>& environment) {
  constexpr std::string_view prefix = "TTP_";
  constexpr std::size_t slips_max = 2;
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(prefix)) continue;
    std::string name = variable.substr(prefix.size());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const std::string meant = variable_of(nearest(name).name);
    const std::size_t slips = distance(variable, meant);
    if (slips > 0 && slips <= slips_max) refuse_unknown(variable, meant, "environment variable " + variable);
  }
}

/// Whether bounces can go to this domain: the local part takes up to 64 bytes beside it.
bool is_mail_domain(const std::string& name) {
  const auto address = domain::EmailAddress::parse("b@" + name);
  return address && address->text() == "b@" + name;
}

/// The faults of the settings of the relay and of the letter provider. Files are not read here: the
/// service reads them when it starts, and ttpctl doctor tries them.
std::vector<std::string> carrier_faults(const Config& config) {
  std::vector<std::string> wrong;
  const auto check = [&](bool fine, std::string sentence) {
    if (!fine) wrong.push_back(std::move(sentence));
  };
  check(config.smtp_url.empty() || !config.sandbox,
        "sandbox and smtp_url exclude each other: sandbox mode moves the clock and shows mails to anyone");
  check(config.letter_provider_url.empty() || !config.sandbox,
        "sandbox and letter_provider_url exclude each other: letters of a sandbox are not real");
  if (!config.smtp_url.empty()) {
    const auto url = carriers::parse_relay_url(config.smtp_url);
    check(url.has_value(), "smtp_url " + (url ? std::string{} : url.error()));
    check(!config.smtp_plain || (url && url->is_loopback() && !url->tls_from_the_start),
          "smtp_plain: only for smtp:// to a loopback address, for mails carry codes");
    check(config.mail_from_domain != Config{}.mail_from_domain,
          "mail_from_domain must name the domain that mails come from when there is a relay");
  }
  check(!config.smtp_url.empty() || (config.smtp_user.empty() && config.smtp_password_file.empty()),
        "smtp_user and smtp_password_file are of no use without smtp_url");
  check(config.smtp_user.empty() == config.smtp_password_file.empty(),
        "smtp_user and smtp_password_file need each other");
  check(config.smtp_reply_seconds >= 1 && config.smtp_reply_seconds <= 600,
        "smtp_reply_seconds must be from 1 to 600");
  check(config.letter_reports_seconds >= 1 && config.letter_reports_seconds <= 86'400,
        "letter_reports_seconds must be from 1 to 86400");
  check(config.bounce_domain.empty() || is_mail_domain(config.bounce_domain),
        "bounce_domain must name a domain, in lower case and as A-labels: bounces.example.org");
  check(config.letter_provider_url.empty() || carriers::is_provider_url(config.letter_provider_url),
        "letter_provider_url must be https://host/path, or http:// to a loopback address, without a user");
  check(config.letter_provider_url.empty() == config.letter_provider_token_file.empty(),
        "letter_provider_url and letter_provider_token_file need each other");
  return wrong;
}

struct ListenSetting {
  std::string_view name;
  const std::vector<std::string>& texts;
  bool by_tls;
  bool by_proxy;
};

/// The faults of the listeners beside `address`, and of what they need.
void check_listeners(const Config& config, std::vector<std::string>& wrong) {
  const ListenSetting all[] = {{"https_listen", config.https_listen, true, false},
                               {"https_proxy_listen", config.https_proxy_listen, true, true},
                               {"proxy_listen", config.proxy_listen, false, true},
                               {"staff_listen", config.staff_listen, true, false}};
  for (const auto& [name, texts, by_tls, by_proxy] : all) {
    const std::string setting{name};
    for (const std::string& text : texts) {
      const auto parsed = os::parse_socket_address(text);
      if (!parsed)
        wrong.push_back(setting + ": \"" + text +
                        "\" is no numeric address with a port, like 192.0.2.1:443 or "
                        "[2001:db8::1]:443");
      else if (config.sandbox && !os::is_loopback(parsed->address))
        wrong.push_back("sandbox: only on a loopback address, and " + setting + " has another");
    }
    if (texts.empty()) continue;
    if (by_tls && (config.tls_certificate_file.empty() || config.tls_key_file.empty()))
      wrong.push_back(setting + " needs tls_certificate_file and tls_key_file");
    if (by_proxy && config.trusted_proxies.empty())
      wrong.push_back(setting + " needs trusted_proxies: only they may name clients");
  }
  if (!config.staff_listen.empty() && config.staff_ca_file.empty())
    wrong.emplace_back("staff_listen needs staff_ca_file: it takes clients with certificates only");
  if (!config.staff_crl_file.empty() && config.staff_ca_file.empty())
    wrong.emplace_back("staff_crl_file needs staff_ca_file, whose certificates it revokes");
  if (config.tls_certificate_file.empty() != config.tls_key_file.empty())
    wrong.emplace_back("tls_certificate_file and tls_key_file belong together");
}

}  // namespace

std::string flag_of(std::string_view setting) {
  std::string flag = "--";
  for (const char c : setting) flag += c == '_' ? '-' : c;
  return flag;
}

fs::path Config::master_key() const {
  return master_key_file.empty() ? data_dir / "keys" / "master.key" : master_key_file;
}
fs::path Config::checkpoint() const {
  return checkpoint_file.empty() ? data_dir / "checkpoint" / "checkpoint" : checkpoint_file;
}
fs::path Config::mails() const {
  return mail_dir.empty() ? data_dir / "mail" : mail_dir;
}
fs::path Config::bounces() const {
  return data_dir / "bounces";
}
fs::path Config::letters() const {
  return letter_dir.empty() ? data_dir / "letters" : letter_dir;
}

// Eight sixteenths are for blocks of table files, of which at most half are memtables; seven sixteenths for
// the decoded snapshots that the writer and all readers share. Of the last sixteenth, three quarters are for
// versions of streams; the rest is for data keys, which are bounded by number (storage/vault/vault.cpp).
storage::MemoryBounds Config::store_bounds() const {
  const std::size_t sixteenth = cache_mib * 1024 * 1024 / 16;
  return {8 * sixteenth, 4 * sixteenth, sixteenth / 4 * 3};
}
std::size_t Config::snapshot_bytes_max() const {
  return cache_mib * 1024 * 1024 / 16 * 7;
}

std::vector<std::string> faults(const Config& config) {
  std::vector<std::string> wrong;
  const auto check = [&](bool fine, std::string_view sentence) {
    if (!fine) wrong.emplace_back(sentence);
  };
  for (const std::string& sentence : carrier_faults(config)) wrong.push_back(sentence);
  check(!config.sandbox || os::is_loopback(config.address),
        "sandbox: only on a loopback address, for it shows mails and passwords to anyone");
  check_listeners(config, wrong);
  check(!config.data_dir.empty(), "data_dir must name a folder");
  check(!config.mail_from_domain.empty(), "mail_from_domain must name a domain");
  check(config.mail_reply_to.empty() || domain::EmailAddress::parse(config.mail_reply_to).has_value(),
        "mail_reply_to must be an e-mail address");
  check(is_origin(config.origin),
        "origin must be the log's URL without its scheme: printable ASCII without spaces and plus signs");
  check(config.io_threads > 0, "io_threads must be at least 1");
  check(config.queue_max > 0, "queue_max must be at least 1");
  check(config.batch_max > 0, "batch_max must be at least 1");
  check(config.cache_mib >= 64 && config.cache_mib <= 1'048'576, "cache_mib must be from 64 to 1048576");
  check(config.password_workers > 0, "password_workers must be at least 1");
  check(config.password_queue_max > 0, "password_queue_max must be at least 1");
  check(config.rate_limit_per_address > 0, "rate_limit_per_address must be at least 1");
  check(config.rate_limit_per_user > 0, "rate_limit_per_user must be at least 1");
  check(config.connections_per_address > 0, "connections_per_address must be at least 1");
  check(config.drain_ready_seconds <= 600, "drain_ready_seconds must be at most 600");
  static constexpr std::string_view levels[] = {"trace", "debug",    "info", "warning",
                                                "error", "critical", "off"};
  check(std::ranges::find(levels, config.log_level) != std::end(levels),
        "log_level must be trace, debug, info, warning, error, critical or off");
  return wrong;
}

LoadedConfig load_config(const std::optional<fs::path>& file,
                         const std::map<std::string, std::string>& environment,
                         const std::map<std::string, std::string>& flags) {
  Loading loading;
  const fs::path default_file = "/etc/ttp/ttpd.toml";
  if (file) {
    if (!fs::exists(*file))
      throw std::runtime_error{file->string() + ": there is no such configuration file"};
    loading.read(*file);
  } else if (fs::exists(default_file)) {
    loading.read(default_file);
  }
  refuse_misspelt(environment);
  for (const Setting& row : table()) {
    const std::string variable = variable_of(row.name);
    const auto found = environment.find(variable);
    if (found != environment.end())
      loading.set(row.name, found->second, "environment variable " + variable, "environment");
  }
  for (const auto& [name, value] : flags) loading.set(name, value, "flag " + flag_of(name), "flag");
  return loading.take();
}

std::vector<SettingSource> known_settings() {
  return Loading{}.take().settings;
}

}  // namespace ttp::service
