// Configuration from four sources, each overriding the one before; each fault is reported in one sentence.
#include "service/config.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace ttp::service::tests {
namespace {

namespace fs = std::filesystem;
using Map = std::map<std::string, std::string>;

class ConfigFile : public ::testing::Test {
 public:
  ~ConfigFile() override { fs::remove(path_); }

 protected:
  const fs::path path_ = fs::temp_directory_path() / ("ttp-config-" + std::to_string(::getpid()) + ".toml");

  LoadedConfig load(const std::string& text, const Map& environment = {}, const Map& flags = {}) {
    std::ofstream{path_} << text;
    return load_config(path_, environment, flags);
  }
  std::string refusal(const std::string& text, const Map& environment = {}, const Map& flags = {}) {
    try {
      load(text, environment, flags);
    } catch (const std::runtime_error& fault) {
      return fault.what();
    }
    return "";
  }
  static std::string source_of(const LoadedConfig& loaded, std::string_view name) {
    for (const SettingSource& each : loaded.settings)
      if (each.name == name) return each.source + " " + each.value;
    return "";
  }
};

TEST_F(ConfigFile, each_source_overrides_the_one_before) {
  const std::string file = "port = 1001\nqueue_max = 7\nio_threads = 5\n";
  EXPECT_EQ(load("").config.port, 8080);
  EXPECT_EQ(load(file).config.port, 1001);
  const auto all = load(file, {{"TTP_PORT", "1002"}, {"TTP_QUEUE_MAX", "8"}}, {{"port", "1003"}});
  EXPECT_EQ(source_of(all, "port"), "flag 1003");
  EXPECT_EQ(source_of(all, "queue_max"), "environment 8");
  EXPECT_EQ(source_of(all, "io_threads"), "file 5");
  EXPECT_EQ(source_of(all, "batch_max"), "default 256");
  EXPECT_EQ(all.config.port, 1003);
  EXPECT_EQ(all.config.queue_max, 8u);
}

TEST_F(ConfigFile, takes_texts_numbers_switches_and_lists) {
  const Config config =
      load("data_dir = \"/srv/ttp\"\nsandbox = true\ntrusted_proxies = [\"10.0.0.1\", \"10.0.0.2\"]\n")
          .config;
  EXPECT_EQ(config.data_dir, "/srv/ttp");
  EXPECT_TRUE(config.sandbox);
  EXPECT_EQ(config.trusted_proxies, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(load("", {{"TTP_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2"}}).config.trusted_proxies,
            config.trusted_proxies);
}

TEST_F(ConfigFile, unset_paths_lie_in_the_data_directory) {
  const Config config = load("data_dir = \"/srv/ttp\"\n").config;
  EXPECT_EQ(config.master_key(), "/srv/ttp/keys/master.key");
  EXPECT_EQ(config.checkpoint(), "/srv/ttp/checkpoint/checkpoint");
  EXPECT_EQ(config.mails(), "/srv/ttp/mail");
  EXPECT_EQ(config.letters(), "/srv/ttp/letters");
  EXPECT_EQ(load("letter_dir = \"/post\"\n").config.letters(), "/post");
}

TEST_F(ConfigFile, a_wrong_setting_is_reported_with_its_place_and_the_accepted_values) {
  const std::string at_line_2 = path_.string() + ":2: ";
  EXPECT_EQ(refusal("\nport = 65536\n"), at_line_2 + "port takes a whole number up to 65535");
  EXPECT_EQ(refusal("", {{"TTP_PORT", "-1"}}),
            "environment variable TTP_PORT: port takes a whole number up to 65535");
  EXPECT_EQ(refusal("", {}, {{"sandbox", "yes"}}), "flag --sandbox: sandbox takes true or false");
  EXPECT_NE(refusal("port = 1.5\n").find("takes a text, a whole number"), std::string::npos);
  EXPECT_NE(refusal("port = \n").find(path_.string() + ":1: "), std::string::npos);
}

TEST_F(ConfigFile, an_unknown_setting_is_refused_with_the_nearest_known_name) {
  EXPECT_EQ(refusal("prot = 1\n"),
            path_.string() + ":1: there is no setting \"prot\"; did you mean \"port\"?");
  EXPECT_NE(refusal("", {{"TTP_DATADIR", "x"}}).find("\"TTP_DATA_DIR\""), std::string::npos);
  EXPECT_EQ(refusal("", {{"TTP_BIN", "x"}}), "") << "another program's variable";
  EXPECT_NE(refusal("", {}, {{"sandbx", "true"}}).find("--sandbx"), std::string::npos);
}

TEST_F(ConfigFile, a_file_that_was_named_must_be_there) {
  fs::remove(path_);
  EXPECT_THROW(load_config(path_, {}, {}), std::runtime_error);
}

TEST_F(ConfigFile, a_relays_user_and_password_are_not_shown) {
  const auto loaded = load("smtp_url = \"smtps://post:geheim@mail.example.org:465\"\n");
  EXPECT_EQ(loaded.config.smtp_url, "smtps://post:geheim@mail.example.org:465");
  EXPECT_EQ(source_of(loaded, "smtp_url"), "file smtps://(hidden)@mail.example.org:465");
}

TEST(Config, as_built_in_can_be_used) {
  EXPECT_EQ(faults(Config{}), std::vector<std::string>{});
}

TEST(Config, every_fault_is_reported) {
  const struct {
    const char* sentence_part;
    std::function<void(Config&)> make;
  } rows[] = {
      {"exclude each other", [](Config& c) { c.sandbox = true, c.smtp_url = "smtp://mail.example.org"; }},
      {"mail_from_domain must name", [](Config& c) { c.smtp_url = "smtp://mail.example.org"; }},
      {"must begin with smtp://", [](Config& c) { c.smtp_url = "mail.example.org"; }},
      {"must not name a user", [](Config& c) { c.smtp_url = "smtp://post:geheim@mail.example.org"; }},
      {"smtp_plain: only", [](Config& c) { c.smtp_url = "smtp://mail.example.org", c.smtp_plain = true; }},
      {"of no use without smtp_url", [](Config& c) { c.smtp_user = "post", c.smtp_password_file = "x"; }},
      {"need each other", [](Config& c) { c.smtp_url = "smtp://a.example", c.smtp_user = "post"; }},
      {"smtp_reply_seconds", [](Config& c) { c.smtp_reply_seconds = 0; }},
      {"letter_reports_seconds", [](Config& c) { c.letter_reports_seconds = 0; }},
      {"bounce_domain", [](Config& c) { c.bounce_domain = "a b"; }},
      {"letter_provider_url must be", [](Config& c) { c.letter_provider_url = "http://letters.example"; }},
      {"letter_provider_token_file", [](Config& c) { c.letter_provider_url = "https://letters.example"; }},
      {"only on a loopback address", [](Config& c) { c.sandbox = true, c.address = "0.0.0.0"; }},
      {"data_dir", [](Config& c) { c.data_dir = ""; }},
      {"mail_from_domain", [](Config& c) { c.mail_from_domain = ""; }},
      {"mail_reply_to", [](Config& c) { c.mail_reply_to = "desk@ttp.example, other@ttp.example"; }},
      {"origin", [](Config& c) { c.origin = "https://log.example.org"; }},
      {"origin", [](Config& c) { c.origin = "log one"; }},
      {"origin", [](Config& c) { c.origin = "log+one"; }},
      {"io_threads", [](Config& c) { c.io_threads = 0; }},
      {"queue_max", [](Config& c) { c.queue_max = 0; }},
      {"batch_max", [](Config& c) { c.batch_max = 0; }},
      {"cache_mib", [](Config& c) { c.cache_mib = 63; }},
      {"password_workers", [](Config& c) { c.password_workers = 0; }},
      {"password_queue_max", [](Config& c) { c.password_queue_max = 0; }},
      {"rate_limit_per_address", [](Config& c) { c.rate_limit_per_address = 0; }},
      {"rate_limit_per_user", [](Config& c) { c.rate_limit_per_user = 0; }},
      {"connections_per_address", [](Config& c) { c.connections_per_address = 0; }},
      {"drain_ready_seconds", [](Config& c) { c.drain_ready_seconds = 601; }},
      {"log_level", [](Config& c) { c.log_level = "loud"; }},
      {"https_listen needs tls_certificate_file", [](Config& c) { c.https_listen = {"127.0.0.1:443"}; }},
      {"staff_listen needs staff_ca_file", [](Config& c) { c.staff_listen = {"127.0.0.1:8443"}; }},
      {"proxy_listen needs trusted_proxies", [](Config& c) { c.proxy_listen = {"127.0.0.1:8081"}; }},
      {"https_proxy_listen needs trusted_proxies", [](Config& c) { c.https_proxy_listen = {"127.0.0.1:1"}; }},
      {"is no numeric address with a port", [](Config& c) { c.https_listen = {"localhost:443"}; }},
      {"https_listen has another",
       [](Config& c) { c.sandbox = true, c.https_listen = {"127.0.0.1:443", "0.0.0.0:443"}; }},
      {"belong together", [](Config& c) { c.tls_key_file = "key.pem"; }},
      {"staff_crl_file needs staff_ca_file", [](Config& c) { c.staff_crl_file = "revoked.crl"; }},
  };
  for (const auto& row : rows) {
    Config config;
    row.make(config);
    const auto wrong = faults(config);
    bool reported = false;
    for (const std::string& sentence : wrong)
      reported |= sentence.find(row.sentence_part) != std::string::npos;
    EXPECT_TRUE(reported) << row.sentence_part;
  }
}

TEST(Config, sandbox_mode_may_listen_on_any_loopback_address) {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    Config config;
    config.sandbox = true;
    config.address = address;
    EXPECT_EQ(faults(config), std::vector<std::string>{}) << address;
  }
}

TEST(Config, every_setting_has_help_and_a_default) {
  EXPECT_GT(known_settings().size(), 20u);
  for (const SettingSource& setting : known_settings()) {
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_EQ(setting.source, "default");
  }
}

}  // namespace
}  // namespace ttp::service::tests
