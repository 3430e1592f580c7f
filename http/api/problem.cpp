#include "http/api/problem.hpp"

#include <algorithm>
#include <array>

#include "domain/eligibility.hpp"
#include "events/json.hpp"

namespace ttp::http {
namespace {

using domain::Language;
using domain::Reason;
using events::ObjectWriter;

constexpr std::array all_reasons{
#define TTP_REASON_VALUE(name) Reason::name,
    TTP_REASONS(TTP_REASON_VALUE)
#undef TTP_REASON_VALUE
};

void add_titles(ObjectWriter& object, const ProblemText& text) {
  std::string titles;
  ObjectWriter both(titles);
  both.member("en", text.en).member("fr", text.fr);
  both.end();
  object.raw("titles", titles);
}

/// Adds a member or parameter at fault; the text is the reason's unless it has words of its own.
void add_error(std::string& out, const domain::FieldFault& fault, std::string_view title) {
  if (out.size() > 1) out += ',';
  ObjectWriter error(out);
  if (fault.parameter.empty())
    error.member("pointer", fault.pointer);
  else
    error.member("parameter", fault.parameter);
  error.member("code", domain::to_text(fault.reason)).member("title", title);
  if (!fault.details.empty()) error.member("details", fault.details);
  error.end();
}

/// For a company that does not qualify, each rule that failed is a fault of the answer that decides it.
std::string errors_json(const domain::Refusal& refusal, Language language) {
  std::string out = "[";
  for (const domain::FieldFault& fault : refusal.faults)
    add_error(out, fault, problem_text(fault.reason).in(language));
  if (refusal.reason == Reason::not_eligible)
    for (const std::string& code : refusal.details)
      if (const auto rule = domain::parse_enum<domain::EligibilityRule>(code)) {
        const domain::RuleText& text = domain::rule_text(*rule);
        add_error(out, {"/eligibility/" + std::string{text.member}, Reason::not_eligible, {code}, {}},
                  text.refusal.in(language));
      }
  return out + "]";
}

}  // namespace

Response problem(const domain::Refusal& refusal, Language language, std::string_view request_id,
                 std::string_view instance, std::optional<domain::Time> now, std::optional<int> status) {
  const ProblemText text = problem_text(refusal.reason);
  const std::string_view code = domain::to_text(refusal.reason);
  Response response;
  response.status = status.value_or(text.status);
  ObjectWriter document(response.body);
  document.member("type", "/problems/" + std::string{code})
      .member("title", text.in(language))
      .member("status", response.status)
      .member("code", code);
  add_titles(document, text);
  if (!instance.empty()) document.member("instance", instance);
  if (const std::string errors = errors_json(refusal, language); errors != "[]")
    document.raw("errors", errors);
  if (!refusal.details.empty()) document.member("details", refusal.details);
  document.member("request_id", request_id)
      .member("retry_at", refusal.retry_at)
      .member("tries_left", refusal.tries_left);
  document.end();
  response.headers = {{"Content-Type", "application/problem+json; charset=utf-8"},
                      {"Content-Language", language == Language::fr ? "fr" : "en"},
                      {"Vary", "Accept-Language"}};
  if (refusal.retry_at && now) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(*refusal.retry_at - *now);
    response.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, wait.count())));
  } else if (response.status == 503) {
    response.headers.emplace_back("Retry-After", "1");
  } else if (response.status == 507) {
    response.headers.emplace_back("Retry-After", "30");
  }
  return response;
}

std::span<const Reason> every_reason() {
  return all_reasons;
}

// clang-format off
ProblemText problem_text(Reason reason) {
  switch (reason) {
    case Reason::malformed: return {422, "The value does not have the form that this field takes; details, where there are some, show one that has it.", "La valeur n'a pas la forme attendue dans ce champ; les détails, s'il y en a, en montrent une qui l'a."};
    case Reason::too_long: return {422, "The value is longer than this field takes.", "La valeur est trop longue pour ce champ."};
    case Reason::too_short: return {422, "The value is shorter than this field takes.", "La valeur est trop courte pour ce champ."};
    case Reason::missing: return {422, "This field is required.", "Ce champ est obligatoire."};
    case Reason::out_of_range: return {422, "The value lies outside what this field takes.", "La valeur est hors des limites de ce champ."};
    case Reason::not_a_choice: return {422, "The value is not one of the listed choices.", "La valeur ne fait pas partie des choix proposés."};
    case Reason::forbidden_characters: return {422, "The value holds characters that are not allowed; the details name them.", "La valeur contient des caractères interdits; les détails les nomment."};
    case Reason::not_shown_in_letters: return {422, "The value holds characters that our letters cannot show; the details name them. Write it as your mail is addressed in Canada or the United States.", "La valeur contient des caractères que nos lettres ne peuvent pas afficher; les détails les nomment. Écrivez-la comme sur votre courrier au Canada ou aux États-Unis."};
    case Reason::letter_missing: return {422, "A name holds at least one letter; the name of a company, a place or a site may hold a digit instead.", "Un nom contient au moins une lettre; celui d'une entreprise, d'un lieu ou d'un emplacement peut contenir un chiffre à la place."};
    case Reason::postal_code_elsewhere: return {422, "This postal code does not belong to this province or state; the details name those that have it.", "Ce code postal n'est pas de cette province ni de cet État; les détails nomment ceux où il existe."};
    case Reason::check_digit_wrong: return {422, "The number's check digit is wrong: check for a typing error.", "Le chiffre de contrôle du numéro est erroné : vérifiez la saisie."};
    case Reason::user_name_too_many_digits: return {422, "A user name may hold at most seven digits.", "Un nom d'utilisateur peut contenir au plus sept chiffres."};
    case Reason::password_is_user_name: return {422, "The password may not be or hold the user name.", "Le mot de passe ne peut ni être ni contenir le nom d'utilisateur."};
    case Reason::password_too_uniform: return {422, "A password needs at least five different characters.", "Un mot de passe doit compter au moins cinq caractères différents."};
    case Reason::password_is_guessable: return {422, "The password may not consist of your names, user name or e-mail address, or of words of the programme: add other words.", "Le mot de passe ne peut pas être composé de vos noms, de votre nom d'utilisateur ou de votre adresse de courriel, ni de mots du programme : ajoutez d'autres mots."};
    case Reason::password_too_common: return {422, "This password is too common: choose one that others would not.", "Ce mot de passe est trop courant : choisissez-en un autre."};
    case Reason::attestation_required: return {422, "This statement must be attested.", "Cette déclaration doit être attestée."};
    case Reason::user_name_taken: return {409, "This user name is taken: choose another.", "Ce nom d'utilisateur est déjà pris : choisissez-en un autre."};
    case Reason::email_taken: return {409, "This e-mail address already belongs to a credential.", "Cette adresse de courriel est déjà liée à un justificatif d'identité."};
    case Reason::partner_identity_taken: return {409, "This sign-in partner identity is already linked.", "Cette identité de partenaire de connexion est déjà liée."};
    case Reason::urn_taken: return {409, "This URN is taken.", "Ce NRU est déjà attribué."};
    case Reason::client_number_taken: return {409, "This client number is taken.", "Ce numéro de client est déjà attribué."};
    case Reason::business_number_taken: return {409, "An account for this business number already exists.", "Il existe déjà un compte pour ce numéro d'entreprise."};
    case Reason::credential_rejected: return {401, "The user name or the password is wrong.", "Le nom d'utilisateur ou le mot de passe est erroné."};
    case Reason::credential_locked: return {423, "The credential is locked after too many failures: contact the service desk.", "Le justificatif d'identité est verrouillé après trop d'échecs : communiquez avec l'USTCC."};
    case Reason::credential_not_locked: return {409, "The credential is not locked.", "Le justificatif d'identité n'est pas verrouillé."};
    case Reason::sign_in_partner_unavailable: return {501, "Signing in through a partner is not available yet: use a GCKey.", "La connexion par un partenaire n'est pas encore offerte : utilisez une cléGC."};
    case Reason::too_many_attempts: return {429, "Too many attempts: wait until the time given before trying again.", "Trop de tentatives : attendez l'heure indiquée avant de réessayer."};
    case Reason::registration_not_found: return {422, "There is no such registration under way: begin again.", "Cette inscription n'est pas en cours : recommencez."};
    case Reason::sign_in_not_found: return {401, "There is no such sign-in under way here: start again.", "Aucune ouverture de session n'est en cours ici : recommencez."};
    case Reason::sign_in_step_out_of_order: return {409, "The sign-in waits for another step.", "L'ouverture de session attend une autre étape."};
    case Reason::mail_factor_terms_required: return {409, "Accept the terms of the mailed code first.", "Acceptez d'abord les modalités de l'authentification à facteurs multiples."};
    case Reason::mail_factor_already_enrolled: return {409, "The mailed code is already enrolled.", "L'authentification à facteurs multiples est déjà activée."};
    case Reason::one_time_code_wrong: return {422, "The code is wrong.", "Le code est erroné."};
    case Reason::one_time_code_expired: return {409, "The code has expired: ask for a new one.", "Le code est expiré : demandez-en un nouveau."};
    case Reason::one_time_code_void: return {409, "The code can no longer be used: ask for a new one.", "Le code ne peut plus être utilisé : demandez-en un nouveau."};
    case Reason::terms_version_outdated: return {409, "These are not the terms in force: read and accept the present version.", "Ce ne sont pas les modalités en vigueur : lisez et acceptez la version actuelle."};
    case Reason::device_not_found: return {404, "There is no such device.", "Cet appareil n'existe pas."};
    case Reason::session_not_found: return {404, "There is no such session.", "Cette session n'existe pas."};
    case Reason::password_unchanged: return {422, "The new password is the present one.", "Le nouveau mot de passe est identique à l'actuel."};
    case Reason::current_password_wrong: return {422, "The present password is wrong.", "Le mot de passe actuel est erroné."};
    case Reason::email_change_not_pending: return {409, "No change of e-mail address is under way.", "Aucun changement d'adresse de courriel n'est en cours."};
    case Reason::recovery_open: return {409, "A recovery of this person is under way: withdraw it first.", "Une récupération est en cours pour cette personne : retirez-la d'abord."};
    case Reason::recovery_not_found: return {404, "There is no such recovery open.", "Cette récupération n'existe pas ou n'est plus en cours."};
    case Reason::recovery_refused: return {422, "User reference number, family name and permit do not belong together, or the permit can no longer be used.", "Le numéro de référence d'utilisateur, le nom de famille et le permis ne concordent pas, ou le permis ne peut plus être utilisé."};
    case Reason::recovery_permit_expired: return {409, "The permit has expired: contact the service desk.", "Le permis est expiré : communiquez avec l'USTCC."};
    case Reason::recovery_permit_void: return {409, "The permit can no longer be used: contact the service desk.", "Le permis ne peut plus être utilisé : communiquez avec l'USTCC."};
    case Reason::user_not_found: return {404, "There is no such user.", "Cet utilisateur n'existe pas."};
    case Reason::urn_expired: return {403, "The user reference number has expired: the service desk issues a new one.", "Le numéro de référence d'utilisateur est expiré : l'USTCC en émet un nouveau."};
    case Reason::urn_not_expired: return {409, "The user reference number has not expired.", "Le numéro de référence d'utilisateur n'est pas expiré."};
    case Reason::owner_urn_expired: return {403, "The account owner's URN has expired: nobody has access until the owner has a new one.", "Le NRU du propriétaire du compte est expiré : personne n'a accès au compte avant qu'il en obtienne un nouveau."};
    case Reason::reactivation_required: return {403, "The account's owner must reactivate you first.", "Le propriétaire du compte doit d'abord réactiver votre accès."};
    case Reason::not_awaiting_reactivation: return {409, "This user does not wait for reactivation.", "Cet utilisateur n'attend pas de réactivation."};
    case Reason::not_permitted: return {403, "Your role in this account does not allow this.", "Votre rôle dans ce compte ne le permet pas."};
    case Reason::staff_role_required: return {403, "This is for programme staff with the right role.", "Cette action est réservée au personnel du programme ayant le rôle voulu."};
    case Reason::staff_may_not_hold_account: return {409, "Programme staff cannot hold a company's account.", "Le personnel du programme ne peut pas détenir le compte d'une entreprise."};
    case Reason::staff_role_already_held: return {409, "The user holds this staff role already.", "L'utilisateur a déjà ce rôle."};
    case Reason::staff_role_not_held: return {409, "The user does not hold this staff role.", "L'utilisateur n'a pas ce rôle."};
    case Reason::own_staff_role: return {409, "Nobody gives or takes their own staff role.", "Personne ne peut s'attribuer ou se retirer un rôle du personnel."};
    case Reason::belongs_to_account: return {409, "A user who belongs to a company's account, or is named as its owner, cannot be programme staff.", "Un utilisateur qui fait partie du compte d'une entreprise, ou qui en est désigné propriétaire, ne peut pas faire partie du personnel du programme."};
    case Reason::staff_role_change_open: return {409, "A change of this user's staff roles is already proposed.", "Une modification des rôles de cet utilisateur est déjà proposée."};
    case Reason::staff_role_change_not_found: return {404, "There is no such open proposal about this person's staff roles.", "Il n'existe pas de telle proposition ouverte sur les rôles de cette personne."};
    case Reason::last_operator: return {409, "One operator must remain.", "Il doit rester un exploitant."};
    case Reason::officers_not_independent: return {409, "One of the two officers proposed the other for a staff role in the last 30 days: another officer must approve this.", "L'un des deux agents a proposé l'autre pour un rôle du personnel au cours des 30 derniers jours : un autre agent doit l'approuver."};
    case Reason::proposer_without_role: return {409, "The officer who proposed this no longer holds the role: propose it again.", "L'agent qui l'a proposé n'a plus ce rôle : proposez-le de nouveau."};
    case Reason::second_officer_required: return {409, "A second officer must approve this.", "Un second agent doit l'approuver."};
    case Reason::account_not_found: return {404, "There is no such account, or you do not belong to it.", "Ce compte n'existe pas, ou vous n'en faites pas partie."};
    case Reason::account_already_exists: return {409, "This account is already enrolled.", "Ce compte est déjà inscrit."};
    case Reason::not_eligible: return {422, "The company does not qualify: the errors name each rule that failed.", "L'entreprise n'est pas admissible : les erreurs nomment chaque règle non respectée."};
    case Reason::too_many_enrolments: return {409, "Three of your enrolments are not activated: activate or withdraw one first.", "Trois de vos inscriptions ne sont pas activées : activez ou retirez-en une d'abord."};
    case Reason::enrolment_release_open: return {409, "The release of this enrolment is already proposed.", "La libération de cette inscription est déjà proposée."};
    case Reason::enrolment_release_not_found: return {404, "There is no such open proposal to release this enrolment.", "Il n'existe pas de telle proposition ouverte de libérer cette inscription."};
    case Reason::address_not_confirmed: return {409, "Confirm the mailing address first.", "Confirmez d'abord l'adresse postale."};
    case Reason::address_already_confirmed: return {409, "The mailing address is already confirmed.", "L'adresse postale est déjà confirmée."};
    case Reason::already_activated: return {409, "The account is already activated.", "Le compte est déjà activé."};
    case Reason::not_activated: return {409, "Activate the account with its activation code first.", "Activez d'abord le compte avec son code d'activation."};
    case Reason::already_authorised: return {409, "The programme's terms in force are already accepted.", "Les modalités du programme en vigueur sont déjà acceptées."};
    case Reason::not_authorised: return {409, "Nothing can be changed before the programme's terms are accepted.", "Rien ne peut être modifié avant l'acceptation des modalités du programme."};
    case Reason::programme_terms_outdated: return {409, "The programme's terms have changed: the owner must accept them again.", "Les modalités du programme ont changé : le propriétaire doit les accepter de nouveau."};
    case Reason::code_requests_one_a_day: return {429, "This can be asked for once a day.", "Cette demande est permise une fois par jour."};
    case Reason::code_requests_four_in_45_days: return {429, "A new activation code can be asked for four times in 45 days.", "Un nouveau code d'activation peut être demandé quatre fois en 45 jours."};
    case Reason::activation_refused: return {422, "Client number and activation code do not match.", "Le numéro de client et le code d'activation ne concordent pas."};
    case Reason::activation_code_expired: return {409, "The activation code has expired: request a new activation code.", "Le code d'activation est expiré : demandez un nouveau code d'activation."};
    case Reason::activation_code_replaced: return {409, "A newer activation code has replaced this one: use the code in the latest letter.", "Un code d'activation plus récent a remplacé celui-ci : utilisez le code de la dernière lettre."};
    case Reason::activation_code_void: return {409, "The activation code can no longer be used: request a new one.", "Le code d'activation ne peut plus être utilisé : demandez-en un nouveau."};
    case Reason::client_number_not_assigned: return {409, "The account has no client number yet: confirm the mailing address first.", "Le compte n'a pas encore de numéro de client : confirmez d'abord l'adresse postale."};
    case Reason::mail_not_found: return {404, "The journal has no such mail to this person.", "Le journal ne contient aucun courriel de ce genre à cette personne."};
    case Reason::letter_not_found: return {404, "There is no such letter.", "Cette lettre n'existe pas."};
    case Reason::letter_not_pending: return {409, "The letter no longer waits for printing or posting.", "La lettre n'attend plus d'être imprimée ou expédiée."};
    case Reason::letter_not_posted: return {409, "The letter was not posted.", "La lettre n'a pas été expédiée."};
    case Reason::letter_not_on_its_way: return {409, "This letter is not on its way: it has arrived, or it was returned, cancelled or replaced.", "Cette lettre n'est pas en route : elle est arrivée, ou elle a été retournée, annulée ou remplacée."};
    case Reason::letter_not_overdue: return {409, "The letter is still within its two business days.", "La lettre est encore dans son délai de deux jours ouvrables."};
    case Reason::letter_case_open: return {409, "A case about this letter is already open.", "Un dossier concernant cette lettre est déjà ouvert."};
    case Reason::case_not_found: return {404, "There is no such open case.", "Ce dossier ouvert n'existe pas."};
    case Reason::no_matching_user: return {422, "Family name, URN and e-mail address do not all match one user.", "Le nom de famille, le NRU et l'adresse de courriel ne correspondent pas tous à un même utilisateur."};
    case Reason::already_member: return {409, "This user already belongs to the account.", "Cet utilisateur fait déjà partie du compte."};
    case Reason::not_a_member: return {404, "This user does not belong to the account.", "Cet utilisateur ne fait pas partie du compte."};
    case Reason::role_above_own: return {403, "Nobody gives or takes a role at or above their own.", "Personne ne peut attribuer ou retirer un rôle égal ou supérieur au sien."};
    case Reason::owner_untouchable: return {409, "The owner is changed only by transferring the ownership.", "Le propriétaire du compte ne change que par un transfert de propriété."};
    case Reason::role_unchanged: return {409, "The user already has this role.", "L'utilisateur a déjà ce rôle."};
    case Reason::member_suspended: return {403, "The user is suspended in this account.", "L'utilisateur est suspendu dans ce compte."};
    case Reason::member_not_suspended: return {409, "The user is not suspended.", "L'utilisateur n'est pas suspendu."};
    case Reason::ownership_offer_open: return {409, "An offer of the ownership is open: withdraw it first.", "Une offre de propriété est en cours : retirez-la d'abord."};
    case Reason::ownership_offer_not_found: return {404, "There is no such open offer.", "Cette offre en cours n'existe pas."};
    case Reason::ownership_offer_lapsed: return {409, "The offer has lapsed: the owner can make a new one.", "L'offre est échue : le propriétaire peut en faire une nouvelle."};
    case Reason::already_owner: return {409, "This user is the owner already.", "Cet utilisateur est déjà le propriétaire du compte."};
    case Reason::reassignment_not_found: return {404, "There is no such proposal of a new owner.", "Cette proposition de nouveau propriétaire n'existe pas."};
    case Reason::erasure_open: return {409, "The erasure of this person is proposed already.", "L'effacement de cette personne est déjà proposé."};
    case Reason::erasure_not_found: return {404, "There is no such proposal to erase this person.", "Il n'existe pas de telle proposition d'effacer cette personne."};
    case Reason::erasure_of_member: return {409, "The person still belongs to an account. Hand on its ownership or remove them from it first.", "La personne appartient encore à un compte. Transférez-en d'abord la propriété ou retirez-en la personne."};
    case Reason::erasure_of_staff: return {409, "The person still holds a staff role. Revoke it first.", "La personne a encore un rôle au sein du personnel. Révoquez-le d'abord."};
    case Reason::reassignment_open: return {409, "A proposal of a new owner is open already.", "Une proposition de nouveau propriétaire est déjà en cours."};
    case Reason::profile_not_found: return {404, "There is no such profile.", "Ce profil n'existe pas."};
    case Reason::own_company: return {403, "You belong or belonged to this company: another officer must decide.", "Vous faites ou avez fait partie de cette entreprise : un autre agent doit décider."};
    case Reason::line_of_business_not_enrolled: return {409, "The company is not enrolled with this line of business.", "L'entreprise n'est pas inscrite pour ce secteur d'activité."};
    case Reason::unknown_question: return {422, "This profile has no such question.", "Ce profil ne comporte pas cette question."};
    case Reason::profiles_incomplete: return {422, "The profiles are not complete: the details list what is missing.", "Les profils sont incomplets : les détails énumèrent ce qui manque."};
    case Reason::nothing_to_submit: return {409, "Nothing has changed since the last submission.", "Rien n'a changé depuis la dernière soumission."};
    case Reason::submission_under_review: return {409, "A submission is under review: drafts can be saved, not submitted.", "Une soumission est à l'étude : les ébauches peuvent être enregistrées, pas soumises."};
    case Reason::submission_not_found: return {404, "There is no such submission.", "Cette soumission n'existe pas."};
    case Reason::submission_not_under_review: return {409, "The submission is not at this step of the review.", "La soumission n'est pas à cette étape de l'étude."};
    case Reason::informal_review_not_found: return {404, "There is no such informal review.", "Cet examen informel n'existe pas."};
    case Reason::appeal_not_found: return {404, "There is no such appeal.", "Cet appel n'existe pas."};
    case Reason::membership_status_differs: return {409, "This is not possible in the present membership status.", "Cette action n'est pas possible avec le statut de membre actuel."};
    case Reason::informal_review_closed: return {409, "An informal review cannot be asked for now.", "Un examen informel ne peut pas être demandé maintenant."};
    case Reason::appeal_closed: return {409, "The 30 days for an appeal are over.", "Le délai d'appel de 30 jours est écoulé."};
    case Reason::appeal_denied: return {409, "The appeal against this cancellation was denied; there is no further appeal.", "L'appel de cette annulation a été rejeté; il n'y a pas d'autre appel."};
    case Reason::revalidation_not_announced: return {409, "The revalidation can be recorded from its announcement on, 90 days before it is due.", "La revalidation peut être consignée à partir de son annonce, 90 jours avant son échéance."};
    case Reason::request_already_open: return {409, "Such a request is open already.", "Une telle demande est déjà en cours."};
    case Reason::no_request_open: return {409, "No such request is open.", "Aucune demande de ce genre n'est en cours."};
    case Reason::route_not_found: return {404, "There is nothing at this address.", "Il n'y a rien à cette adresse."};
    case Reason::method_not_allowed: return {405, "This address does not take this method; Allow lists those it takes.", "Cette adresse n'accepte pas cette méthode; Allow énumère celles qu'elle accepte."};
    case Reason::body_not_json: return {400, "The body is not JSON.", "Le corps de la requête n'est pas du JSON."};
    case Reason::body_too_deep: return {400, "The body is nested too deeply.", "Le corps de la requête est imbriqué trop profondément."};
    case Reason::body_not_utf8: return {400, "The body is not UTF-8.", "Le corps de la requête n'est pas en UTF-8."};
    case Reason::body_too_large: return {413, "The body is too large.", "Le corps de la requête est trop volumineux."};
    case Reason::unsupported_media_type: return {415, "Send the body as application/json.", "Envoyez le corps en application/json."};
    case Reason::unknown_member: return {422, "This member or parameter is not known here.", "Ce membre ou paramètre n'est pas connu ici."};
    case Reason::cursor_not_of_list: return {422, "This cursor is damaged, or it is of another list or order: begin again with the first page.", "Ce curseur est endommagé, ou il provient d'une autre liste ou d'un autre ordre : recommencez à la première page."};
    case Reason::duplicate_member: return {422, "This member or parameter is given twice.", "Ce membre ou paramètre est donné deux fois."};
    case Reason::wrong_type: return {422, "The value is of the wrong type; the details name the right one.", "La valeur est du mauvais type; les détails nomment le bon."};
    case Reason::not_signed_in: return {401, "Sign in first.", "Ouvrez d'abord une session."};
    case Reason::session_expired: return {401, "The session is over: sign in again.", "La session est terminée : ouvrez-en une nouvelle."};
    case Reason::two_credentials: return {400, "Send a cookie or a bearer token, not both.", "Envoyez un témoin ou un jeton, pas les deux."};
    case Reason::cross_site_write: return {403, "Changes are not accepted from another site.", "Les modifications ne sont pas acceptées à partir d'un autre site."};
    case Reason::idempotency_key_missing: return {400, "Idempotency-Key takes one value of 1 to 255 characters.", "Idempotency-Key prend une seule valeur de 1 à 255 caractères."};
    case Reason::idempotency_key_reused: return {422, "This Idempotency-Key was used for another request.", "Cet Idempotency-Key a servi à une autre requête."};
    case Reason::event_not_found: return {404, "The log has no event at this position.", "Le journal n'a pas d'événement à cette position."};
    case Reason::projection_not_found: return {404, "There is no such projection.", "Cette projection n'existe pas."};
    case Reason::standby_not_found: return {404, "The projection has no view beside the one that serves.", "La projection n'a pas d'autre vue que celle qui est en service."};
    case Reason::standby_exists: return {409, "The projection already has a view beside the one that serves: switch to it or drop it first.", "La projection a déjà une vue à côté de celle qui est en service : basculez vers elle ou abandonnez-la d'abord."};
    case Reason::key_not_found: return {404, "There is no key of this name.", "Aucune clé ne porte ce nom."};
    case Reason::master_key_not_replaced: return {409, "The master key's file cannot be replaced: nothing has changed.", "Le fichier de la clé maîtresse ne peut pas être remplacé : rien n'a changé."};
    case Reason::backup_under_way: return {409, "A backup is under way.", "Une sauvegarde est en cours."};
    case Reason::backups_not_configured: return {409, "The service has no folder for backups: set backup_dir.", "Le service n'a pas de dossier de sauvegardes : définissez backup_dir."};
    case Reason::standby_not_level: return {409, "The view is still being built: it can serve once it is level.", "La vue est encore en construction : elle pourra servir une fois à jour."};
    case Reason::version_differs: return {412, "If-Match does not name the present version: read again.", "If-Match ne nomme pas la version actuelle : relisez."};
    case Reason::precondition_required: return {428, "This would overwrite what was saved before: read it, and send its ETag as If-Match.", "Cette requête remplacerait ce qui est déjà enregistré : lisez-le et envoyez son ETag dans If-Match."};
    case Reason::changed_meanwhile: return {409, "Something changed meanwhile: read again and retry.", "Quelque chose a changé entre-temps : relisez et réessayez."};
    case Reason::position_not_reached: return {503, "The views have not reached this position yet.", "Les vues n'ont pas encore atteint cette position."};
    case Reason::rate_limited: return {429, "Too many requests: wait before sending more.", "Trop de requêtes : attendez avant d'en envoyer d'autres."};
    case Reason::misdirected_request: return {421, "This host name is not the sandbox's: use localhost.", "Ce nom d'hôte n'est pas celui du bac à sable : utilisez localhost."};
    case Reason::too_many_streams: return {429, "You have too many live streams open: close one first.", "Vous avez trop de flux en direct ouverts : fermez-en un d'abord."};
    case Reason::overloaded: return {503, "The service is overloaded: try again shortly.", "Le service est surchargé : réessayez sous peu."};
    case Reason::disk_nearly_full: return {507, "A disk of the service is nearly full: no change is taken until there is room; reading goes on.", "Un disque du service est presque plein : aucune modification n'est acceptée tant que la place manque; la lecture continue."};
    case Reason::framing_refused: return {400, "The request is not well-formed HTTP.", "La requête HTTP est mal formée."};
    case Reason::header_too_large: return {431, "The request's header is too large.", "L'en-tête de la requête est trop volumineux."};
    case Reason::outcome_unknown: return {503, "It is not known whether it was done. Ask again with the same key.", "On ne sait pas si l'opération a été effectuée. Réessayez avec la même clé."};
    case Reason::log_unavailable: return {503, "The service cannot record anything at the moment; nothing was changed. Try again shortly.", "Le service ne peut rien enregistrer en ce moment; rien n'a été modifié. Réessayez sous peu."};
    case Reason::authorisation_unavailable: return {503, "Sessions and roles cannot be checked at the moment. Nothing was changed. Try again shortly.", "Les sessions et les rôles ne peuvent pas être vérifiés en ce moment. Rien n'a été modifié. Réessayez sous peu."};
    case Reason::not_ready: return {503, "The service should get no requests now; the details say why.", "Le service ne devrait pas recevoir de requêtes en ce moment; les détails disent pourquoi."};
    case Reason::shutting_down: return {503, "The service is shutting down: try again shortly.", "Le service s'arrête : réessayez sous peu."};
    case Reason::internal_fault: return {500, "Something went wrong on our side; nothing was changed unless said otherwise.", "Une erreur s'est produite de notre côté; rien n'a été modifié sauf indication contraire."};
  }
  return {500, "", ""};
}
// clang-format on

}  // namespace ttp::http
