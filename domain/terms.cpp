#include "domain/terms.hpp"

#include <algorithm>

namespace ttp::domain {
namespace {

using namespace std::chrono;

// A text that has been in force is never edited: a change is a new row with the next version.

constexpr TermsText portal[] = {
    {1, "Terms of use of the Trusted Trader Portal",
     "Modalités d'utilisation du Portail des négociants dignes de confiance",
     "1. Your credential. Your credential, whether a GCKey or one of a sign-in partner, is yours alone. You "
     "do not tell anyone your password or your one-time codes, and you do not let anyone act in your "
     "name.\n\n"
     "2. Your details. You keep your name, e-mail address and telephone number up to date. You keep your "
     "user reference number (URN) in a safe place; it expires if you do not sign in at least once every two "
     "years.\n\n"
     "3. Your role. For a company you do only what the role that its account owner gave you allows, and only "
     "while you are entitled to act for that company.\n\n"
     "4. What you tell us. What you enter is true and complete to the best of your knowledge. You correct "
     "what you find to be wrong.\n\n"
     "5. Records. What is done in the portal is recorded with the time and the person who did it. Programme "
     "staff and auditors may read these records.\n\n"
     "6. Personal information. Your personal information is used to run the portal and the programmes "
     "reached through it, and is protected under the Privacy Act. You can ask to see it and to have it "
     "corrected.\n\n"
     "7. Misuse. If you believe that someone else has used your credential, you tell the service desk at "
     "once. Access that is misused can be suspended or withdrawn.\n\n"
     "8. Changes. When these terms change, you are shown the new ones when you next sign in, and you can use "
     "the portal once you have accepted them.",
     "1. Votre justificatif d'identité. Votre justificatif d'identité, qu'il s'agisse d'une cléGC ou de "
     "celui d'un partenaire de connexion, vous est strictement personnel. Vous ne dévoilez à personne votre "
     "mot de passe ni vos codes à usage unique, et vous ne laissez personne agir en votre nom.\n\n"
     "2. Vos coordonnées. Vous tenez à jour votre nom, votre adresse de courriel et votre numéro de "
     "téléphone. Vous conservez en lieu sûr votre numéro de référence d'utilisateur (NRU); il expire si vous "
     "ne vous connectez pas au moins une fois tous les deux ans.\n\n"
     "3. Votre rôle. Pour une entreprise, vous ne faites que ce que permet le rôle que le propriétaire du "
     "compte vous a attribué, et seulement tant que vous êtes autorisé à agir pour cette entreprise.\n\n"
     "4. Vos déclarations. Les renseignements que vous fournissez sont, à votre connaissance, véridiques et "
     "complets. Vous corrigez ceux que vous savez inexacts.\n\n"
     "5. Consignation. Les actions effectuées dans le portail sont consignées, avec l'heure et l'identité de "
     "leur auteur. Le personnel du programme et les vérificateurs peuvent consulter ces dossiers.\n\n"
     "6. Renseignements personnels. Vos renseignements personnels servent à assurer le fonctionnement du "
     "portail et des programmes auxquels il donne accès; ils sont protégés par la Loi sur la protection des "
     "renseignements personnels. Vous pouvez demander à les consulter et à les faire corriger.\n\n"
     "7. Utilisation abusive. Si vous croyez qu'une autre personne a utilisé votre justificatif d'identité, "
     "vous en avisez immédiatement le bureau de service. L'accès utilisé de façon abusive peut être suspendu "
     "ou retiré.\n\n"
     "8. Modifications. Lorsque les présentes modalités changent, les nouvelles vous sont présentées à votre "
     "prochaine ouverture de session, et vous pouvez utiliser le portail une fois que vous les avez "
     "acceptées.",
     year{2025} / January / 1},
};

constexpr TermsText mail_factor[] = {
    {1, "Terms of multi-factor authentication by e-mail",
     "Modalités de l'authentification à facteurs multiples par courriel",
     "1. What it is. Each time you sign in, a new six-digit one-time code is sent to the e-mail address on "
     "file for you. You enter it to show that it is you.\n\n"
     "2. The code is yours alone. You do not pass it on, and you do not forward the e-mail. Nobody from the "
     "programme will ever ask you for it.\n\n"
     "3. How long it works. A code works once, for ten minutes, in the browser in which you asked for it. A "
     "new code replaces the one before it.\n\n"
     "4. Your mailbox. You use a mailbox that only you can read, you keep it protected, and you give us a "
     "new address before you lose the old one.\n\n"
     "5. Wrong codes. After wrong codes you have to wait, each time longer. After 100 failures in a row your "
     "credential is locked until the service desk unlocks it.\n\n"
     "6. A code you did not ask for. If you receive one, somebody may know your password. You change it and "
     "tell the service desk.",
     "1. En quoi elle consiste. Chaque fois que vous ouvrez une session, un nouveau code à usage unique de "
     "six chiffres est envoyé à l'adresse de courriel inscrite à votre dossier. Vous le saisissez pour "
     "confirmer votre identité.\n\n"
     "2. Un code strictement personnel. Vous ne communiquez le code à personne et vous ne transférez pas le "
     "courriel. Personne du programme ne vous le demandera jamais.\n\n"
     "3. Durée de validité. Un code sert une seule fois, pendant dix minutes, dans le navigateur où vous "
     "l'avez demandé. Un nouveau code remplace le précédent.\n\n"
     "4. Votre boîte de réception. Vous utilisez une boîte de réception que vous seul pouvez consulter, vous "
     "la protégez et vous nous donnez une nouvelle adresse avant de perdre l'ancienne.\n\n"
     "5. Codes erronés. Après des codes erronés, vous devez attendre, chaque fois plus longtemps. Après 100 "
     "échecs consécutifs, votre justificatif d'identité est verrouillé jusqu'à ce que le bureau de service "
     "le déverrouille.\n\n"
     "6. Code non demandé. Si vous recevez un code que vous n'avez pas demandé, quelqu'un connaît peut-être "
     "votre mot de passe. Vous le changez et vous en avisez le bureau de service.",
     year{2025} / January / 1},
};

constexpr TermsText programme[] = {
    {1, "Terms of use of the Partners in Protection programme",
     "Modalités d'utilisation du programme Partenaires en protection",
     "1. Who is bound. These terms bind the company. They are accepted by the account owner, who is an "
     "employee with signing authority and is entitled to represent the company officially.\n\n"
     "2. The account. The account is authorised once these terms are accepted; before that nothing on it can "
     "be changed. The account always has exactly one owner, who transfers the ownership before leaving that "
     "function.\n\n"
     "3. Users. The owner chooses who uses the account and with which role, sees to it that users who leave "
     "are removed, and answers for what users do on the company's behalf. Only the owner, not a proxy owner, "
     "submits an application or changes.\n\n"
     "4. What the company tells us. The company, application and security profiles are true and complete. "
     "The company changes them without delay when facts change, and confirms them once a year.\n\n"
     "5. Security. The company keeps up the security measures described in its profiles at every site, and "
     "lets the programme verify them, on site as well.\n\n"
     "6. Membership. The programme decides on applications, and can suspend or cancel a membership when "
     "these terms are not kept. An applicant can ask for an informal review before a refusal takes effect; a "
     "member can appeal a cancellation within 30 days. Memberships are revalidated every four years.\n\n"
     "7. Confidentiality. What the company tells the programme is used to run the programme and is shared "
     "only as the law allows.\n\n"
     "8. Withdrawal and changes. The company can withdraw from the programme at any time, in writing. When "
     "these terms change, the owner must accept the new ones before anything on the account can be changed "
     "again.",
     "1. Personnes liées. Les présentes modalités lient l'entreprise. Elles sont acceptées par le "
     "propriétaire du compte, un employé ayant un pouvoir de signature et autorisé à représenter "
     "officiellement l'entreprise.\n\n"
     "2. Le compte. Le compte est autorisé une fois les présentes modalités acceptées; avant cela, rien ne "
     "peut y être modifié. Le compte a toujours un seul propriétaire, qui en transfère la propriété avant de "
     "cesser d'exercer ce rôle.\n\n"
     "3. Utilisateurs. Le propriétaire du compte choisit qui utilise le compte et avec quel rôle, veille à "
     "ce que les utilisateurs qui quittent l'entreprise soient retirés et répond de ce que font les "
     "utilisateurs au nom de l'entreprise. Seul le propriétaire du compte, et non un propriétaire du compte "
     "mandataire, soumet une demande d'adhésion ou des modifications.\n\n"
     "4. Renseignements fournis. Le profil de l'entreprise, le profil de demande et le profil de sécurité "
     "sont véridiques et complets. L'entreprise les modifie sans tarder lorsque les faits changent et les "
     "confirme une fois par année.\n\n"
     "5. Sécurité. L'entreprise maintient dans chaque installation les mesures de sécurité décrites dans ses "
     "profils et permet au programme de les vérifier, y compris sur place.\n\n"
     "6. Adhésion. Le programme statue sur les demandes d'adhésion et peut suspendre ou annuler une adhésion "
     "si les présentes modalités ne sont pas respectées. Le demandeur peut solliciter un examen informel "
     "avant qu'un refus prenne effet; le membre peut interjeter appel d'une annulation dans les 30 jours. "
     "L'adhésion fait l'objet d'une revalidation tous les quatre ans.\n\n"
     "7. Confidentialité. Les renseignements que l'entreprise fournit servent à l'administration du "
     "programme et ne sont communiqués que dans la mesure où la loi le permet.\n\n"
     "8. Retrait et modifications. L'entreprise peut se retirer du programme à tout moment, par écrit. "
     "Lorsque les présentes modalités changent, le propriétaire du compte doit accepter les nouvelles avant "
     "que quoi que ce soit puisse de nouveau être modifié dans le compte.",
     year{2025} / January / 1},
};

constexpr TermsText signing_authority[] = {
    {1, "What the owner of a company's account attests",
     "Ce qu'atteste le propriétaire du compte d'une entreprise",
     "1. Employee. I am an employee of this company.\n\n"
     "2. Signing authority. I have signing authority for this company and am authorized to represent it.\n\n"
     "3. Not a consultant. I am neither a consultant nor a temporary employee.\n\n"
     "4. True statements. What I state about the company is true and complete to the best of my "
     "knowledge.\n\n"
     "5. Transfer. I transfer the ownership of the account before I leave my position.",
     "1. Employé. Je suis un employé de cette entreprise.\n\n"
     "2. Pouvoir de signature. J'ai un pouvoir de signature pour cette entreprise et je suis autorisé à la "
     "représenter.\n\n"
     "3. Pas un consultant. Je ne suis ni un consultant ni un employé temporaire.\n\n"
     "4. Déclarations véridiques. Ce que je déclare au sujet de l'entreprise est, à ma connaissance, "
     "véridique "
     "et complet.\n\n"
     "5. Transfert. Je transfère la propriété du compte avant de quitter mes fonctions.",
     year{2025} / January / 1},
};

}  // namespace

std::span<const TermsText> terms_versions(Terms terms) {
  switch (terms) {
    case Terms::portal:
      return portal;
    case Terms::mail_factor:
      return mail_factor;
    case Terms::programme:
      return programme;
    case Terms::signing_authority:
      return signing_authority;
  }
  return {};
}

const TermsText& in_force(std::span<const TermsText> versions, Date on) {
  const auto effective = [](const TermsText& text) { return sys_days{text.effective}; };
  const auto later = std::ranges::upper_bound(versions, sys_days{on}, {}, effective);
  // Before the first version's day there is no other version to accept.
  return later == versions.begin() ? versions.front() : *std::prev(later);
}

const TermsText& in_force(Terms terms, Date on) {
  return in_force(terms_versions(terms), on);
}

}  // namespace ttp::domain
