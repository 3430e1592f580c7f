// The carriers that a configuration names, with the secrets that lie in files.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "carriers/letter_service.hpp"
#include "carriers/relay.hpp"
#include "service/config.hpp"

namespace ttp::service {

/// The first line of a file as os::read_secret_file takes it. Throws std::runtime_error, which names the file
/// and what is wrong, never its content.
std::string secret_in(const std::filesystem::path& file);

/// nullptr if the configuration names no relay. Throws what `secret_in` throws.
std::unique_ptr<carriers::Relay> relay_of(const Config& config,
                                          std::function<std::string(const delivery::Mail&)> sender = {});
/// nullptr if the configuration names no letter provider. Throws what `secret_in` throws.
std::unique_ptr<carriers::LetterService> letter_service_of(const Config& config);

}  // namespace ttp::service
