#include "service/carriers_of.hpp"

#include <stdexcept>
#include <utility>

#include "os/files.hpp"

namespace ttp::service {
namespace {

constexpr std::size_t secret_bytes_max = 4'096;

}  // namespace

std::string secret_in(const std::filesystem::path& file) {
  const std::string content = os::read_secret_file(file, secret_bytes_max);
  std::string secret = content.substr(0, content.find_first_of("\r\n"));
  if (secret.empty()) throw std::runtime_error{"the first line of " + file.string() + " is empty"};
  return secret;
}

std::unique_ptr<carriers::Relay> relay_of(const Config& config,
                                          std::function<std::string(const delivery::Mail&)> sender) {
  if (config.smtp_url.empty()) return nullptr;
  carriers::RelaySettings settings;
  settings.url = config.smtp_url;
  settings.user = config.smtp_user;
  if (!config.smtp_password_file.empty()) settings.password = secret_in(config.smtp_password_file);
  settings.ca_file = config.smtp_ca_file;
  settings.is_plain = config.smtp_plain;
  settings.from = config.mail_from();
  settings.sender = std::move(sender);
  settings.reply_time_max = std::chrono::seconds{config.smtp_reply_seconds};
  return std::make_unique<carriers::Relay>(std::move(settings));
}

std::unique_ptr<carriers::LetterService> letter_service_of(const Config& config) {
  if (config.letter_provider_url.empty()) return nullptr;
  return std::make_unique<carriers::LetterService>(
      carriers::LetterServiceSettings{.url = config.letter_provider_url,
                                      .token = secret_in(config.letter_provider_token_file),
                                      .ca_file = config.letter_provider_ca_file});
}

}  // namespace ttp::service
