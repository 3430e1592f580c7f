#include "tls/context.hpp"

#include <array>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "os/files.hpp"

namespace ttp::tls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t certificates_bytes_max = std::size_t{256} * 1024;
constexpr std::size_t key_bytes_max = std::size_t{32} * 1024;
constexpr std::size_t revocations_bytes_max = std::size_t{16} * 1024 * 1024;
constexpr long client_certificates_bytes_max = 32L * 1024;
constexpr int chain_length_max = 5;

// Mozilla's "intermediate" configuration.
constexpr auto suites_of_tls_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr auto suites_of_tls_1_3 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto groups = "X25519:P-256:P-384";

template <auto free>
struct With {
  template <class T>
  void operator()(T* freed) const {
    free(freed);
  }
};
using Bio = std::unique_ptr<BIO, With<BIO_free>>;
using X509Pointer = std::unique_ptr<X509, With<X509_free>>;
using Crl = std::unique_ptr<X509_CRL, With<X509_CRL_free>>;
using Key = std::unique_ptr<EVP_PKEY, With<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, With<GENERAL_NAMES_free>>;

[[noreturn]] void refuse(const std::string& sentence) {
  const auto code = ERR_peek_last_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  std::string whole = reason ? sentence + ": " + reason : sentence;
  ERR_clear_error();
  throw std::runtime_error(whole);
}

void require(int worked, const std::string& sentence) {
  if (worked != 1) refuse(sentence);
}

/// The content of a text as OpenSSL reads it; the text must outlive it.
Bio readable(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) refuse("no memory for a file of TLS");
  return bio;
}

std::string content_of(const fs::path& path, std::size_t bytes_max) {
  auto content = os::read_small_file(path, bytes_max);
  if (!content) throw std::runtime_error("there is no file " + path.string());
  return *std::move(content);
}

std::vector<X509Pointer> certificates_in(const fs::path& path) {
  const std::string content = content_of(path, certificates_bytes_max);
  const Bio bio = readable(content);
  std::vector<X509Pointer> certificates;
  while (X509* each = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    certificates.emplace_back(each);
  const bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!is_whole) refuse(path.string() + " holds a certificate that cannot be read");
  ERR_clear_error();
  if (certificates.empty()) throw std::runtime_error(path.string() + " holds no certificate in PEM form");
  return certificates;
}

/// Asked for a pass phrase: there is nobody to type one.
int no_pass_phrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Key key_in(const fs::path& path) {
  std::string content = os::read_secret_file(path, key_bytes_max);
  bool has_pass_phrase = false;
  Key key;
  {
    const Bio bio = readable(content);
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, &has_pass_phrase));
  }
  OPENSSL_cleanse(content.data(), content.size());
  if (!key && has_pass_phrase) {
    ERR_clear_error();
    throw std::runtime_error(path.string() +
                             " has a pass phrase; store the key without one, in a file that only "
                             "root and the service's user can read");
  }
  if (!key) refuse(path.string() + " holds no private key in PEM form");
  return key;
}

// ---- what a certificate says ------------------------------------------------------------------------------

std::chrono::sys_seconds time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (ASN1_STRING_length(bytes) != (family == AF_INET ? 4 : 16)) return {};
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> found;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) found.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) found.push_back(address_of(name->d.iPAddress));
  }
  return found;
}

std::string serial_of(const X509* certificate) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char each : text_of(X509_get0_serialNumber(certificate))) {
    const auto byte = static_cast<std::uint8_t>(each);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Certificate describe(X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  const char* kind = key ? EVP_PKEY_get0_type_name(key) : nullptr;
  return {names_of(certificate), time_of(X509_get0_notBefore(certificate)),
          time_of(X509_get0_notAfter(certificate)), serial_of(certificate),
          std::string{kind ? kind : "unknown"} + ", " + std::to_string(key ? EVP_PKEY_get_bits(key) : 0) +
              " bits"};
}

// ---- making a context -------------------------------------------------------------------------------------

/// RFC 7301: the client offers protocols, of which this server speaks one.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  constexpr std::string_view ours = "http/1.1";
  for (unsigned at = 0; at < offered_size;) {
    const unsigned size = offered[at];
    if (size > offered_size - at - 1) break;
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), size);
    if (name == ours) {
      *chosen = offered + at + 1;
      *chosen_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    at += size + 1;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_protocol(SSL_CTX* context) {
  const std::string sentence = "OpenSSL does not offer what this service needs of TLS";
  require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION), sentence);
  require(SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION), sentence);
  SSL_CTX_set_security_level(context, 2);
  require(SSL_CTX_set_cipher_list(context, suites_of_tls_1_2), sentence);
  require(SSL_CTX_set_ciphersuites(context, suites_of_tls_1_3), sentence);
  require(static_cast<int>(SSL_CTX_set1_groups_list(context, groups)), sentence);
  // Nothing is kept between two connections: no session, no ticket.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  require(SSL_CTX_set_num_tickets(context, 0), sentence);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Without automatic repetition, a flood of records without data gives the thread back after each one.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

Certificate use_identity(SSL_CTX* context, const Files& files) {
  const auto chain = certificates_in(files.certificate);
  const Key key = key_in(files.key);
  const std::string where = files.certificate.string();
  require(SSL_CTX_use_certificate(context, chain.front().get()), where + " cannot be used");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    refuse("the key " + files.key.string() + " does not belong to the first certificate of " + where);
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK)
      refuse("certificate " + std::to_string(i) + " of " + where + " was not issued by the one after it");
    require(static_cast<int>(SSL_CTX_add1_chain_cert(context, chain[i].get())), where + " cannot be used");
  }
  return describe(chain.front().get());
}

void use_revocations(X509_STORE* store, const fs::path& path) {
  const std::string content = content_of(path, revocations_bytes_max);
  const Bio bio = readable(content);
  std::size_t count = 0;
  while (const Crl list{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)}) {
    require(X509_STORE_add_crl(store, list.get()), path.string() + " cannot be used");
    ++count;
  }
  ERR_clear_error();
  if (count == 0) throw std::runtime_error(path.string() + " holds no revocation list in PEM form");
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

void demand_certificates(SSL_CTX* context, const Files& files) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& issuer : certificates_in(files.client_issuers)) {
    require(X509_STORE_add_cert(store, issuer.get()), files.client_issuers.string() + " cannot be used");
    require(SSL_CTX_add_client_CA(context, issuer.get()), files.client_issuers.string() + " cannot be used");
  }
  if (!files.client_revocations.empty()) use_revocations(store, files.client_revocations);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context, chain_length_max);
  SSL_CTX_set_max_cert_list(context, client_certificates_bytes_max);
  require(SSL_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT), "OpenSSL knows no purpose of clients");
}

}  // namespace

std::vector<fs::path> Files::all() const {
  std::vector<fs::path> named;
  for (const fs::path& each : {certificate, key, client_issuers, client_revocations})
    if (!each.empty()) named.push_back(each);
  return named;
}

Context::Context(const Files& files) : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  if (!context_) refuse("OpenSSL cannot begin TLS");
  set_protocol(context_.get());
  certificate_ = use_identity(context_.get(), files);
  if (!files.client_issuers.empty()) demand_certificates(context_.get(), files);
}

}  // namespace ttp::tls
