#include "http/api/audit/differences.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <simdjson.h>

namespace ttp::http {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// ---- the words --------------------------------------------------------------------------------------------

struct Row {
  std::string_view name, en, fr;
};

// clang-format off
/// Members of the documents, sorted by name.
constexpr std::array members{
    Row{"accepted_submission_id", "the submission accepted last", "la dernière soumission acceptée"},
    Row{"access_refused", "why access is refused", "le motif du refus d'accès"},
    Row{"account_id", "the account", "le compte"},
    Row{"accounts", "the account", "le compte"},
    Row{"activated_at", "the time of activation", "la date d'activation"},
    Row{"activation_code", "the activation code", "le code d'activation"},
    Row{"address_confirmed", "the confirmation of the address", "la confirmation de l'adresse"},
    Row{"answer", "the answer", "la réponse"},
    Row{"answered_at", "the time of the answer", "la date de la réponse"},
    Row{"answers", "the answer", "la réponse"},
    Row{"appeal_ends_at", "the last day to appeal", "la date limite d'appel"},
    Row{"appeal_open", "whether an appeal is open", "si un appel est en cours"},
    Row{"appealed_at", "the time of the appeal", "la date de l'appel"},
    Row{"appealed_by_id", "who appealed", "l'auteur de l'appel"},
    Row{"appeals", "the appeal", "l'appel"},
    Row{"arrival_asked", "whether it was asked if it arrived", "si l'on a demandé si elle est arrivée"},
    Row{"arrived_at", "the time of arrival", "la date d'arrivée"},
    Row{"became_member_at", "the beginning of the membership", "le début de l'adhésion"},
    Row{"business_number", "the business number", "le numéro d'entreprise"},
    Row{"cancelled_at", "the time of the cancellation", "la date de l'annulation"},
    Row{"change", "the change", "la modification"},
    Row{"city", "the city", "la ville"},
    Row{"client_number", "the client number", "le numéro de client"},
    Row{"company", "the company's data", "les données de l'entreprise"},
    Row{"confirmation_overdue", "whether the yearly confirmation is overdue", "si la confirmation annuelle est en retard"},
    Row{"country", "the country", "le pays"},
    Row{"credential_kind", "the kind of credential", "le type de justificatif d'identité"},
    Row{"decided_at", "the time of the decision", "la date de la décision"},
    Row{"details_confirmed_at", "the time when the details were confirmed", "la date de confirmation des renseignements"},
    Row{"due_at", "the time when it is due", "l'échéance"},
    Row{"email", "the e-mail address", "l'adresse de courriel"},
    Row{"ended_at", "the time when the enrolment ended", "la date de fin de l'inscription"},
    Row{"enrolled_at", "the time of enrolment", "la date d'inscription"},
    Row{"enrolment_release", "the proposal to release the enrolment", "la proposition de libérer l'inscription"},
    Row{"erased", "whether the person was erased", "si la personne a été effacée"},
    Row{"expires_at", "the time when it expires", "la date d'expiration"},
    Row{"family_name", "the family name", "le nom de famille"},
    Row{"given_names", "the given names", "les prénoms"},
    Row{"ground", "the legal ground", "le fondement juridique"},
    Row{"grounds", "the grounds", "les motifs"},
    Row{"id", "the identifier", "l'identifiant"},
    Row{"informal_review_open", "whether an informal review is open", "si un examen informel est en cours"},
    Row{"informal_reviews", "the informal review", "l'examen informel"},
    Row{"issued_at", "the time of issue", "la date d'émission"},
    Row{"job_title", "the job title", "le titre du poste"},
    Row{"kind", "the kind", "le type"},
    Row{"language", "the language", "la langue"},
    Row{"lapses_at", "the time when it lapses", "la date à laquelle elle prend fin"},
    Row{"last_signed_in_at", "the last sign-in", "la dernière ouverture de session"},
    Row{"legal_name", "the legal name", "le nom légal"},
    Row{"letter", "the letter", "la lettre"},
    Row{"letter_case_id", "the case about it", "le dossier à son sujet"},
    Row{"letter_cases", "the case about a missing letter", "le dossier de lettre manquante"},
    Row{"letter_id", "the letter", "la lettre"},
    Row{"letters", "the letter", "la lettre"},
    Row{"line1", "the first line", "la première ligne"},
    Row{"line2", "the second line", "la deuxième ligne"},
    Row{"lines_of_business", "the lines of business", "les secteurs d'activité"},
    Row{"locked", "whether the credential is locked", "si le justificatif est verrouillé"},
    Row{"mail_became_unreachable_at", "the time since when mails do not arrive", "la date depuis laquelle les courriels n'arrivent pas"},
    Row{"mail_factor_enrolled", "the enrolment of the mail factor", "l'inscription du facteur par courriel"},
    Row{"mailing_address", "the mailing address", "l'adresse postale"},
    Row{"mailing_address_to_confirm", "the mailing address to be confirmed", "l'adresse postale à confirmer"},
    Row{"members", "the member", "le membre"},
    Row{"membership", "the membership", "l'adhésion"},
    Row{"membership_status", "the membership status", "le statut d'adhésion"},
    Row{"missing", "the questions still to be answered", "les questions encore sans réponse"},
    Row{"name", "the name", "le nom"},
    Row{"new_owner_id", "the proposed owner", "le propriétaire proposé"},
    Row{"officer_id", "the officer", "l'agent"},
    Row{"open_letter_case_id", "the case about a missing letter", "le dossier de lettre manquante"},
    Row{"opened_at", "the time when it was opened", "la date d'ouverture"},
    Row{"opened_by_id", "who opened it", "la personne qui l'a ouvert"},
    Row{"operating_names", "the operating names", "les noms commerciaux"},
    Row{"ordered_at", "the time when it was ordered", "la date de commande"},
    Row{"outcome", "the outcome", "l'issue"},
    Row{"overdue", "whether it is overdue", "si elle est en retard"},
    Row{"owner_id", "the owner", "le propriétaire"},
    Row{"owner_reassignment", "the proposal of a new owner", "la proposition d'un nouveau propriétaire"},
    Row{"ownership_offer", "the ownership offer", "l'offre de propriété"},
    Row{"ownership_offers", "the ownership offer", "l'offre de propriété"},
    Row{"pending_email", "the e-mail address to be confirmed", "l'adresse de courriel à confirmer"},
    Row{"percent", "the completeness in percent", "l'avancement en pour cent"},
    Row{"postal_code", "the postal code", "le code postal"},
    Row{"posted_at", "the time of posting", "la date de mise à la poste"},
    Row{"previous_owner", "what the previous owner becomes", "ce que devient l'ancien propriétaire"},
    Row{"profiles", "the profile", "le profil"},
    Row{"profiles_percent", "the completeness of all profiles in percent", "l'avancement de tous les profils en pour cent"},
    Row{"programme_terms_accepted", "the version of the programme's terms accepted", "la version acceptée des modalités du programme"},
    Row{"programme_terms_in_force", "the version of the programme's terms in force", "la version en vigueur des modalités du programme"},
    Row{"proposed_at", "the time of the proposal", "la date de la proposition"},
    Row{"reactivation_required", "whether the owner must reactivate the user", "si le propriétaire doit réactiver l'utilisateur"},
    Row{"reason", "the reason", "le motif"},
    Row{"recipient_id", "to whom it is addressed", "son destinataire"},
    Row{"recovery_id", "the recovery", "la récupération"},
    Row{"refusal_effective_at", "the time when the refusal takes effect", "la date de prise d'effet du refus"},
    Row{"region", "the province or state", "la province ou l'État"},
    Row{"registered_mail_number", "the registered-mail number", "le numéro de courrier recommandé"},
    Row{"remarks", "the remarks", "les remarques"},
    Row{"requested_at", "the time of the request", "la date de la demande"},
    Row{"requested_by_id", "who asked for it", "l'auteur de la demande"},
    Row{"resolution", "the answer", "la réponse"},
    Row{"resolved_at", "the time of the answer", "la date de la réponse"},
    Row{"revalidation_due_at", "the time when revalidation is due", "l'échéance de la revalidation"},
    Row{"revalidation_overdue", "whether revalidation is overdue", "si la revalidation est en retard"},
    Row{"role", "the role", "le rôle"},
    Row{"staff_roles", "the staff roles", "les rôles au sein du personnel"},
    Row{"stage", "the stage", "l'étape"},
    Row{"state", "the state", "l'état"},
    Row{"status", "the status", "le statut"},
    Row{"status_at", "the time since when the status holds", "la date du statut"},
    Row{"status_reason", "the reason of the status", "le motif du statut"},
    Row{"statuses", "the status", "le statut"},
    Row{"submission_id", "the submission", "la soumission"},
    Row{"submissions", "the submission", "la soumission"},
    Row{"submitted_at", "the time of submission", "la date de soumission"},
    Row{"submitted_by_id", "who submitted it", "l'auteur de la soumission"},
    Row{"suspended", "whether the user is suspended", "si l'utilisateur est suspendu"},
    Row{"telephone", "the telephone number", "le numéro de téléphone"},
    Row{"tries_left", "the tries left", "les essais restants"},
    Row{"urn", "the user reference number", "le numéro de référence d'utilisateur"},
    Row{"urn_expired", "whether the user reference number has expired", "si le numéro de référence d'utilisateur est expiré"},
    Row{"urn_expires_at", "the time when the user reference number expires", "la date d'expiration du numéro de référence d'utilisateur"},
    Row{"user_id", "the user", "l'utilisateur"},
    Row{"user_name", "the user name", "le nom d'utilisateur"},
    Row{"version", "the version", "la version"},
    Row{"work_email", "the work e-mail address", "l'adresse de courriel au travail"},
    Row{"work_telephone", "the work telephone number", "le numéro de téléphone au travail"},
};

/// Stored choices, sorted by name.
constexpr std::array choices{
    Row{"CA", "Canada", "Canada"},
    Row{"US", "United States", "États-Unis"},
    Row{"absent", "absent", "absent"},
    Row{"accept_programme_terms", "accept the programme's terms", "accepter les modalités du programme"},
    Row{"accepted", "accepted", "acceptée"},
    Row{"activate_account", "activate the account", "activer le compte"},
    Row{"activated", "activated", "activé"},
    Row{"activation", "activation", "activation"},
    Row{"add_users", "add users", "ajouter des utilisateurs"},
    Row{"address_unconfirmed", "address unconfirmed", "adresse non confirmée"},
    Row{"administrative", "administrative user", "utilisateur-administrateur"},
    Row{"air_carrier", "air carrier", "transporteur aérien"},
    Row{"appeal", "appeal", "appel"},
    Row{"application", "application", "demande"},
    Row{"applied", "applied", "demande présentée"},
    Row{"arrived", "arrived", "arrivée"},
    Row{"auditor", "auditor", "auditeur"},
    Row{"authorised", "authorised", "autorisé"},
    Row{"awaiting_activation", "awaiting activation", "en attente d'activation"},
    Row{"becomes_proxy_owner", "becomes proxy owner", "devient propriétaire mandataire"},
    Row{"bounced", "came back", "retourné par un serveur"},
    Row{"cancelled", "cancelled", "annulée"},
    Row{"changes", "changes", "modifications"},
    Row{"choice", "choice", "choix"},
    Row{"client_number", "client number", "numéro de client"},
    Row{"closed", "closed", "fermé"},
    Row{"collected_without_authority", "collected without authority", "recueilli sans autorisation"},
    Row{"company", "company", "entreprise"},
    Row{"confirmation_overdue", "overdue confirmation", "confirmation en retard"},
    Row{"court_order", "court order", "ordonnance d'un tribunal"},
    Row{"customs_broker", "customs broker", "courtier en douane"},
    Row{"date", "date", "date"},
    Row{"declined", "declined", "refusée"},
    Row{"delayed", "delayed", "retardé"},
    Row{"denied", "denied", "rejeté"},
    Row{"edit_users", "edit users", "modifier les utilisateurs"},
    Row{"email", "e-mail address", "adresse de courriel"},
    Row{"en", "English", "anglais"},
    Row{"ended", "ended", "terminé"},
    Row{"enrolment_release", "release of an enrolment", "libération d'une inscription"},
    Row{"erasure", "erasure", "effacement"},
    Row{"expired", "expired", "expiré"},
    Row{"exporter", "exporter", "exportateur"},
    Row{"false", "no", "non"},
    Row{"fr", "French", "français"},
    Row{"freight_forwarder", "freight forwarder", "transitaire"},
    Row{"full_access", "full-access user", "utilisateur à accès complet"},
    Row{"gckey", "GCKey", "cléGC"},
    Row{"given_up", "given up", "abandonné"},
    Row{"grant", "give the role", "attribuer le rôle"},
    Row{"handed_over", "handed over to the carrier", "remis au transporteur"},
    Row{"highway_carrier", "highway carrier", "transporteur routier"},
    Row{"importer", "importer", "importateur"},
    Row{"in_review", "in review", "à l'étude"},
    Row{"informal_review", "informal review", "examen informel"},
    Row{"lapsed", "lapsed", "périmée"},
    Row{"leaves", "leaves", "quitte le compte"},
    Row{"letter", "letter", "lettre"},
    Row{"letter_arrival", "arrival of a letter", "arrivée d'une lettre"},
    Row{"letter_case", "missing letter", "lettre non reçue"},
    Row{"letter_overdue", "overdue letter", "lettre en retard"},
    Row{"letter_sent_again", "letter sent again", "lettre envoyée de nouveau"},
    Row{"mail_factor", "mail factor", "facteur par courriel"},
    Row{"mail_factor_terms", "terms of the mail factor", "modalités du facteur par courriel"},
    Row{"mail_room", "mail room", "salle du courrier"},
    Row{"marine_carrier", "marine carrier", "transporteur maritime"},
    Row{"member", "member", "membre"},
    Row{"new_code", "new code", "nouveau code"},
    Row{"newest", "newest first", "du plus récent au plus ancien"},
    Row{"none", "none", "aucun"},
    Row{"number", "number", "nombre"},
    Row{"oldest", "oldest first", "du plus ancien au plus récent"},
    Row{"one_time_code", "one-time code", "code à usage unique"},
    Row{"open", "open", "ouvert"},
    Row{"operator", "operator", "exploitant"},
    Row{"ordered", "ordered", "commandée"},
    Row{"owner", "owner", "propriétaire du compte"},
    Row{"owner_reassignment", "new owner", "nouveau propriétaire"},
    Row{"portal", "portal", "portail"},
    Row{"portal_terms", "terms of the portal", "modalités du portail"},
    Row{"posted", "posted", "mise à la poste"},
    Row{"printed", "printed", "imprimée"},
    Row{"privacy_auditor", "privacy auditor", "auditeur des renseignements personnels"},
    Row{"programme", "programme", "programme"},
    Row{"programme_officer", "programme officer", "agent du programme"},
    Row{"proxy_owner", "proxy owner", "propriétaire du compte mandataire"},
    Row{"rail_carrier", "rail carrier", "transporteur ferroviaire"},
    Row{"reactivate_users", "reactivate users", "réactiver des utilisateurs"},
    Row{"recovery", "permit", "permis"},
    Row{"refusal_stands", "the refusal stands", "le refus est maintenu"},
    Row{"refused", "refused", "refusée"},
    Row{"reinstated", "reinstated", "rétablie"},
    Row{"reopened", "reopened", "rouverte"},
    Row{"replaced", "replaced", "remplacé"},
    Row{"request_activation_code", "request an activation code", "demander un code d'activation"},
    Row{"request_of_the_person", "request of the person", "demande de la personne"},
    Row{"retention_ended", "end of the retention period", "fin de la période de conservation"},
    Row{"returned", "returned", "retournée"},
    Row{"revalidation_due", "revalidation", "revalidation"},
    Row{"revoke", "take the role", "retirer le rôle"},
    Row{"security", "security", "sécurité"},
    Row{"service_desk", "service desk", "USTCC"},
    Row{"shipping_agent", "shipping agent", "agent maritime"},
    Row{"sign_in_partner", "sign-in partner", "partenaire de connexion"},
    Row{"signing_authority", "signing authority", "pouvoir de signature"},
    Row{"staff_role_change", "change of a staff role", "changement de rôle du personnel"},
    Row{"submission", "submission", "soumission"},
    Row{"submit_changes", "submit changes", "soumettre des modifications"},
    Row{"submitted", "submitted", "soumise"},
    Row{"suspended", "suspended", "suspendue"},
    Row{"telephone", "telephone number", "numéro de téléphone"},
    Row{"text", "text", "texte"},
    Row{"transfer_ownership", "transfer the ownership", "transférer la propriété"},
    Row{"true", "yes", "oui"},
    Row{"under_review", "under review", "à l'étude"},
    Row{"update_application_profile", "view and update the application profile", "consulter et modifier le profil de demande"},
    Row{"update_company_profile", "view and update the company profile", "consulter et modifier le profil de l'entreprise"},
    Row{"update_security_profile", "view and update the security profile", "consulter et modifier le profil de sécurité"},
    Row{"used", "used", "utilisé"},
    Row{"view_membership", "view the membership status and notifications", "consulter le statut d'adhésion et les avis"},
    Row{"view_users", "view users", "consulter les utilisateurs"},
    Row{"void", "void", "annulé"},
    Row{"waiting", "waiting for the next attempt", "en attente du prochain essai"},
    Row{"warehouse_operator", "warehouse operator", "exploitant d'entrepôt"},
    Row{"withdrawn", "withdrawn", "retirée"},
    Row{"yes_no", "yes or no", "oui ou non"},
};
// clang-format on

static_assert(std::ranges::is_sorted(members, {}, &Row::name));
static_assert(std::ranges::is_sorted(choices, {}, &Row::name));

const Row* find(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::lower_bound(rows, name, {}, &Row::name);
  return found != rows.end() && found->name == name ? &*found : nullptr;
}

/// A stored value in readable form.
struct Said {
  std::string en, fr;
};
Said said(const element& value) {
  std::string_view text;
  if (value.get(text)) {
    const std::string json = simdjson::minify(value);
    const Row* row = find(choices, json);  // true and false
    return row ? Said{std::string{row->en}, std::string{row->fr}} : Said{json, json};
  }
  const Row* row = find(choices, text);
  if (row) return {std::string{row->en}, std::string{row->fr}};
  if (domain::parse_time(text)) return {std::string{text}, std::string{text}};
  return {fmt::format("“{}”", text), fmt::format("« {} »", text)};
}

// ---- comparing --------------------------------------------------------------------------------------------

bool is_ignored(std::string_view path) {
  return path == "/position" || path == "/at" || path.ends_with("/actions");
}

/// The identity of a list's item: of a status its time, of any other its identifier.
std::string identity_of(const element& item) {
  std::string_view name;
  for (const char* member : {"id", "status_at"})
    if (!item[member].get(name)) return std::string{name};
  return simdjson::minify(item);
}

class Comparer {
 public:
  explicit Comparer(domain::Language language) : language_(language) {}

  std::vector<DifferenceDocument> take() { return std::move(found_); }

  /// `where` is a sentence's description of the location, from the outside in.
  void compare(const std::optional<element>& before, const std::optional<element>& after,
               const std::string& path, const Said& where) {
    if (is_ignored(path)) return;
    if (before && after && simdjson::minify(*before) == simdjson::minify(*after)) return;
    const bool is_object = (!before || before->is_object()) && (!after || after->is_object());
    const bool is_list = (!before || before->is_array()) && (!after || after->is_array());
    if (is_object && before && after) {
      compare_members(before->get_object(), after->get_object(), path, where);
    } else if (is_list && holds_objects(before, after)) {
      compare_items(before, after, path, where);
    } else if (is_list) {
      compare_sets(before, after, path, where);
    } else {
      note(before, after, path, where);
    }
  }

  void compare_members(const object& before, const object& after, const std::string& path,
                       const Said& where) {
    std::map<std::string_view, std::pair<std::optional<element>, std::optional<element>>> all;
    for (const auto& [name, value] : before) all[name].first = value;
    for (const auto& [name, value] : after) all[name].second = value;
    for (const auto& [name, both] : all) {
      const Words words = words_for(name);
      const std::string here = path + "/" + std::string{name};
      // The document's own members need no location, nor does a document's only part.
      const bool is_outermost = path.empty() && (name == "account" || name == "user");
      compare(both.first, both.second, here, is_outermost ? Said{} : within(where, words));
    }
  }

 private:
  static Said within(const Said& where, const Words& words) {
    if (where.en.empty()) return {std::string{words.en}, std::string{words.fr}};
    return {fmt::format("{}, {}", where.en, words.en), fmt::format("{}, {}", where.fr, words.fr)};
  }

  static bool holds_objects(const std::optional<element>& before, const std::optional<element>& after) {
    for (const auto& list : {before, after}) {
      if (!list) continue;
      const array items = list->get_array();
      if (items.begin() != items.end()) return (*items.begin()).is_object();
    }
    return false;
  }

  /// The items of two lists, paired by name.
  template <class Name>
  static auto paired(const std::optional<element>& before, const std::optional<element>& after,
                     Name name_of) {
    std::map<std::string, std::pair<std::optional<element>, std::optional<element>>> all;
    if (before)
      for (const element item : before->get_array()) all[name_of(item)].first = item;
    if (after)
      for (const element item : after->get_array()) all[name_of(item)].second = item;
    return all;
  }

  void compare_items(const std::optional<element>& before, const std::optional<element>& after,
                     const std::string& path, const Said& where) {
    for (const auto& [identity, both] : paired(before, after, &identity_of))
      compare(both.first, both.second, fmt::format("{}/{}", path, identity),
              {fmt::format("{} {}", where.en, identity), fmt::format("{} {}", where.fr, identity)});
  }

  void compare_sets(const std::optional<element>& before, const std::optional<element>& after,
                    const std::string& path, const Said& where) {
    for (const auto& [text, both] :
         paired(before, after, [](const element& item) { return simdjson::minify(item); }))
      if (both.first.has_value() != both.second.has_value()) note(both.first, both.second, path, where);
  }

  static std::string capital(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
      text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
  }

  void note(const std::optional<element>& before, const std::optional<element>& after,
            const std::string& path, const Said& where) {
    DifferenceDocument difference;
    difference.path = path;
    if (before) difference.before = AnyJson{simdjson::minify(*before)};
    if (after) difference.after = AnyJson{simdjson::minify(*after)};
    const auto plain = [](const std::optional<element>& value) {
      return value && !value->is_object() && !value->is_array();
    };
    if (before && after) {
      const Said was = said(*before), is = said(*after);
      difference.titles.en = fmt::format("{}: {} became {}.", capital(where.en), was.en, is.en);
      difference.titles.fr = fmt::format("{} : {} est devenu {}.", capital(where.fr), was.fr, is.fr);
    } else if (after) {
      const Said is = plain(after) ? said(*after) : Said{};
      difference.titles.en = fmt::format("{}: new{}.", capital(where.en), is.en.empty() ? "" : ", " + is.en);
      difference.titles.fr =
          fmt::format("{} : ajout{}.", capital(where.fr), is.fr.empty() ? "" : ", " + is.fr);
    } else {
      const Said was = plain(before) ? said(*before) : Said{};
      difference.titles.en =
          fmt::format("{}: gone{}.", capital(where.en), was.en.empty() ? "" : ", was " + was.en);
      difference.titles.fr =
          fmt::format("{} : retrait{}.", capital(where.fr), was.fr.empty() ? "" : ", était " + was.fr);
    }
    difference.title = difference.titles.in(language_);
    found_.push_back(std::move(difference));
  }

  const domain::Language language_;
  std::vector<DifferenceDocument> found_;
};

object parse(simdjson::dom::parser& parser, std::string_view json) {
  object root;
  if (parser.parse(json.data(), json.size()).get(root)) throw std::invalid_argument("a state is not JSON");
  return root;
}

}  // namespace

Words words_for_choice(std::string_view name) {
  const Row* row = find(choices, name);
  return row ? Words{row->en, row->fr} : Words{name, name};
}

Words words_for(std::string_view name) {
  const Row* row = find(members, name);
  return row ? Words{row->en, row->fr} : Words{name, name};
}

std::vector<DifferenceDocument> differences(std::string_view before, std::string_view after,
                                            domain::Language language) {
  simdjson::dom::parser first, second;
  const object was = parse(first, before), is = parse(second, after);
  Comparer comparer{language};
  comparer.compare_members(was, is, "", {});
  return comparer.take();
}

}  // namespace ttp::http
