// The certificate and key of a TLS listener, and the issuers of the certificates that its clients must have.
// TLS 1.2 and 1.3, authenticated encryption with forward secrecy only, HTTP/1.1 only.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace ttp::tls {

/// Files in PEM form.
struct Files {
  std::filesystem::path certificate;  ///< the server's certificate, then those of its issuers in their order
  std::filesystem::path key;          ///< of the certificate; without a pass phrase
  /// Certificates of the authorities whose clients are accepted, with their roots. Empty: no client needs a
  /// certificate.
  std::filesystem::path client_issuers{};
  std::filesystem::path client_revocations{};  ///< revocation lists of these authorities; empty: none

  bool operator==(const Files&) const = default;
  /// The files that are named.
  std::vector<std::filesystem::path> all() const;
};

/// The statements of a certificate about itself.
struct Certificate {
  std::vector<std::string> names;  ///< host names and addresses
  std::chrono::sys_seconds valid_from{};
  std::chrono::sys_seconds valid_until{};
  std::string serial;  ///< hexadecimal
  std::string key;     ///< for example "EC, 256 bits"
};

/// Immutable; any thread may use it. A connection keeps what it began with.
class Context {
 public:
  /// Throws std::runtime_error with a sentence that names the file if one cannot be used: unreadable, a key
  /// that is open to others, has a pass phrase or does not fit, issuers missing or in a wrong order, weak
  /// keys.
  explicit Context(const Files& files);
  const Certificate& certificate() const { return certificate_; }

 private:
  friend class Session;
  std::shared_ptr<ssl_ctx_st> context_;
  Certificate certificate_;
};

}  // namespace ttp::tls
