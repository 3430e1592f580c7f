#include "http/api/notifications/sentences.hpp"

#include <algorithm>
#include <array>

namespace ttp::http {
namespace {

struct Row {
  std::string_view type;
  domain::Wording words;
};

// clang-format off
/// By the stored name of the event, sorted.
constexpr std::array rows{
    Row{"account.account_activated", {"The account was activated. It is authorised when the owner accepts the programme's terms.", "Le compte a été activé. Il sera autorisé quand le propriétaire acceptera les modalités du programme."}},
    Row{"account.activation_code_expired", {"The activation code has expired. The owner can request a new one.", "Le code d'activation a expiré. Le propriétaire du compte peut en demander un nouveau."}},
    Row{"account.activation_code_expiring", {"The activation code will soon expire.", "Le code d'activation expirera bientôt."}},
    Row{"account.activation_code_issued", {"An activation code was issued. It comes by registered letter.", "Un code d'activation a été émis. Il arrive par courrier recommandé."}},
    Row{"account.activation_code_voided", {"The activation code can no longer be used.", "Le code d'activation ne peut plus être utilisé."}},
    Row{"account.client_number_assigned", {"The company was given a client number. It comes with the letter.", "Un numéro de client a été attribué à l'entreprise. Il figure dans la lettre."}},
    Row{"account.company_data_accepted", {"The programme accepted the company's data.", "Le programme a accepté les données de l'entreprise."}},
    Row{"account.company_enrolled", {"The company was enrolled. Confirm its mailing address: the letter with the activation code is ordered then.", "L'entreprise a été inscrite. Confirmez son adresse postale : la lettre contenant le code d'activation sera alors commandée."}},
    Row{"account.enrolment_lapsed", {"The enrolment has lapsed.", "L'inscription est échue."}},
    Row{"account.enrolment_release_lapsed", {"The proposal to end the enrolment has lapsed.", "La proposition de mettre fin à l'inscription est échue."}},
    Row{"account.enrolment_release_proposed", {"The service desk proposed to end the enrolment.", "L'USTCC a proposé de mettre fin à l'inscription."}},
    Row{"account.enrolment_release_withdrawn", {"The proposal to end the enrolment was withdrawn.", "La proposition de mettre fin à l'inscription a été retirée."}},
    Row{"account.enrolment_released", {"The service desk ended the enrolment.", "L'USTCC a mis fin à l'inscription."}},
    Row{"account.enrolment_withdrawn", {"The enrolment was withdrawn.", "L'inscription a été retirée."}},
    Row{"account.letter_arrival_due", {"The letter should have arrived. Say whether it did.", "La lettre devrait être arrivée. Dites si c'est le cas."}},
    Row{"account.letter_arrived", {"The letter has arrived.", "La lettre est arrivée."}},
    Row{"account.letter_case_opened", {"It was reported that a letter did not come.", "Une lettre a été signalée comme non reçue."}},
    Row{"account.letter_case_resolved", {"The report of a missing letter was answered.", "Le signalement d'une lettre non reçue a obtenu une réponse."}},
    Row{"account.letter_ordered", {"A registered letter to the company was ordered.", "Une lettre recommandée à l'entreprise a été commandée."}},
    Row{"account.letter_posted", {"The letter was handed to the post.", "La lettre a été remise à la poste."}},
    Row{"account.letter_returned", {"The letter came back undelivered. Check the mailing address.", "La lettre est revenue sans avoir été livrée. Vérifiez l'adresse postale."}},
    Row{"account.mailing_address_changed", {"The mailing address was corrected. It has to be confirmed.", "L'adresse postale a été corrigée. Elle doit être confirmée."}},
    Row{"account.mailing_address_confirmed", {"The mailing address was confirmed.", "L'adresse postale a été confirmée."}},
    Row{"account.mailing_address_replaced", {"The programme accepted another mailing address. It takes effect when the owner confirms it.", "Le programme a accepté une autre adresse postale. Elle prendra effet quand le propriétaire du compte l'aura confirmée."}},
    Row{"account.member_added", {"A user was added to the account.", "Un utilisateur a été ajouté au compte."}},
    Row{"account.member_reactivated", {"A user was reactivated.", "Un utilisateur a été réactivé."}},
    Row{"account.member_reinstated", {"The suspension of a user was lifted.", "La suspension d'un utilisateur a été levée."}},
    Row{"account.member_removed", {"A user no longer belongs to the account.", "Un utilisateur ne fait plus partie du compte."}},
    Row{"account.member_role_changed", {"The role of a user was changed.", "Le rôle d'un utilisateur a été modifié."}},
    Row{"account.member_suspended", {"A user was suspended.", "Un utilisateur a été suspendu."}},
    Row{"account.ownership_offer_declined", {"The offer of the ownership was declined.", "L'offre de propriété a été refusée."}},
    Row{"account.ownership_offer_lapsed", {"The offer of the ownership has lapsed.", "L'offre de propriété est échue."}},
    Row{"account.ownership_offer_withdrawn", {"The offer of the ownership was withdrawn.", "L'offre de propriété a été retirée."}},
    Row{"account.ownership_offered", {"The ownership was offered to a user.", "La propriété du compte a été offerte à un utilisateur."}},
    Row{"account.ownership_transferred", {"The account has a new owner.", "Le compte a un nouveau propriétaire."}},
    Row{"account.programme_terms_accepted", {"The owner accepted the programme's terms.", "Le propriétaire du compte a accepté les modalités du programme."}},
    Row{"account.registered_mail_number_corrected", {"The letter's registered-mail number was corrected.", "Le numéro de courrier recommandé de la lettre a été corrigé."}},
    Row{"programme.annual_confirmation_due", {"The company's details have to be confirmed.", "Les renseignements de l'entreprise doivent être confirmés."}},
    Row{"programme.appeal_answered", {"The appeal was answered.", "L'appel a obtenu une réponse."}},
    Row{"programme.application_submitted", {"The application, or changes, were submitted to the programme.", "La demande, ou des modifications, ont été soumises au programme."}},
    Row{"programme.cancellation_appealed", {"The cancellation was appealed.", "L'annulation a été portée en appel."}},
    Row{"programme.details_confirmed", {"The company's details were confirmed.", "Les renseignements de l'entreprise ont été confirmés."}},
    Row{"programme.informal_review_answered", {"The request for an informal review was answered.", "La demande d'examen informel a obtenu une réponse."}},
    Row{"programme.informal_review_requested", {"An informal review was asked for.", "Un examen informel a été demandé."}},
    Row{"programme.membership_cancelled", {"The membership was cancelled. It can be appealed within 30 days.", "L'adhésion a été annulée. Un appel est possible dans les 30 jours."}},
    Row{"programme.membership_reinstated", {"The membership was reinstated.", "L'adhésion a été rétablie."}},
    Row{"programme.membership_revalidated", {"The membership was revalidated.", "L'adhésion a été revalidée."}},
    Row{"programme.membership_suspended", {"The membership was suspended.", "L'adhésion a été suspendue."}},
    Row{"programme.refusal_took_effect", {"The refusal took effect.", "Le refus a pris effet."}},
    Row{"programme.revalidation_announced", {"The revalidation of the membership is coming.", "La revalidation de l'adhésion approche."}},
    Row{"programme.revalidation_due", {"The revalidation of the membership is due.", "La revalidation de l'adhésion est due."}},
    Row{"programme.review_begun", {"The review of the submission has begun.", "L'étude de la soumission a commencé."}},
    Row{"programme.submission_accepted", {"The submission was accepted.", "La soumission a été acceptée."}},
    Row{"programme.submission_refused", {"The submission was refused. An informal review can be asked for before the refusal takes effect.", "La soumission a été refusée. Un examen informel peut être demandé avant que le refus prenne effet."}},
    Row{"programme.submission_returned", {"The submission was returned with remarks.", "La soumission a été retournée avec des remarques."}},
};
// clang-format on

static_assert(std::ranges::is_sorted(rows, {}, &Row::type));

}  // namespace

const domain::Wording* sentence_of(std::string_view type) {
  const auto found = std::ranges::lower_bound(rows, type, {}, &Row::type);
  return found != rows.end() && found->type == type ? &found->words : nullptr;
}

}  // namespace ttp::http
