// Configuration: built-in defaults, then the TOML file, then environment variables (TTP_...), then flags;
// each overrides the one before. One table of settings (config.cpp) defines names, defaults, checks and help
// for all four.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/mail.hpp"
#include "storage/rocks/memory.hpp"
#include "tls/context.hpp"

namespace ttp::service {

struct Config {
  std::filesystem::path data_dir = "data";
  /// The key that wraps the vault's keys; outside the data directory in production. Empty:
  /// <data_dir>/keys/master.key, which only sandbox mode creates by itself.
  std::filesystem::path master_key_file;
  /// The last signed checkpoint of the log. Empty: <data_dir>/checkpoint/checkpoint.
  std::filesystem::path checkpoint_file;
  std::filesystem::path mail_dir;    ///< empty: <data_dir>/mail
  std::filesystem::path letter_dir;  ///< empty: <data_dir>/letters
  std::string mail_from_domain = "ttp.invalid";
  std::string mail_reply_to;  ///< an address that somebody reads; empty: mails have no Reply-To
  /// A mail relay, "smtp://host:587/ehlo-name" or "smtps://host"; refused together with sandbox mode. Empty:
  /// mails go into the mail folder.
  std::string smtp_url;
  std::string smtp_user;                     ///< empty: no log-in
  std::filesystem::path smtp_password_file;  ///< one line; closed to others
  std::filesystem::path smtp_ca_file;        ///< authorities of the relay's certificate; empty: the system's
  bool smtp_plain = false;                   ///< without TLS, only to a loopback address
  unsigned smtp_reply_seconds = 30;          ///< for each answer of the relay
  std::string bounce_domain;                 ///< domain whose mail goes to ttpctl bounce; empty: no bounces
  /// A company that prints and posts letters, "https://host/path"; empty: the mail room prints.
  std::string letter_provider_url;
  std::filesystem::path letter_provider_token_file;  ///< one line; closed to others
  std::filesystem::path letter_provider_ca_file;     ///< empty: the system's authorities
  unsigned letter_reports_seconds = 60;              ///< between two questions for its reports
  std::string origin = "ttp.invalid/audit/log1";     ///< the log's name in its signed checkpoints

  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  unsigned io_threads = 2;
  std::vector<std::string> trusted_proxies;
  bool behind_tls = false;  ///< cookies are Secure anyway; this adds Strict-Transport-Security
  // Listened on beside `address` and `port`, each as "192.0.2.1:443" or "[2001:db8::1]:443".
  std::vector<std::string> https_listen;        ///< TLS
  std::vector<std::string> https_proxy_listen;  ///< a header of the PROXY protocol, version 2, then TLS
  std::vector<std::string> proxy_listen;        ///< such a header, then plain HTTP
  std::vector<std::string> staff_listen;        ///< TLS with a certificate of the client
  std::filesystem::path tls_certificate_file;
  std::filesystem::path tls_key_file;
  std::filesystem::path staff_ca_file;
  std::filesystem::path staff_crl_file;   ///< empty: no certificate of staff is revoked
  bool sandbox = false;                   ///< movable clock, readable mails and letters, seeded staff
  unsigned rate_limit_per_address = 300;  ///< requests per 300 s without a session
  unsigned rate_limit_per_user = 1200;    ///< requests per 300 s with one

  std::size_t connections_per_address = 500;  ///< open at once; an IPv6 address counts with its /64
  /// After a stop signal, the time for a load balancer to see that /health/ready says no.
  unsigned drain_ready_seconds = 3;

  std::size_t queue_max = 4096;
  std::size_t batch_max = 256;
  std::size_t cache_mib = 256;  ///< of all caches together
  unsigned password_workers = 1;
  std::size_t password_queue_max = 64;  ///< about one second of work for one worker

  std::uint32_t rebuild_pace = 100'000;  ///< events per second of a rebuild beside live views; 0: no limit

  std::filesystem::path backup_dir;  ///< empty: no backups through the running service
  std::size_t backups_keep = 7;      ///< 0: all

  std::uint64_t disk_free_min_mib = 0;  ///< with less no change is taken; 0: 1 GiB or 2 %, whichever is less

  std::string log_level = "info";
  std::filesystem::path log_file;  ///< empty: standard error

  std::filesystem::path master_key() const;
  std::filesystem::path checkpoint() const;
  std::filesystem::path mails() const;
  delivery::MailFrom mail_from() const { return {mail_from_domain, mail_reply_to}; }
  std::filesystem::path letters() const;
  std::filesystem::path bounces() const;  ///< where ttpctl bounce puts what it read
  /// Whether clients reach this service by TLS, which ends here or in front.
  bool clients_use_tls() const { return behind_tls || !tls_certificate_file.empty(); }
  tls::Files public_tls() const { return {tls_certificate_file, tls_key_file}; }
  tls::Files staff_tls() const { return {tls_certificate_file, tls_key_file, staff_ca_file, staff_crl_file}; }

  // The shares of the caches in `cache_mib`.
  storage::MemoryBounds store_bounds() const;
  std::size_t snapshot_bytes_max() const;  ///< of the decoded snapshots that the writer and readers share
};

/// One setting as `config check` shows it: its value (hidden for secrets) and its source.
struct SettingSource {
  std::string name;
  std::string value;
  std::string source;  ///< "default", "file", "environment" or "flag"
  std::string help;
};

struct LoadedConfig {
  Config config;
  std::vector<SettingSource> settings;
};

/// The faults of a configuration, one sentence each; empty if it can be used.
std::vector<std::string> faults(const Config& config);

/// Reads and merges all sources. A named `file` must exist. Throws std::runtime_error with a sentence that
/// names the setting, its place (file and line, variable or flag) and the accepted values; for an unknown
/// setting it names the nearest known one.
LoadedConfig load_config(const std::optional<std::filesystem::path>& file,
                         const std::map<std::string, std::string>& environment,
                         const std::map<std::string, std::string>& flags);

/// The command-line option of a setting: "--data-dir".
std::string flag_of(std::string_view setting);

/// The names of all settings with their help, for the command line.
std::vector<SettingSource> known_settings();

}  // namespace ttp::service
