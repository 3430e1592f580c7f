#include "http/gate/credentials.hpp"

#include <algorithm>

#include "http/wire/address.hpp"
#include "http/wire/text.hpp"

namespace ttp::http {
namespace {

using domain::Reason;
using domain::Refusal;

std::optional<std::string_view> cookie(const RequestHead& head, std::string_view name) {
  const auto header = head.header("cookie");
  if (!header) return std::nullopt;
  for (std::string_view part : split(*header, ';')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
  }
  return std::nullopt;
}

std::optional<std::string_view> bearer(const RequestHead& head) {
  const auto header = head.header("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (!header || header->size() <= scheme.size()) return std::nullopt;
  if (lower_case(header->substr(0, scheme.size())) != scheme) return std::nullopt;
  return header->substr(scheme.size());
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

/// Uses the browser's Sec-Fetch-Site; if it is missing, the Origin must be this host.
std::optional<Refusal> cross_site_refusal(const RequestHead& head, bool behind_tls) {
  if (const auto site = head.header("sec-fetch-site"))
    return *site == "same-origin" || *site == "none" ? std::nullopt
                                                     : std::optional{domain::why(Reason::cross_site_write)};
  const auto origin = head.header("origin");
  if (!origin) return std::nullopt;
  const auto host = head.header("host").value_or("");
  const auto scheme_end = origin->find("://");
  // Behind TLS, a page loaded without TLS may be forged, even under this host's name.
  const bool same = scheme_end != std::string_view::npos && origin->substr(scheme_end + 3) == host &&
                    (!behind_tls || origin->substr(0, scheme_end) == "https");
  return same ? std::nullopt : std::optional{domain::why(Reason::cross_site_write)};
}

}  // namespace

std::string cookie_header(std::string_view name, std::string_view value, long seconds) {
  std::string text{name};
  text += '=';
  text += value;
  return text + "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
}

bool names_this_machine(std::string_view host) {
  const auto port = host.rfind(':');
  const bool has_port = port != std::string_view::npos && host.find(']', port) == std::string_view::npos;
  std::string_view name = host.substr(0, has_port ? port : host.size());
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  return lower_case(name) == "localhost" || Address::parse(name);
}

Credential read_credential(const RequestHead& head, Who who, const Credential* previous,
                           const service::Secrets& secrets, bool behind_tls) {
  Credential credential;
  const auto faulty = [&](Reason reason) {
    credential.fault = domain::why(reason);
    return credential;
  };
  const auto token = bearer(head);
  const auto crumb = cookie(head, who == Who::signing_in ? sign_in_cookie : session_cookie);
  if ((token && crumb) || head.has_repeated("authorization")) return faulty(Reason::two_credentials);
  credential.by_cookie = crumb.has_value();
  const bool from_browser = head.header("cookie") || head.header("origin") || head.header("sec-fetch-site");
  if (from_browser && !is_safe(head.method)) {
    credential.fault = cross_site_refusal(head, behind_tls);
    if (credential.fault) return credential;
  }
  if (who == Who::anyone) return credential;

  const std::string_view presented = token ? *token : crumb.value_or("");
  if (who == Who::signing_in) {
    const auto sign_in = secrets.open_sign_in_token(presented);
    if (!sign_in) return faulty(Reason::sign_in_not_found);
    credential.sign_in = *sign_in;
    return credential;
  }
  const bool known = previous && !previous->session_token.empty() &&
                     events::equal_in_constant_time(previous->session_token, presented);
  const auto session = known ? std::optional{previous->session} : secrets.open_session_token(presented);
  if (!session) return faulty(Reason::not_signed_in);
  credential.session = *session;
  credential.session_token = presented;
  return credential;
}

PresentedDevice read_device(const RequestHead& head, const service::Secrets& secrets) {
  PresentedDevice presented;
  if (const auto token = cookie(head, device_cookie)) presented.device = secrets.open_device_token(*token);
  const auto token = bearer(head);
  if (const auto of_session = token ? token : cookie(head, session_cookie))
    presented.session = secrets.open_session_token(*of_session).value_or(domain::SessionId{});
  return presented;
}

std::optional<Refusal> session_refusal(const Access& access, const service::Found<domain::User>& caller,
                                       domain::SessionId session, service::SessionActivity& sessions,
                                       domain::Time now, Renews renews) {
  const domain::Session* open = caller ? caller->state.session(session) : nullptr;
  if (!open || now >= open->expires_at) return domain::why(Reason::session_expired);
  const bool is_open = renews == Renews::yes ? sessions.use(*open, now) : sessions.is_open(*open, now);
  if (!is_open) return domain::why(Reason::session_expired);
  const domain::User& user = caller->state;
  if (user.urn_expired_at(now)) return domain::why(Reason::urn_expired);
  if (access.who == Who::staff &&
      std::ranges::none_of(access.roles, [&](auto role) { return user.staff_roles.contains(role); }))
    return domain::why(Reason::staff_role_required);
  return std::nullopt;
}

}  // namespace ttp::http
