// The wording of every mail and letter, English beside French, for authors and translators. A word in braces
// is a placeholder. Both languages must use the same placeholders, which is checked at compile time. The
// French follows the agency's own page: a no-break space before a colon and inside guillemets.
#include "delivery/texts.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>

#include <fmt/format.h>

#include "domain/business_days.hpp"

namespace ttp::delivery {
namespace {

struct MailRow {
  MailText id;
  Wording en;
  Wording fr;
};

struct PhraseRow {
  Phrase id;
  std::string_view en;
  std::string_view fr;
};

// clang-format off
constexpr std::array mails{
  MailRow{MailText::urn_issued, {
    "Your user reference number",
    "Your credential is now registered with the Trusted Trader Portal.\n\n"
    "Name: {names}\n"
    "User reference number (URN): {urn}\n\n"
    "Keep this number in a safe place. You will need it when an account owner adds you to a company's "
    "account or offers you the ownership of one, and when you contact the Technical Commercial Client Unit "
    "(TCCU).\n\n"
    "Your URN will expire if you do not sign in to the portal at least once every two years."}, {
    "Votre numéro de référence d'utilisateur",
    "Votre justificatif d'identité est maintenant inscrit au Portail des négociants dignes de confiance.\n\n"
    "Nom : {names}\n"
    "Numéro de référence d'utilisateur (NRU) : {urn}\n\n"
    "Conservez ce numéro en lieu sûr. Vous en aurez besoin lorsque le propriétaire d'un compte vous ajoutera "
    "au compte d'une entreprise ou vous en offrira la propriété, et lorsque vous communiquerez avec l'Unité "
    "des services techniques aux clients commerciaux (USTCC).\n\n"
    "Votre NRU expirera si vous ne vous connectez pas au portail au moins une fois tous les deux ans."}},

  MailRow{MailText::urn_reissued, {
    "Your new user reference number",
    "The Technical Commercial Client Unit (TCCU) has issued you a new user reference number. It replaces "
    "your previous number, which is no longer valid.\n\n"
    "Name: {names}\n"
    "New user reference number (URN): {urn}\n\n"
    "To regain access to a company's account:\n"
    "- if you are not its owner, the account owner must reactivate your access;\n"
    "- if you are its owner, you must reactivate all the other users of the account.\n\n"
    "Your URN will expire if you do not sign in to the portal at least once every two years."}, {
    "Votre nouveau numéro de référence d'utilisateur",
    "L'Unité des services techniques aux clients commerciaux (USTCC) vous a attribué un nouveau numéro de "
    "référence d'utilisateur. Il remplace votre numéro précédent, qui n'est plus valide.\n\n"
    "Nom : {names}\n"
    "Nouveau numéro de référence d'utilisateur (NRU) : {urn}\n\n"
    "Pour accéder de nouveau au compte d'une entreprise :\n"
    "- si vous n'en êtes pas le propriétaire, le propriétaire du compte doit réactiver votre accès;\n"
    "- si vous en êtes le propriétaire, vous devez réactiver tous les autres utilisateurs du compte.\n\n"
    "Votre NRU expirera si vous ne vous connectez pas au portail au moins une fois tous les deux ans."}},

  MailRow{MailText::one_time_code, {
    "Your one-time code",
    "Your one-time code for the Trusted Trader Portal is:\n\n"
    "{code}\n\n"
    "Asked for: {asked_for}\n"
    "Request word: {request_word}\n"
    "Expires: {expires_at}\n\n"
    "Enter the code only in the browser where you asked for it, and only if the request word above is the "
    "one you see on the screen. The code works once.\n\n"
    "We will never ask you for this code by telephone, by mail or in a message. Do not give it to anyone.\n\n"
    "If you did not ask for this code, someone may know your password: change it, and contact the Technical "
    "Commercial Client Unit (TCCU)."}, {
    "Votre code à usage unique",
    "Voici votre code à usage unique pour le Portail des négociants dignes de confiance :\n\n"
    "{code}\n\n"
    "Objet de la demande : {asked_for}\n"
    "Mot de la demande : {request_word}\n"
    "Expiration : {expires_at}\n\n"
    "Entrez ce code seulement dans le navigateur où vous l'avez demandé, et seulement si le mot de la "
    "demande ci-dessus est celui qui s'affiche à l'écran. Le code ne sert qu'une fois.\n\n"
    "Nous ne vous demanderons jamais ce code par téléphone, par la poste ou dans un message. Ne le "
    "communiquez à personne.\n\n"
    "Si vous n'avez pas demandé ce code, il se peut que quelqu'un connaisse votre mot de passe : changez-le "
    "et communiquez avec l'Unité des services techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::email_confirmation_code, {
    "Confirm your e-mail address",
    "To confirm this e-mail address for the Trusted Trader Portal, enter this code:\n\n"
    "{code}\n\n"
    "Request word: {request_word}\n"
    "Expires: {expires_at}\n\n"
    "Enter the code only in the browser where you asked for it, and only if the request word above is the "
    "one you see on the screen. The code works once.\n\n"
    "We will never ask you for this code by telephone, by mail or in a message. Do not give it to anyone.\n\n"
    "If you did not ask for this, you can ignore this message: the address will not be used."}, {
    "Confirmez votre adresse de courriel",
    "Pour confirmer cette adresse de courriel auprès du Portail des négociants dignes de confiance, entrez "
    "ce code :\n\n"
    "{code}\n\n"
    "Mot de la demande : {request_word}\n"
    "Expiration : {expires_at}\n\n"
    "Entrez ce code seulement dans le navigateur où vous l'avez demandé, et seulement si le mot de la "
    "demande ci-dessus est celui qui s'affiche à l'écran. Le code ne sert qu'une fois.\n\n"
    "Nous ne vous demanderons jamais ce code par téléphone, par la poste ou dans un message. Ne le "
    "communiquez à personne.\n\n"
    "Si vous n'avez rien demandé, vous pouvez ignorer ce message : l'adresse ne sera pas utilisée."}},

  MailRow{MailText::email_change_code, {
    "Your e-mail address is about to change",
    "Somebody who is signed in to the Trusted Trader Portal with your credential asked to replace this e-mail "
    "address by another one.\n\n"
    "New address: {new_email}\n"
    "Request word: {request_word}\n"
    "Expires: {expires_at}\n\n"
    "To permit the change, enter this code beside the one that was sent to the new address:\n\n"
    "{code}\n\n"
    "Enter the code only in the browser where you asked for it, and only if the request word above is the "
    "one you see on the screen. The code works once.\n\n"
    "We will never ask you for this code by telephone, by mail or in a message. Do not give it to anyone.\n\n"
    "If you did not ask for this, do not enter the code: the address stays as it is. Change your password, end "
    "your other sessions, and contact the Technical Commercial Client Unit (TCCU)."}, {
    "Votre adresse de courriel est sur le point de changer",
    "Une personne qui a ouvert une session du Portail des négociants dignes de confiance avec votre "
    "justificatif d'identité a demandé à remplacer cette adresse de courriel par une autre.\n\n"
    "Nouvelle adresse : {new_email}\n"
    "Mot de la demande : {request_word}\n"
    "Expiration : {expires_at}\n\n"
    "Pour permettre ce changement, entrez ce code avec celui qui a été envoyé à la nouvelle adresse :\n\n"
    "{code}\n\n"
    "Entrez ce code seulement dans le navigateur où vous l'avez demandé, et seulement si le mot de la "
    "demande ci-dessus est celui qui s'affiche à l'écran. Le code ne sert qu'une fois.\n\n"
    "Nous ne vous demanderons jamais ce code par téléphone, par la poste ou dans un message. Ne le "
    "communiquez à personne.\n\n"
    "Si vous n'avez rien demandé, n'entrez pas ce code : l'adresse demeure la même. Changez votre mot de passe, "
    "fermez vos autres sessions et communiquez avec l'Unité des services techniques aux clients commerciaux "
    "(USTCC)."}},

  MailRow{MailText::registration_code, {
    "Your code for this e-mail address",
    "To register with the Trusted Trader Portal under this e-mail address, or to move your credential to it "
    "with the permit from our letter, enter this code:\n\n"
    "{code}\n\n"
    "Request word: {request_word}\n"
    "Expires: {expires_at}\n\n"
    "Enter the code only in the browser where you asked for it, and only if the request word above is the "
    "one you see on the screen. The code works once.\n\n"
    "We will never ask you for this code by telephone, by mail or in a message. Do not give it to anyone.\n\n"
    "If you did not ask for this, you can ignore this message: nothing is registered without the code."}, {
    "Votre code pour cette adresse de courriel",
    "Pour vous inscrire au Portail des négociants dignes de confiance avec cette adresse de courriel, ou pour "
    "y rattacher votre justificatif d'identité à l'aide du permis de notre lettre, entrez ce code :\n\n"
    "{code}\n\n"
    "Mot de la demande : {request_word}\n"
    "Expiration : {expires_at}\n\n"
    "Entrez ce code seulement dans le navigateur où vous l'avez demandé, et seulement si le mot de la "
    "demande ci-dessus est celui qui s'affiche à l'écran. Le code ne sert qu'une fois.\n\n"
    "Nous ne vous demanderons jamais ce code par téléphone, par la poste ou dans un message. Ne le "
    "communiquez à personne.\n\n"
    "Si vous n'avez rien demandé, vous pouvez ignorer ce message : rien n'est inscrit sans ce code."}},

  MailRow{MailText::address_already_registered, {
    "You are already registered",
    "Somebody asked to register with the Trusted Trader Portal under this e-mail address. The address "
    "already belongs to a credential, so nothing was registered and nothing has changed.\n\n"
    "If it was you, sign in with your credential. If you have forgotten your user name, ask on the sign-in "
    "page to have it mailed to this address.\n\n"
    "If it was not you, you can ignore this message."}, {
    "Vous êtes déjà inscrit",
    "Quelqu'un a demandé à s'inscrire au Portail des négociants dignes de confiance avec cette adresse de "
    "courriel. L'adresse est déjà liée à un justificatif d'identité : rien n'a été inscrit et rien n'a "
    "changé.\n\n"
    "Si c'était vous, ouvrez une session avec votre justificatif d'identité. Si vous avez oublié votre nom "
    "d'utilisateur, demandez à la page d'ouverture de session qu'il soit envoyé à cette adresse.\n\n"
    "Si ce n'était pas vous, vous pouvez ignorer ce message."}},

  MailRow{MailText::user_name_reminder, {
    "Your user name",
    "Somebody asked for the user name that belongs to this e-mail address at the Trusted Trader Portal. "
    "It is:\n\n"
    "{user_name}\n\n"
    "If it was not you, you can ignore this message: a user name alone opens nothing."}, {
    "Votre nom d'utilisateur",
    "Quelqu'un a demandé le nom d'utilisateur lié à cette adresse de courriel au Portail des négociants "
    "dignes de confiance. Le voici :\n\n"
    "{user_name}\n\n"
    "Si ce n'était pas vous, vous pouvez ignorer ce message : un nom d'utilisateur seul ne donne accès à "
    "rien."}},

  MailRow{MailText::no_user_name, {
    "There is no user name for this address",
    "Somebody asked for the user name that belongs to this e-mail address at the Trusted Trader Portal. No "
    "credential is registered with this address.\n\n"
    "If it was you, try the other addresses that you may have registered with, or register.\n\n"
    "If it was not you, you can ignore this message."}, {
    "Aucun nom d'utilisateur pour cette adresse",
    "Quelqu'un a demandé le nom d'utilisateur lié à cette adresse de courriel au Portail des négociants "
    "dignes de confiance. Aucun justificatif d'identité n'est inscrit avec cette adresse.\n\n"
    "Si c'était vous, essayez les autres adresses que vous avez pu inscrire, ou inscrivez-vous.\n\n"
    "Si ce n'était pas vous, vous pouvez ignorer ce message."}},

  MailRow{MailText::no_user_name_but_partner, {
    "You sign in without a user name",
    "Somebody asked for the user name that belongs to this e-mail address at the Trusted Trader Portal. "
    "You have none: you sign in with a sign-in partner.\n\n"
    "If it was not you, you can ignore this message."}, {
    "Vous ouvrez vos sessions sans nom d'utilisateur",
    "Quelqu'un a demandé le nom d'utilisateur lié à cette adresse de courriel au Portail des négociants "
    "dignes de confiance. Vous n'en avez pas : vous ouvrez vos sessions avec un partenaire de connexion.\n\n"
    "Si ce n'était pas vous, vous pouvez ignorer ce message."}},

  MailRow{MailText::urn_yearly_reminder, {
    "Sign in to keep your user reference number",
    "It has been 12 months since you last signed in to the Trusted Trader Portal.\n\n"
    "Your user reference number (URN) will expire on {expires_at} unless you sign in before then. Signing in "
    "renews it for two years. We recommend that you sign in at least once a year."}, {
    "Connectez-vous pour conserver votre numéro de référence d'utilisateur",
    "Votre dernière connexion au Portail des négociants dignes de confiance remonte à 12 mois.\n\n"
    "Votre numéro de référence d'utilisateur (NRU) expirera le {expires_at} si vous ne vous connectez pas "
    "d'ici là. Chaque connexion le renouvelle pour deux ans. Nous vous conseillons de vous connecter au "
    "moins une fois par année."}},

  MailRow{MailText::urn_expires_soon, {
    "Your user reference number expires within {days} days",
    "Your user reference number (URN) for the Trusted Trader Portal will expire on {expires_at}.\n\n"
    "Sign in to the portal before then to renew it for two years. If it expires, you will lose access to the "
    "portal. If you own a company's account, nobody will have access to that account."}, {
    "Votre numéro de référence d'utilisateur expire d'ici {days} jours",
    "Votre numéro de référence d'utilisateur (NRU) pour le Portail des négociants dignes de confiance "
    "expirera le {expires_at}.\n\n"
    "Connectez-vous au portail d'ici là pour le renouveler pour deux ans. S'il expire, vous n'aurez plus "
    "accès au portail. Si vous êtes propriétaire du compte d'une entreprise, personne n'aura accès à ce "
    "compte."}},

  MailRow{MailText::urn_expired, {
    "Your user reference number has expired",
    "Your user reference number (URN) for the Trusted Trader Portal expired on {expired_at}, because you had "
    "not signed in for two years.\n\n"
    "To obtain a new number, contact the Technical Commercial Client Unit (TCCU). The owner of your "
    "company's account must then reactivate your access. If you are the owner yourself, nobody has access to "
    "the account until you have a new number, and you must then reactivate all its other users."}, {
    "Votre numéro de référence d'utilisateur a expiré",
    "Votre numéro de référence d'utilisateur (NRU) pour le Portail des négociants dignes de confiance a "
    "expiré le {expired_at}, car vous ne vous étiez pas connecté depuis deux ans.\n\n"
    "Pour obtenir un nouveau numéro, communiquez avec l'Unité des services techniques aux clients "
    "commerciaux (USTCC). Le propriétaire du compte de votre entreprise devra ensuite réactiver votre accès. "
    "Si vous êtes vous-même le propriétaire, personne n'a accès au compte tant que vous n'avez pas de "
    "nouveau numéro, et vous devrez ensuite réactiver tous les autres utilisateurs."}},

  MailRow{MailText::owner_warned_of_user_urn, {
    "A user of your company's account may lose access",
    "Company: {legal_name}\n"
    "User: {names}\n\n"
    "This user's user reference number (URN) will expire on {expires_at} unless they sign in to the Trusted "
    "Trader Portal before then. If it expires, they will need a new number from the Technical Commercial "
    "Client Unit (TCCU), and you will have to reactivate them in the account.\n\n"
    "Please remind them to sign in."}, {
    "Un utilisateur du compte de votre entreprise pourrait perdre son accès",
    "Entreprise : {legal_name}\n"
    "Utilisateur : {names}\n\n"
    "Le numéro de référence d'utilisateur (NRU) de cette personne expirera le {expires_at} si elle ne se "
    "connecte pas d'ici là au Portail des négociants dignes de confiance. S'il expire, elle devra obtenir un "
    "nouveau numéro auprès de l'Unité des services techniques aux clients commerciaux (USTCC), et vous "
    "devrez réactiver son accès au compte.\n\n"
    "Veuillez lui rappeler de se connecter."}},

  MailRow{MailText::activation_code_expiring, {
    "Your company's activation code expires soon",
    "Company: {legal_name}\n\n"
    "The activation code that was sent to your company by registered mail will expire on {expires_at}.\n\n"
    "Sign in to the Trusted Trader Portal and select \"Activate your company's account\". You will need the "
    "client number and the activation code from the letter. If you have not received the letter, tell us in "
    "the portal."}, {
    "Le code d'activation de votre entreprise expire bientôt",
    "Entreprise : {legal_name}\n\n"
    "Le code d'activation envoyé à votre entreprise par courrier recommandé expirera le {expires_at}.\n\n"
    "Connectez-vous au Portail des négociants dignes de confiance et sélectionnez « Activation du compte de "
    "votre entreprise ». Vous aurez besoin du numéro de client et du code d'activation qui figurent dans la "
    "lettre. Si vous n'avez pas reçu la lettre, signalez-le dans le portail."}},

  MailRow{MailText::activation_code_expired, {
    "Your company's activation code has expired",
    "Company: {legal_name}\n\n"
    "The activation code that was sent to your company by registered mail expired on {expired_at} and can no "
    "longer be used.\n\n"
    "To obtain another one, sign in to the Trusted Trader Portal and select \"Request a new activation "
    "code\". It will be sent by registered mail. Your client number stays the same."}, {
    "Le code d'activation de votre entreprise a expiré",
    "Entreprise : {legal_name}\n\n"
    "Le code d'activation envoyé à votre entreprise par courrier recommandé a expiré le {expired_at} et ne "
    "peut plus être utilisé.\n\n"
    "Pour en obtenir un autre, connectez-vous au Portail des négociants dignes de confiance et sélectionnez "
    "« Demander un nouveau code d'activation ». Il vous sera envoyé par courrier recommandé. Votre numéro de "
    "client demeure le même."}},

  MailRow{MailText::letter_posted, {
    "A letter to your company has been mailed",
    "Company: {legal_name}\n"
    "Registered mail number: {registered_mail_number}\n\n"
    "We have mailed the letter that you are waiting for to your company's mailing address. The registered "
    "mail number lets you track it with Canada Post. Someone must sign for it."}, {
    "Une lettre a été postée à votre entreprise",
    "Entreprise : {legal_name}\n"
    "Numéro de courrier recommandé : {registered_mail_number}\n\n"
    "Nous avons posté la lettre que vous attendez à l'adresse postale de votre entreprise. Le numéro de "
    "courrier recommandé vous permet de la suivre auprès de Postes Canada. Une signature sera exigée à la "
    "livraison."}},

  MailRow{MailText::letter_returned, {
    "A letter to your company was returned",
    "Company: {legal_name}\n\n"
    "Canada Post returned the letter that we sent to your company. For your protection, an activation code "
    "contained in that letter can no longer be used.\n\n"
    "Sign in to the Trusted Trader Portal, check that your company's mailing address is correct, and select "
    "\"Request a new activation code\" if you need one."}, {
    "Une lettre à votre entreprise nous a été retournée",
    "Entreprise : {legal_name}\n\n"
    "Postes Canada nous a retourné la lettre que nous avions envoyée à votre entreprise. Par mesure de "
    "protection, un code d'activation qui se trouvait dans cette lettre ne peut plus être utilisé.\n\n"
    "Connectez-vous au Portail des négociants dignes de confiance, vérifiez que l'adresse postale de votre "
    "entreprise est exacte et sélectionnez « Demander un nouveau code d'activation » s'il vous en faut un."}},

  MailRow{MailText::activation_code_voided, {
    "Your company's activation code can no longer be used",
    "Company: {legal_name}\n\n"
    "{end}\n\n"
    "A letter that carries this code is worth nothing now: please destroy it if it arrives. Your client "
    "number stays the same."}, {
    "Le code d'activation de votre entreprise ne peut plus être utilisé",
    "Entreprise : {legal_name}\n\n"
    "{end}\n\n"
    "Une lettre qui porte ce code est désormais sans valeur : veuillez la détruire si elle vous parvient. "
    "Votre numéro de client demeure le même."}},

  MailRow{MailText::letter_number_corrected, {
    "Corrected number of a letter to your company",
    "Company: {legal_name}\n"
    "Registered mail number: {registered_mail_number}\n\n"
    "The registered mail number that we gave you earlier for the letter to your company was wrong. Please "
    "use the number above to track the letter with Canada Post. The letter itself has not changed."}, {
    "Numéro corrigé d'une lettre à votre entreprise",
    "Entreprise : {legal_name}\n"
    "Numéro de courrier recommandé : {registered_mail_number}\n\n"
    "Le numéro de courrier recommandé que nous vous avions donné pour la lettre à votre entreprise était "
    "erroné. Veuillez utiliser le numéro ci-dessus pour suivre la lettre auprès de Postes Canada. La lettre "
    "elle-même n'a pas changé."}},

  MailRow{MailText::letter_arrival_due, {
    "Has our letter to your company arrived?",
    "Company: {legal_name}\n"
    "Letter ordered: {ordered_at}\n\n"
    "This letter should be in your company's hands by now. Sign in to the Trusted Trader Portal and tell us "
    "whether it has arrived. If you report it missing, the Technical Commercial Client Unit (TCCU) will send "
    "it again or issue a new code."}, {
    "Notre lettre à votre entreprise est-elle arrivée?",
    "Entreprise : {legal_name}\n"
    "Lettre commandée : {ordered_at}\n\n"
    "Cette lettre devrait maintenant être entre les mains de votre entreprise. Connectez-vous au Portail des "
    "négociants dignes de confiance et dites-nous si elle est arrivée. Si vous signalez qu'elle manque, "
    "l'Unité des services techniques aux clients commerciaux (USTCC) l'enverra de nouveau ou émettra un "
    "nouveau code."}},

  MailRow{MailText::letter_case_resolved, {
    "Answer to your report about a letter",
    "Company: {legal_name}\n\n"
    "You reported that a letter to your company did not arrive. {end}\n\n"
    "Remark from the Technical Commercial Client Unit (TCCU):\n\n"
    "{reason}"}, {
    "Réponse à votre signalement au sujet d'une lettre",
    "Entreprise : {legal_name}\n\n"
    "Vous avez signalé qu'une lettre à votre entreprise n'est pas arrivée. {end}\n\n"
    "Remarque de l'Unité des services techniques aux clients commerciaux (USTCC) :\n\n"
    "{reason}"}},

  MailRow{MailText::enrolment_ended, {
    "Your company's enrolment has ended",
    "Company: {legal_name}\n\n"
    "{end} The business number is free again, and no letter with an activation code will be sent.\n\n"
    "The company can be enrolled again in the Trusted Trader Portal at any time."}, {
    "L'inscription de votre entreprise a pris fin",
    "Entreprise : {legal_name}\n\n"
    "{end} Le numéro d'entreprise est de nouveau libre, et aucune lettre avec un code d'activation ne sera "
    "envoyée.\n\n"
    "L'entreprise peut être inscrite de nouveau en tout temps dans le Portail des négociants dignes de "
    "confiance."}},

  MailRow{MailText::enrolment_release_proposed, {
    "Your company's enrolment may be ended",
    "Company: {legal_name}\n\n"
    "An officer of the Technical Commercial Client Unit (TCCU) has proposed to end this enrolment, because "
    "somebody else may hold the business number. A second officer decides. The proposal lapses on "
    "{lapses_at}.\n\n"
    "If the company is yours, contact the TCCU at once, or activate the account with the client number and "
    "the activation code from our letter: activation ends the proposal."}, {
    "L'inscription de votre entreprise pourrait prendre fin",
    "Entreprise : {legal_name}\n\n"
    "Un agent de l'Unité des services techniques aux clients commerciaux (USTCC) a proposé de mettre fin à "
    "cette inscription, car le numéro d'entreprise pourrait appartenir à quelqu'un d'autre. Un second agent "
    "décide. La proposition prend fin le {lapses_at}.\n\n"
    "Si l'entreprise est la vôtre, communiquez sans tarder avec l'USTCC, ou activez le compte avec le numéro "
    "de client et le code d'activation qui figurent dans notre lettre : l'activation met fin à la "
    "proposition."}},

  MailRow{MailText::enrolment_release_dropped, {
    "Your company's enrolment goes on",
    "Company: {legal_name}\n\n"
    "The proposal of the Technical Commercial Client Unit (TCCU) to end this enrolment was withdrawn or has "
    "lapsed. The enrolment goes on as before, and there is nothing for you to do about the proposal."}, {
    "L'inscription de votre entreprise se poursuit",
    "Entreprise : {legal_name}\n\n"
    "La proposition de l'Unité des services techniques aux clients commerciaux (USTCC) de mettre fin à cette "
    "inscription a été retirée ou a pris fin. L'inscription se poursuit comme avant, et vous n'avez rien à "
    "faire au sujet de la proposition."}},

  MailRow{MailText::owner_reassignment_proposed, {
    "A new owner of your company's account is proposed",
    "Company: {legal_name}\n\n"
    "An officer of the Technical Commercial Client Unit (TCCU) has proposed {names} as the new owner of this "
    "account, because the owner is said to be gone. A second officer decides. The proposal lapses on "
    "{lapses_at}.\n\n"
    "If the owner is not gone, the owner ends the proposal: sign in to the Trusted Trader Portal and select "
    "“Object to the new owner”, or contact the TCCU at once."}, {
    "Un nouveau propriétaire du compte de votre entreprise est proposé",
    "Entreprise : {legal_name}\n\n"
    "Un agent de l'Unité des services techniques aux clients commerciaux (USTCC) a proposé que {names} "
    "devienne propriétaire de ce compte, car le propriétaire serait parti. Un second agent décide. La "
    "proposition prend fin le {lapses_at}.\n\n"
    "Si le propriétaire n'est pas parti, il met fin à la proposition : ouvrez une session dans le Portail des "
    "négociants dignes de confiance et sélectionnez « S'opposer au nouveau propriétaire », ou communiquez sans "
    "tarder avec l'USTCC."}},

  MailRow{MailText::owner_reassignment_dropped, {
    "The owner of your company's account stays",
    "Company: {legal_name}\n\n"
    "The proposal of the Technical Commercial Client Unit (TCCU) to name a new owner of this account has ended: "
    "it was withdrawn, has lapsed, or the owner objected. Nothing has changed."}, {
    "Le propriétaire du compte de votre entreprise reste le même",
    "Entreprise : {legal_name}\n\n"
    "La proposition de l'Unité des services techniques aux clients commerciaux (USTCC) de nommer un nouveau "
    "propriétaire de ce compte a pris fin : elle a été retirée, son délai est passé, ou le propriétaire s'y est "
    "opposé. Rien n'a changé."}},

  MailRow{MailText::staff_role_grant_proposed, {
    "A staff role is proposed",
    "Person: {names}\nRole: {role}\n\n"
    "An operator has proposed to give this person this role. Another operator decides. The proposal lapses on "
    "{lapses_at}.\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "Un rôle du personnel est proposé",
    "Personne : {names}\nRôle : {role}\n\n"
    "Un exploitant a proposé d'attribuer ce rôle à cette personne. Un autre exploitant décide. La proposition "
    "prend fin le {lapses_at}.\n\n"
    "Si vous ne vous y attendiez pas, communiquez sans tarder avec l'Unité des services techniques aux clients "
    "commerciaux (USTCC)."}},

  MailRow{MailText::staff_role_revocation_proposed, {
    "The end of a staff role is proposed",
    "Person: {names}\nRole: {role}\n\n"
    "An operator has proposed to take this role from this person. Another operator decides. The proposal lapses "
    "on {lapses_at}."}, {
    "La fin d'un rôle du personnel est proposée",
    "Personne : {names}\nRôle : {role}\n\n"
    "Un exploitant a proposé de retirer ce rôle à cette personne. Un autre exploitant décide. La proposition "
    "prend fin le {lapses_at}."}},

  MailRow{MailText::staff_role_granted, {
    "A staff role was given",
    "Person: {names}\nRole: {role}\n\n"
    "This person now holds this role.\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "Un rôle du personnel a été attribué",
    "Personne : {names}\nRôle : {role}\n\n"
    "Cette personne a désormais ce rôle.\n\n"
    "Si vous ne vous y attendiez pas, communiquez sans tarder avec l'Unité des services techniques aux clients "
    "commerciaux (USTCC)."}},

  MailRow{MailText::staff_role_revoked, {
    "A staff role was taken",
    "Person: {names}\nRole: {role}\n\n"
    "This person no longer holds this role."}, {
    "Un rôle du personnel a été retiré",
    "Personne : {names}\nRôle : {role}\n\n"
    "Cette personne n'a plus ce rôle."}},

  MailRow{MailText::staff_role_change_dropped, {
    "The proposal about a staff role has ended",
    "Person: {names}\n\n"
    "The proposal to change this person's staff roles was withdrawn or has lapsed. Nothing has changed."}, {
    "La proposition au sujet d'un rôle du personnel a pris fin",
    "Personne : {names}\n\n"
    "La proposition de modifier les rôles de cette personne a été retirée, ou son délai est passé. Rien n'a "
    "changé."}},

  MailRow{MailText::erasure_proposed, {
    "The erasure of personal data is proposed",
    "Person: {names}\n\n"
    "An operator has proposed to erase this person's data for good. Another operator decides. The proposal "
    "lapses on {lapses_at}. After an erasure the person can no longer sign in, and nothing brings the data "
    "back.\n\n"
    "If this concerns you and you do not want it, contact the Technical Commercial Client Unit (TCCU) at "
    "once."}, {
    "L'effacement de renseignements personnels est proposé",
    "Personne : {names}\n\n"
    "Un exploitant a proposé d'effacer définitivement les renseignements de cette personne. Un autre exploitant "
    "décide. La proposition prend fin le {lapses_at}. Après un effacement, la personne ne peut plus ouvrir de "
    "session, et rien ne fait revenir les renseignements.\n\n"
    "Si cela vous concerne et que vous ne le voulez pas, communiquez sans tarder avec l'Unité des services "
    "techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::erasure_dropped, {
    "The proposal to erase personal data has ended",
    "Person: {names}\n\n"
    "The proposal to erase this person's data was withdrawn or has lapsed. Nothing was erased."}, {
    "La proposition d'effacer des renseignements personnels a pris fin",
    "Personne : {names}\n\n"
    "La proposition d'effacer les renseignements de cette personne a été retirée, ou son délai est passé. Rien "
    "n'a été effacé."}},

  MailRow{MailText::mailing_address_to_confirm, {
    "Please confirm your company's new mailing address",
    "Company: {legal_name}\n\n"
    "The Partners in Protection program has accepted this new mailing address:\n\n"
    "{address}\n\n"
    "Letters go to it once you have confirmed it: sign in to the Trusted Trader Portal and select “Confirm the "
    "mailing address”. Until then they go to the previous address.\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU)."}, {
    "Veuillez confirmer la nouvelle adresse postale de votre entreprise",
    "Entreprise : {legal_name}\n\n"
    "Le programme Partenaires en protection a accepté cette nouvelle adresse postale :\n\n"
    "{address}\n\n"
    "Les lettres y seront envoyées lorsque vous l'aurez confirmée : connectez-vous au Portail des négociants "
    "dignes de confiance et sélectionnez « Confirmer l'adresse postale ». D'ici là, elles sont envoyées à "
    "l'adresse précédente.\n\n"
    "Si vous ne vous attendiez pas à ce changement, communiquez avec l'Unité des services techniques aux "
    "clients commerciaux (USTCC)."}},

  MailRow{MailText::mailing_address_replaced, {
    "Your company's mailing address has changed",
    "Company: {legal_name}\n\n"
    "The new mailing address was confirmed. Letters go to this address from now on:\n\n"
    "{address}\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "L'adresse postale de votre entreprise a changé",
    "Entreprise : {legal_name}\n\n"
    "La nouvelle adresse postale a été confirmée. Les lettres sont désormais envoyées à cette adresse :\n\n"
    "{address}\n\n"
    "Si vous ne vous attendiez pas à ce changement, communiquez sans tarder avec l'Unité des services "
    "techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::ownership_offered, {
    "You are offered the ownership of a company's account",
    "Company: {legal_name}\n"
    "Offered by: {from_name}\n\n"
    "The owner of this company's account wishes to transfer its ownership to you. The transfer takes effect "
    "only if you accept it. The offer lapses on {expires_at}.\n\n"
    "The owner must be an employee with signing authority who is authorized to represent the company. To "
    "accept or decline, sign in to the Trusted Trader Portal."}, {
    "La propriété du compte d'une entreprise vous est offerte",
    "Entreprise : {legal_name}\n"
    "Offre faite par : {from_name}\n\n"
    "Le propriétaire du compte de cette entreprise souhaite vous en transférer la propriété. Le transfert ne "
    "prend effet que si vous l'acceptez. L'offre prend fin le {expires_at}.\n\n"
    "Le propriétaire doit être un employé ayant un pouvoir de signature et autorisé à représenter "
    "l'entreprise. Pour accepter ou refuser, connectez-vous au Portail des négociants dignes de confiance."}},

  MailRow{MailText::ownership_offer_withdrawn, {
    "An offer of account ownership was withdrawn",
    "Company: {legal_name}\n\n"
    "The offer to transfer the ownership of this company's account was withdrawn. The owner of the account "
    "has not changed, and there is nothing for you to do."}, {
    "Une offre de propriété de compte a été retirée",
    "Entreprise : {legal_name}\n\n"
    "L'offre de transférer la propriété du compte de cette entreprise a été retirée. Le propriétaire du "
    "compte demeure le même et vous n'avez rien à faire."}},

  MailRow{MailText::ownership_offer_declined, {
    "An offer of account ownership was declined",
    "Company: {legal_name}\n\n"
    "The offer to transfer the ownership of this company's account was declined. The owner of the account "
    "has not changed. The owner can make another offer in the Trusted Trader Portal."}, {
    "Une offre de propriété de compte a été refusée",
    "Entreprise : {legal_name}\n\n"
    "L'offre de transférer la propriété du compte de cette entreprise a été refusée. Le propriétaire du "
    "compte demeure le même. Il peut faire une autre offre dans le Portail des négociants dignes de "
    "confiance."}},

  MailRow{MailText::ownership_offer_lapsed, {
    "An offer of account ownership has lapsed",
    "Company: {legal_name}\n\n"
    "The offer to transfer the ownership of this company's account was not accepted within 30 days and has "
    "lapsed. The owner of the account has not changed. The owner can make another offer in the Trusted "
    "Trader Portal."}, {
    "Une offre de propriété de compte a pris fin",
    "Entreprise : {legal_name}\n\n"
    "L'offre de transférer la propriété du compte de cette entreprise n'a pas été acceptée dans les 30 jours "
    "et a pris fin. Le propriétaire du compte demeure le même. Il peut faire une autre offre dans le Portail "
    "des négociants dignes de confiance."}},

  MailRow{MailText::ownership_given, {
    "You are no longer the owner of a company's account",
    "Company: {legal_name}\n\n"
    "The ownership of this company's account was transferred to {owner_name} on {transferred_at}. You can no "
    "longer submit changes for the company or transfer the ownership of its account.\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "Vous n'êtes plus propriétaire du compte d'une entreprise",
    "Entreprise : {legal_name}\n\n"
    "La propriété du compte de cette entreprise a été transférée à {owner_name} le {transferred_at}. "
    "Vous ne pouvez plus soumettre de modifications pour l'entreprise ni transférer la propriété de son "
    "compte.\n\n"
    "Si vous ne vous attendiez pas à ce changement, communiquez sans tarder avec l'Unité des services "
    "techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::ownership_received, {
    "You are now the owner of a company's account",
    "Company: {legal_name}\n\n"
    "The ownership of this company's account was transferred to you on {transferred_at}. Only you can submit "
    "changes for the company and transfer the ownership of its account. Please transfer it before you leave "
    "your position.\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "Vous êtes maintenant propriétaire du compte d'une entreprise",
    "Entreprise : {legal_name}\n\n"
    "La propriété du compte de cette entreprise vous a été transférée le {transferred_at}. Vous seul pouvez "
    "soumettre des modifications pour l'entreprise et transférer la propriété de son compte. Veuillez la "
    "transférer avant de quitter vos fonctions.\n\n"
    "Si vous ne vous attendiez pas à ce changement, communiquez sans tarder avec l'Unité des services "
    "techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::ownership_changed, {
    "A company's account has a new owner",
    "Company: {legal_name}\n"
    "New owner: {owner_name}\n"
    "Since: {transferred_at}\n\n"
    "Your own access to this company's account has not changed. Only the owner can submit changes for the "
    "company and transfer the ownership of its account.\n\n"
    "If you did not expect this, contact the Technical Commercial Client Unit (TCCU)."}, {
    "Le compte d'une entreprise a un nouveau propriétaire",
    "Entreprise : {legal_name}\n"
    "Nouveau propriétaire : {owner_name}\n"
    "Depuis : {transferred_at}\n\n"
    "Votre propre accès au compte de cette entreprise n'a pas changé. Seul le propriétaire peut soumettre des "
    "modifications pour l'entreprise et transférer la propriété de son compte.\n\n"
    "Si vous ne vous attendiez pas à ce changement, communiquez avec l'Unité des services techniques aux "
    "clients commerciaux (USTCC)."}},

  MailRow{MailText::member_added, {
    "You were added to a company's account",
    "Company: {legal_name}\n"
    "Your role: {role}\n\n"
    "You now have access to this company's account in the Trusted Trader Portal. If you do not know this "
    "company, contact the Technical Commercial Client Unit (TCCU)."}, {
    "Vous avez été ajouté au compte d'une entreprise",
    "Entreprise : {legal_name}\n"
    "Votre rôle : {role}\n\n"
    "Vous avez maintenant accès au compte de cette entreprise dans le Portail des négociants dignes de "
    "confiance. Si vous ne connaissez pas cette entreprise, communiquez avec l'Unité des services techniques "
    "aux clients commerciaux (USTCC)."}},

  MailRow{MailText::member_removed, {
    "You were removed from a company's account",
    "Company: {legal_name}\n\n"
    "You no longer have access to this company's account in the Trusted Trader Portal. Your credential and "
    "your user reference number (URN) remain yours. If you have questions, contact the account owner."}, {
    "Vous avez été retiré du compte d'une entreprise",
    "Entreprise : {legal_name}\n\n"
    "Vous n'avez plus accès au compte de cette entreprise dans le Portail des négociants dignes de "
    "confiance. Vous conservez votre justificatif d'identité et votre numéro de référence d'utilisateur "
    "(NRU). Pour toute question, adressez-vous au propriétaire du compte."}},

  MailRow{MailText::member_role_changed, {
    "Your role in a company's account has changed",
    "Company: {legal_name}\n"
    "Your new role: {role}\n\n"
    "What you can see and do in this company's account may have changed. If you have questions, contact the "
    "account owner."}, {
    "Votre rôle dans le compte d'une entreprise a changé",
    "Entreprise : {legal_name}\n"
    "Votre nouveau rôle : {role}\n\n"
    "Ce que vous pouvez voir et faire dans le compte de cette entreprise peut avoir changé. Pour toute "
    "question, adressez-vous au propriétaire du compte."}},

  MailRow{MailText::member_suspended, {
    "Your access to a company's account is suspended",
    "Company: {legal_name}\n\n"
    "Your access to this company's account in the Trusted Trader Portal is suspended. If you have questions, "
    "contact the account owner."}, {
    "Votre accès au compte d'une entreprise est suspendu",
    "Entreprise : {legal_name}\n\n"
    "Votre accès au compte de cette entreprise dans le Portail des négociants dignes de confiance est "
    "suspendu. Pour toute question, adressez-vous au propriétaire du compte."}},

  MailRow{MailText::member_reinstated, {
    "Your access to a company's account is restored",
    "Company: {legal_name}\n\n"
    "The suspension of your access to this company's account in the Trusted Trader Portal has been "
    "lifted."}, {
    "Votre accès au compte d'une entreprise est rétabli",
    "Entreprise : {legal_name}\n\n"
    "La suspension de votre accès au compte de cette entreprise dans le Portail des négociants dignes de "
    "confiance a été levée."}},

  MailRow{MailText::member_reactivated, {
    "Your access to a company's account was reactivated",
    "Company: {legal_name}\n\n"
    "The account owner has reactivated your access to this company's account in the Trusted Trader "
    "Portal."}, {
    "Votre accès au compte d'une entreprise a été réactivé",
    "Entreprise : {legal_name}\n\n"
    "Le propriétaire du compte a réactivé votre accès au compte de cette entreprise dans le Portail des "
    "négociants dignes de confiance."}},

  MailRow{MailText::credential_changed, {
    "Your Trusted Trader Portal information was changed",
    "Changed: {part}\n"
    "Date: {changed_at}\n\n"
    "If you made this change, there is nothing for you to do. If you did not, contact the Technical "
    "Commercial Client Unit (TCCU) at once. This message is sent to every address concerned."}, {
    "Vos renseignements dans le Portail des négociants dignes de confiance ont été modifiés",
    "Renseignement modifié : {part}\n"
    "Date : {changed_at}\n\n"
    "Si vous avez fait cette modification, vous n'avez rien à faire. Sinon, communiquez sans tarder avec "
    "l'Unité des services techniques aux clients commerciaux (USTCC). Ce message est envoyé à chaque adresse "
    "concernée."}},

  MailRow{MailText::attempts_failed, {
    "Failed attempts to sign in",
    "On {failed_at}, {attempts} attempts in a row to use your credential for the Trusted Trader Portal had "
    "failed: the password or a code was wrong.\n\n"
    "If these attempts were yours, wait until the time that the portal shows, then try again. If they were "
    "not, there is nothing that you must do: nobody gets in without your password and the code that we mail "
    "to you, and a browser with which you have signed in before is not held up. Tell the Technical Commercial "
    "Client Unit (TCCU) if it goes on."}, {
    "Tentatives de connexion infructueuses",
    "Le {failed_at}, {attempts} tentatives consécutives d'utiliser votre justificatif d'identité du Portail "
    "des négociants dignes de confiance avaient échoué : le mot de passe ou un code était erroné.\n\n"
    "Si ces tentatives étaient les vôtres, attendez l'heure que le portail indique, puis réessayez. Sinon, vous "
    "n'avez rien à faire : personne n'entre sans votre mot de passe et le code que nous vous envoyons, et un "
    "navigateur avec lequel vous avez déjà ouvert une session n'est pas retenu. Avisez l'Unité des services "
    "techniques aux clients commerciaux (USTCC) si cela continue."}},

  MailRow{MailText::credential_locked, {
    "Your credential is locked",
    "After too many failed attempts to sign in, your credential for the Trusted Trader Portal was locked on "
    "{locked_at} for every browser and device with which you have not signed in before. Those with which you "
    "have signed in still work.\n\n"
    "To have it unlocked, contact the Technical Commercial Client Unit (TCCU). If these attempts were not "
    "yours, tell the TCCU."}, {
    "Votre justificatif d'identité est verrouillé",
    "À la suite d'un trop grand nombre de tentatives de connexion infructueuses, votre justificatif "
    "d'identité pour le Portail des négociants dignes de confiance a été verrouillé le {locked_at} pour tout "
    "navigateur ou appareil avec lequel vous n'avez jamais ouvert de session. Les autres fonctionnent "
    "toujours.\n\n"
    "Pour le faire déverrouiller, communiquez avec l'Unité des services techniques aux clients commerciaux "
    "(USTCC). Si ces tentatives n'étaient pas les vôtres, signalez-le à l'USTCC."}},

  MailRow{MailText::device_locked, {
    "Your credential is locked on one device",
    "After too many failed attempts, your credential for the Trusted Trader Portal was locked on {locked_at} "
    "for a browser or device with which you had signed in before. Its sessions have ended. Your other browsers "
    "and devices still work.\n\n"
    "To have it unlocked, contact the Technical Commercial Client Unit (TCCU). If these attempts were not "
    "yours, somebody else uses this device: change your password, and tell the TCCU."}, {
    "Votre justificatif d'identité est verrouillé sur un appareil",
    "À la suite d'un trop grand nombre de tentatives infructueuses, votre justificatif d'identité pour le "
    "Portail des négociants dignes de confiance a été verrouillé le {locked_at} pour un navigateur ou un "
    "appareil avec lequel vous aviez déjà ouvert une session. Ses sessions sont terminées. Vos autres "
    "navigateurs et appareils fonctionnent toujours.\n\n"
    "Pour le faire déverrouiller, communiquez avec l'Unité des services techniques aux clients commerciaux "
    "(USTCC). Si ces tentatives n'étaient pas les vôtres, quelqu'un d'autre utilise cet appareil : changez "
    "votre mot de passe et avisez l'USTCC."}},

  MailRow{MailText::credential_unlocked, {
    "Your credential is unlocked",
    "Your credential for the Trusted Trader Portal was unlocked on {unlocked_at}. Your sessions have ended; "
    "you can sign in again.\n\n"
    "If you did not ask for this, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "Votre justificatif d'identité est déverrouillé",
    "Votre justificatif d'identité pour le Portail des négociants dignes de confiance a été déverrouillé le "
    "{unlocked_at}. Vos sessions sont terminées; vous pouvez vous connecter de nouveau.\n\n"
    "Si vous n'avez pas demandé ce déverrouillage, communiquez sans tarder avec l'Unité des services "
    "techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::sessions_ended, {
    "Your sessions were ended",
    "The Technical Commercial Client Unit (TCCU) ended your session or sessions in the Trusted Trader Portal on "
    "{ended_at}.\n\n"
    "Reason: {reason}\n\n"
    "You can sign in again. If you have questions, contact the TCCU."}, {
    "Vos sessions ont été fermées",
    "L'Unité des services techniques aux clients commerciaux (USTCC) a fermé votre session ou vos sessions du "
    "Portail des négociants dignes de confiance le {ended_at}.\n\n"
    "Motif : {reason}\n\n"
    "Vous pouvez ouvrir une nouvelle session. Si vous avez des questions, communiquez avec l'USTCC."}},

  MailRow{MailText::recovery_proposed, {
    "Somebody asked to recover your access",
    "Company: {legal_name}\n\n"
    "Somebody who said to be you asked the Technical Commercial Client Unit (TCCU) for a new password to the "
    "Trusted Trader Portal. Their identity was checked. If a second officer agrees by {lapses_at}, a permit "
    "will be sent by registered mail to this company's address.\n\n"
    "If it was not you, sign in to the portal and object to the recovery, or contact the TCCU at once."}, {
    "Quelqu'un a demandé à récupérer votre accès",
    "Entreprise : {legal_name}\n\n"
    "Une personne disant être vous a demandé à l'Unité des services techniques aux clients commerciaux "
    "(USTCC) un nouveau mot de passe pour le Portail des négociants dignes de confiance. Son identité a été "
    "vérifiée. Si un second agent l'approuve au plus tard le {lapses_at}, un permis sera envoyé par courrier "
    "recommandé à l'adresse de cette entreprise.\n\n"
    "Si ce n'était pas vous, connectez-vous au portail et opposez-vous à la récupération, ou communiquez sans "
    "tarder avec l'USTCC."}},

  MailRow{MailText::recovery_permitted, {
    "A permit to recover your access is on its way",
    "Company: {legal_name}\n\n"
    "The Technical Commercial Client Unit (TCCU) has checked the identity of somebody who said to be you, and "
    "is sending a permit by registered mail to this company's address. Until {expires_at} the permit, with "
    "your user reference number and your family name, sets a new password for your credential.\n\n"
    "If it was not you, sign in to the Trusted Trader Portal and object to the recovery, or contact the TCCU "
    "at once."}, {
    "Un permis pour récupérer votre accès est en route",
    "Entreprise : {legal_name}\n\n"
    "L'Unité des services techniques aux clients commerciaux (USTCC) a vérifié l'identité d'une personne "
    "disant être vous et envoie un permis par courrier recommandé à l'adresse de cette entreprise. Jusqu'au "
    "{expires_at}, ce permis, avec votre numéro de référence d'utilisateur et votre nom de famille, permet "
    "d'établir un nouveau mot de passe pour votre justificatif d'identité.\n\n"
    "Si ce n'était pas vous, connectez-vous au Portail des négociants dignes de confiance et opposez-vous à "
    "la récupération, ou communiquez sans tarder avec l'USTCC."}},

  MailRow{MailText::recovery_ended, {
    "The recovery of your access has ended",
    "The recovery of your access to the Trusted Trader Portal has ended without a new password. {end}\n\n"
    "If you still need it, or if you did not ask for it, contact the Technical Commercial Client Unit "
    "(TCCU)."}, {
    "La récupération de votre accès a pris fin",
    "La récupération de votre accès au Portail des négociants dignes de confiance a pris fin sans nouveau mot "
    "de passe. {end}\n\n"
    "Si vous en avez encore besoin, ou si vous ne l'aviez pas demandée, communiquez avec l'Unité des services "
    "techniques aux clients commerciaux (USTCC)."}},

  MailRow{MailText::recovered, {
    "Your access was recovered",
    "On {recovered_at} a new password was set for your credential for the Trusted Trader Portal, with the "
    "permit that was sent to your company by registered mail. All your sessions were ended.\n\n"
    "If it was not you, contact the Technical Commercial Client Unit (TCCU) at once."}, {
    "Votre accès a été récupéré",
    "Le {recovered_at}, un nouveau mot de passe a été établi pour votre justificatif d'identité pour le "
    "Portail des négociants dignes de confiance, à l'aide du permis envoyé à votre entreprise par courrier "
    "recommandé. Toutes vos sessions ont été fermées.\n\n"
    "Si ce n'était pas vous, communiquez sans tarder avec l'Unité des services techniques aux clients "
    "commerciaux (USTCC)."}},

  MailRow{MailText::membership_changed, {
    "Your company's membership status has changed",
    "Company: {legal_name}\n"
    "Membership status in the Partners in Protection program: {status}{remark_paragraph}\n\n"
    "Details are on your dashboard in the Trusted Trader Portal."}, {
    "Le statut de membre de votre entreprise a changé",
    "Entreprise : {legal_name}\n"
    "Statut de membre du programme Partenaires en protection : {status}{remark_paragraph}\n\n"
    "Les détails figurent à votre tableau de bord dans le Portail des négociants dignes de confiance."}},

  MailRow{MailText::submission_received, {
    "We have received your company's submission",
    "Company: {legal_name}\n"
    "Received: {received_at}\n\n"
    "Your company's submission to the Partners in Protection program is being reviewed. During the review "
    "you can save drafts, but not submit them. We will write to you when a decision is made."}, {
    "Nous avons reçu l'envoi de votre entreprise",
    "Entreprise : {legal_name}\n"
    "Reçu : {received_at}\n\n"
    "L'envoi de votre entreprise au programme Partenaires en protection est à l'étude. Pendant l'examen, "
    "vous pouvez enregistrer des ébauches, mais non les soumettre. Nous vous écrirons lorsqu'une décision "
    "aura été prise."}},

  MailRow{MailText::submission_returned, {
    "Your company's submission was returned for changes",
    "Company: {legal_name}\n\n"
    "A program officer has returned your company's submission to the Partners in Protection program with "
    "these remarks:\n\n"
    "{remarks}\n\n"
    "Make the changes in the Trusted Trader Portal; the account owner can then submit again."}, {
    "L'envoi de votre entreprise vous a été retourné pour modification",
    "Entreprise : {legal_name}\n\n"
    "Un agent du programme a retourné l'envoi de votre entreprise au programme Partenaires en protection "
    "avec les remarques suivantes :\n\n"
    "{remarks}\n\n"
    "Apportez les modifications dans le Portail des négociants dignes de confiance; le propriétaire du "
    "compte pourra ensuite soumettre de nouveau."}},

  MailRow{MailText::informal_review_answered, {
    "Answer to your request for an informal review",
    "Company: {legal_name}\n\n"
    "A program officer has answered your company's request for an informal review:\n\n"
    "{answer}\n\n"
    "Your company's membership status is on your dashboard in the Trusted Trader Portal."}, {
    "Réponse à votre demande d'examen informel",
    "Entreprise : {legal_name}\n\n"
    "Un agent du programme a répondu à la demande d'examen informel de votre entreprise :\n\n"
    "{answer}\n\n"
    "Le statut de membre de votre entreprise figure à votre tableau de bord dans le Portail des négociants "
    "dignes de confiance."}},

  MailRow{MailText::appeal_answered, {
    "Answer to your appeal",
    "Company: {legal_name}\n\n"
    "A program officer has answered your company's appeal:\n\n"
    "{answer}\n\n"
    "Your company's membership status is on your dashboard in the Trusted Trader Portal."}, {
    "Réponse à votre appel",
    "Entreprise : {legal_name}\n\n"
    "Un agent du programme a répondu à l'appel de votre entreprise :\n\n"
    "{answer}\n\n"
    "Le statut de membre de votre entreprise figure à votre tableau de bord dans le Portail des négociants "
    "dignes de confiance."}},

  MailRow{MailText::annual_confirmation_due, {
    "Please confirm your company's information",
    "Company: {legal_name}\n\n"
    "Once a year, members of the Partners in Protection program sign in to the Trusted Trader Portal and "
    "confirm that their company's information is correct. Please do so by {due_at}."}, {
    "Veuillez confirmer les renseignements de votre entreprise",
    "Entreprise : {legal_name}\n\n"
    "Une fois par année, les membres du programme Partenaires en protection se connectent au Portail des "
    "négociants dignes de confiance et confirment que les renseignements de leur entreprise sont exacts. "
    "Veuillez le faire au plus tard le {due_at}."}},

  MailRow{MailText::revalidation_announced, {
    "Your company's membership will be revalidated",
    "Company: {legal_name}\n"
    "Revalidation due: {due_at}\n\n"
    "Membership in the Partners in Protection program is revalidated every four years. Please bring your "
    "company, application and security profiles up to date in the Trusted Trader Portal before then."}, {
    "L'adhésion de votre entreprise fera l'objet d'une revalidation",
    "Entreprise : {legal_name}\n"
    "Date de la revalidation : {due_at}\n\n"
    "L'adhésion au programme Partenaires en protection est revalidée tous les quatre ans. Veuillez mettre à "
    "jour d'ici là les profils de l'entreprise, de demande et de sécurité dans le Portail des négociants "
    "dignes de confiance."}},
};

constexpr std::array phrases{
  PhraseRow{Phrase::mail_opening, "Hello,", "Bonjour,"},
  PhraseRow{Phrase::mail_closing,
    "Trusted Trader Portal\n"
    "Partners in Protection program, Canada Border Services Agency\n\n"
    "This message was sent automatically; please do not reply to it. Questions: pip-pep@cbsa-asfc.gc.ca",
    "Portail des négociants dignes de confiance\n"
    "Programme Partenaires en protection, Agence des services frontaliers du Canada\n\n"
    "Ce message a été envoyé automatiquement; veuillez ne pas y répondre. Questions : "
    "pip-pep@cbsa-asfc.gc.ca"},
  PhraseRow{Phrase::other_language_follows, "(Le français suit.)", "(English follows.)"},
  PhraseRow{Phrase::sender_name, "Trusted Trader Portal", "Portail des négociants dignes de confiance"},
  PhraseRow{Phrase::remark_paragraph, "\n\nRemark from the program:\n\n{remark}",
    "\n\nRemarque du programme :\n\n{remark}"},
  PhraseRow{Phrase::role_owner, "account owner", "propriétaire du compte"},
  PhraseRow{Phrase::role_proxy_owner, "proxy account owner", "propriétaire du compte mandataire"},
  PhraseRow{Phrase::role_full_access, "full-access user", "utilisateur à accès complet"},
  PhraseRow{Phrase::role_administrative, "administrative user", "utilisateur-administrateur"},
  PhraseRow{Phrase::part_password, "your password", "votre mot de passe"},
  PhraseRow{Phrase::part_email, "your e-mail address", "votre adresse de courriel"},
  PhraseRow{Phrase::part_telephone, "your telephone number", "votre numéro de téléphone"},
  PhraseRow{Phrase::part_names, "your name", "votre nom"},
  PhraseRow{Phrase::code_replaced,
    "A new activation code has replaced it and is on its way by registered mail. Please use the code in the "
    "latest letter.",
    "Un nouveau code d'activation l'a remplacé et vous parviendra par courrier recommandé. Veuillez utiliser "
    "le code de la lettre la plus récente."},
  PhraseRow{Phrase::code_tried_too_often,
    "A wrong code was entered 20 times, so the code was voided for your protection. To obtain another one, "
    "sign in to the Trusted Trader Portal and select \"Request a new activation code\".",
    "Un code erroné a été entré 20 fois; par mesure de protection, le code a été annulé. Pour en obtenir un "
    "autre, connectez-vous au Portail des négociants dignes de confiance et sélectionnez « Demander un "
    "nouveau code d'activation »."},
  PhraseRow{Phrase::code_address_changed,
    "Your company's mailing address was changed, so a code that was meant for the old address was voided. "
    "Sign in to the Trusted Trader Portal and confirm the new address: a letter with a new code will then be "
    "sent to it.",
    "L'adresse postale de votre entreprise a été modifiée; le code destiné à l'ancienne adresse a donc été "
    "annulé. Connectez-vous au Portail des négociants dignes de confiance et confirmez la nouvelle adresse : "
    "une lettre avec un nouveau code y sera alors envoyée."},
  PhraseRow{Phrase::case_letter_sent_again, "We are sending the letter again, by registered mail.",
    "Nous envoyons la lettre de nouveau, par courrier recommandé."},
  PhraseRow{Phrase::case_new_code,
    "We have issued a new activation code, which is on its way by registered mail. The code in the missing "
    "letter can no longer be used.",
    "Nous avons émis un nouveau code d'activation, qui vous parviendra par courrier recommandé. Le code de "
    "la lettre manquante ne peut plus être utilisé."},
  PhraseRow{Phrase::case_closed, "We have closed the case without sending another letter.",
    "Nous avons fermé le dossier sans envoyer d'autre lettre."},
  PhraseRow{Phrase::enrolment_withdrawn, "You have withdrawn this company's enrolment.",
    "Vous avez retiré l'inscription de cette entreprise."},
  PhraseRow{Phrase::enrolment_never_confirmed,
    "This company's enrolment has lapsed, because its mailing address was not confirmed within 30 days.",
    "L'inscription de cette entreprise a pris fin, car son adresse postale n'a pas été confirmée dans les 30 "
    "jours."},
  PhraseRow{Phrase::enrolment_never_activated,
    "This company's enrolment has lapsed, because the account was not activated within 90 days after its "
    "last activation code had ended.",
    "L'inscription de cette entreprise a pris fin, car le compte n'a pas été activé dans les 90 jours après "
    "la fin de son dernier code d'activation."},
  PhraseRow{Phrase::enrolment_released,
    "The Technical Commercial Client Unit (TCCU) has ended this company's enrolment. If the company is "
    "yours, contact the TCCU.",
    "L'Unité des services techniques aux clients commerciaux (USTCC) a mis fin à l'inscription de cette "
    "entreprise. Si l'entreprise est la vôtre, communiquez avec l'USTCC."},
  PhraseRow{Phrase::recovery_lapsed, "No second officer approved it within 14 days.",
    "Aucun second agent ne l'a approuvée dans les 14 jours."},
  PhraseRow{Phrase::recovery_withdrawn, "An officer withdrew it.", "Un agent l'a retirée."},
  PhraseRow{Phrase::recovery_objected, "You objected to it.", "Vous vous y êtes opposé."},
  PhraseRow{Phrase::permit_tried_too_often, "A wrong permit was entered five times.",
    "Un permis erroné a été entré cinq fois."},
  PhraseRow{Phrase::permit_expired, "The permit was not used within 30 days.",
    "Le permis n'a pas été utilisé dans les 30 jours."},
  PhraseRow{Phrase::permit_letter_returned, "Canada Post returned the letter with the permit.",
    "Postes Canada nous a retourné la lettre contenant le permis."},
  PhraseRow{Phrase::attention, "Attention: {names}", "À l'attention de : {names}"},
  PhraseRow{Phrase::agency, "Canada Border Services Agency", "Agence des services frontaliers du Canada"},
  PhraseRow{Phrase::programme, "Partners in Protection", "Partenaires en protection"},
  PhraseRow{Phrase::registered_mail, "Registered mail", "Courrier recommandé"},
  PhraseRow{Phrase::letter_number, "Letter", "Lettre"},
  PhraseRow{Phrase::client_number, "Client number", "Numéro de client"},
  PhraseRow{Phrase::activation_code, "Activation code", "Code d'activation"},
  PhraseRow{Phrase::code_expires, "This code expires on {expires_at}.", "Ce code expire le {expires_at}."},
  PhraseRow{Phrase::recovery_permit, "Permit", "Permis"},
  PhraseRow{Phrase::permit_expires, "This permit expires on {expires_at}.", "Ce permis expire le {expires_at}."},
  PhraseRow{Phrase::activation_letter_title, "Activating your company's account",
    "Activation du compte de votre entreprise"},
  PhraseRow{Phrase::client_number_letter_title, "Your company's client number",
    "Numéro de client de votre entreprise"},
  PhraseRow{Phrase::recovery_letter_title, "Recovering your access to the portal",
    "Récupération de votre accès au portail"},
  PhraseRow{Phrase::activation_letter_body,
    "Your company is enrolled in the Trusted Trader Portal. The client number and the activation code above "
    "activate its account.\n"
    "# How to activate the account\n"
    "1. Sign in to the Trusted Trader Portal with your own credential (GCKey or Sign-In Partner).\n"
    "2. Select “Activate your company's account”.\n"
    "3. Enter the client number and the activation code. Capital or small letters, spaces and dashes make no "
    "difference.\n"
    "4. Select “Activate company account”, then read and accept the terms of use.\n"
    "Only the account owner can do this. Nothing in the account can be changed until the program's terms of "
    "use are accepted.\n"
    "# If the code has expired\n"
    "Sign in to the portal and select “Request a new activation code”. It will come by registered mail. Your "
    "client number stays the same.\n"
    "# Keep the code secret\n"
    "We will never ask you for it by telephone or e-mail.\n"
    "# Questions and other formats\n"
    "Write to pip-pep@cbsa-asfc.gc.ca. You can also ask there for this letter in an accessible format, such "
    "as large print, braille or audio.",
    "Votre entreprise est inscrite dans le Portail des négociants dignes de confiance. Le numéro de client "
    "et le code d'activation ci-dessus servent à activer son compte.\n"
    "# Comment activer le compte\n"
    "1. Connectez-vous au Portail des négociants dignes de confiance avec votre propre justificatif "
    "d'identité (cléGC ou Partenaire de connexion).\n"
    "2. Sélectionnez « Activation du compte de votre entreprise ».\n"
    "3. Entrez le numéro de client et le code d'activation. Les majuscules, les minuscules, les espaces et "
    "les tirets sont sans importance.\n"
    "4. Sélectionnez « Activer le compte de l'entreprise », puis lisez et acceptez les modalités "
    "d'utilisation.\n"
    "Seul le propriétaire du compte peut le faire. Rien ne peut être modifié dans le compte tant que les "
    "modalités d'utilisation du programme n'ont pas été acceptées.\n"
    "# Si le code a expiré\n"
    "Connectez-vous au portail et sélectionnez « Demander un nouveau code d'activation ». Il vous parviendra "
    "par courrier recommandé. Votre numéro de client demeure le même.\n"
    "# Gardez le code secret\n"
    "Nous ne vous le demanderons jamais par téléphone ni par courriel.\n"
    "# Questions et autres formats\n"
    "Écrivez à pip-pep@cbsa-asfc.gc.ca. Vous pouvez aussi y demander cette lettre dans un format accessible, "
    "comme les gros caractères, le braille ou l'audio."},
  PhraseRow{Phrase::client_number_letter_body,
    "At the request of a user of your company's account, here is your company's client number in the "
    "Partners in Protection program.\n"
    "# What it is for\n"
    "The client number identifies your company to the program. It is asked for, with an activation code, "
    "when the account is activated in the Trusted Trader Portal. This letter contains no activation code; "
    "the account owner can ask for one in the portal.\n"
    "# Questions and other formats\n"
    "Write to pip-pep@cbsa-asfc.gc.ca, also if nobody in your company asked for this letter. You can also "
    "ask there for this letter in an accessible format, such as large print, braille or audio.",
    "À la demande d'un utilisateur du compte de votre entreprise, voici le numéro de client de votre "
    "entreprise dans le programme Partenaires en protection.\n"
    "# À quoi il sert\n"
    "Le numéro de client identifie votre entreprise auprès du programme. Il est exigé, avec un code "
    "d'activation, pour activer le compte dans le Portail des négociants dignes de confiance. La présente "
    "lettre ne contient pas de code d'activation; le propriétaire du compte peut en demander un dans le "
    "portail.\n"
    "# Questions et autres formats\n"
    "Écrivez à pip-pep@cbsa-asfc.gc.ca, y compris si personne dans votre entreprise n'a demandé cette "
    "lettre. Vous pouvez aussi y demander cette lettre dans un format accessible, comme les gros caractères, "
    "le braille ou l'audio."},
  PhraseRow{Phrase::recovery_letter_body,
    "The person named in the address asked us for a way back into the Trusted Trader Portal, and showed us "
    "who they are. If you are not that person, please hand them this letter. The permit above sets a new password for their "
    "credential.\n"
    "# How to use the permit\n"
    "1. Go to the Trusted Trader Portal and select “Recover access”.\n"
    "2. Enter your user reference number, your family name and the permit. Capital or small letters, spaces "
    "and dashes make no difference in the permit.\n"
    "3. Choose a new password and, if you no longer read your old mailbox, a new e-mail address.\n"
    "The permit works once. The service desk (TCCU) tells you your user reference number.\n"
    "# If you did not ask for this\n"
    "Do not use the permit. Contact the Technical Commercial Client Unit (TCCU) at once.\n"
    "# Keep the permit secret\n"
    "We will never ask you for it by telephone or e-mail.\n"
    "# Questions and other formats\n"
    "Write to pip-pep@cbsa-asfc.gc.ca. You can also ask there for this letter in an accessible format, such "
    "as large print, braille or audio.",
    "La personne nommée dans l'adresse nous a demandé de retrouver son accès au Portail des négociants dignes "
    "de confiance et nous a prouvé son identité. Si vous n'êtes pas cette personne, veuillez lui remettre cette lettre. Le permis "
    "ci-dessus sert à établir un nouveau mot de passe pour son justificatif d'identité.\n"
    "# Comment utiliser le permis\n"
    "1. Allez au Portail des négociants dignes de confiance et sélectionnez « Récupérer mon accès ».\n"
    "2. Entrez votre numéro de référence d'utilisateur, votre nom de famille et le permis. Les majuscules, "
    "les minuscules, les espaces et les tirets du permis sont sans importance.\n"
    "3. Choisissez un nouveau mot de passe et, si vous ne lisez plus votre ancienne boîte de courriel, une "
    "nouvelle adresse de courriel.\n"
    "Le permis ne sert qu'une fois. L'USTCC vous communique votre numéro de référence d'utilisateur.\n"
    "# Si vous n'avez rien demandé\n"
    "N'utilisez pas le permis. Communiquez sans tarder avec l'Unité des services techniques aux clients "
    "commerciaux (USTCC).\n"
    "# Gardez le permis secret\n"
    "Nous ne vous le demanderons jamais par téléphone ni par courriel.\n"
    "# Questions et autres formats\n"
    "Écrivez à pip-pep@cbsa-asfc.gc.ca. Vous pouvez aussi y demander cette lettre dans un format accessible, "
    "comme les gros caractères, le braille ou l'audio."},
};

constexpr std::array<std::string_view, 12> months_en{
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December"};
constexpr std::array<std::string_view, 12> months_fr{
  "janvier", "février", "mars", "avril", "mai", "juin",
  "juillet", "août", "septembre", "octobre", "novembre", "décembre"};
// clang-format on

template <class Rows, class Id>
constexpr bool one_row_each(const Rows& rows, Id last) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].id) != i) return false;
  return rows.size() == static_cast<std::size_t>(last) + 1;
}

/// Whether `b` contains every placeholder of `a`.
constexpr bool placeholders_within(std::string_view a, std::string_view b) {
  for (std::size_t open = a.find('{'); open != a.npos; open = a.find('{', open + 1)) {
    const std::size_t close = a.find('}', open);
    if (close == a.npos || b.find(a.substr(open, close - open + 1)) == b.npos) return false;
  }
  return true;
}

constexpr bool same_placeholders(std::string_view a, std::string_view b) {
  return placeholders_within(a, b) && placeholders_within(b, a);
}

static_assert(one_row_each(mails, MailText::revalidation_announced),
              "a mail text without a row, or out of order");
static_assert(one_row_each(phrases, Phrase::recovery_letter_body), "a phrase without a row, or out of order");
static_assert(std::ranges::all_of(mails, [](const MailRow& row) {
  return same_placeholders(row.en.subject, row.fr.subject) && same_placeholders(row.en.body, row.fr.body);
}));
static_assert(std::ranges::all_of(phrases,
                                  [](const PhraseRow& row) { return same_placeholders(row.en, row.fr); }));

}  // namespace

std::string PersonName::full() const {
  if (given_names.empty()) return family_name.text();
  return given_names.text() + " " + family_name.text();
}

Wording wording(MailText text, Language language) {
  const auto& row = mails.at(static_cast<std::size_t>(text));
  return language == Language::fr ? row.fr : row.en;
}

std::string_view phrase(Phrase phrase, Language language) {
  const auto& row = phrases.at(static_cast<std::size_t>(phrase));
  return language == Language::fr ? row.fr : row.en;
}

std::string fill(std::string_view text, const Values& values) {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find('{', at), text.size());
    filled += text.substr(at, open - at);
    if (open == text.size()) break;
    const std::size_t close = text.find('}', open);
    const auto name = text.substr(open + 1, close - open - 1);
    const auto value = std::ranges::find(values, name, &Values::value_type::first);
    assert(value != values.end() && "a placeholder of texts.cpp that its mail or letter does not fill");
    filled += value->second;
    at = close + 1;
  }
  return filled;
}

std::string written_date(Time time, Language language) {
  const domain::Date date = domain::local_date(time);
  const auto year = static_cast<int>(date.year());
  const auto day = static_cast<unsigned>(date.day());
  const std::size_t month = static_cast<unsigned>(date.month()) - 1;
  if (language == Language::en) return fmt::format("{} {}, {}", months_en.at(month), day, year);
  return fmt::format("{}{} {} {}", day, day == 1 ? "er" : "", months_fr.at(month), year);
}

std::string written_moment(Time time, Language language) {
  const Time local = domain::local_clock(time);
  const std::chrono::hh_mm_ss clock{local - std::chrono::floor<domain::days>(local)};
  const auto hour = clock.hours().count();
  const auto minute = clock.minutes().count();
  if (language == Language::en)
    return fmt::format("{}, at {:02}:{:02} (Eastern time)", written_date(time, language), hour, minute);
  return fmt::format("{} à {}\u00a0h\u00a0{:02} (heure de l'Est)", written_date(time, language), hour,
                     minute);
}

}  // namespace ttp::delivery
