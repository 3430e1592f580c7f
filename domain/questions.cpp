#include "domain/questions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

#include "domain/time.hpp"

namespace ttp::domain {
namespace {

// ---- how rows are written ---------------------------------------------------------------------------------

using Words = std::string_view;

constexpr Question text(Words id, Area area, std::size_t max, Words en, Words fr) {
  return {id, area, en, fr, AnswerType::text, true, max};
}
constexpr Question of_type(AnswerType type, Words id, Area area, Words en, Words fr) {
  return {id, area, en, fr, type};
}
constexpr Question yes_no(Words id, Area area, Words en, Words fr) {
  return of_type(AnswerType::yes_no, id, area, en, fr);
}
constexpr Question number(Words id, Area area, std::size_t min, std::size_t max, Words en, Words fr) {
  return {id, area, en, fr, AnswerType::number, true, max, {}, min};
}
constexpr Question choice(Words id, Area area, std::span<const Choice> choices, Words en, Words fr) {
  return {id, area, en, fr, AnswerType::choice, true, 0, choices};
}
constexpr Question optional(Question question) {
  question.required = false;
  return question;
}

constexpr std::array<Wording, enum_names<Area>.size()> area_labels{{
    {"Identity", "Identité"},
    {"Contacts", "Personnes-ressources"},
    {"Addresses", "Adresses"},
    {"Operations", "Activités"},
    {"Line of business", "Secteur d'activité"},
    {"Corporate security", "Sécurité de l'entreprise"},
    {"Cargo and conveyance security", "Sécurité du fret et des moyens de transport"},
    {"Physical security", "Sécurité matérielle"},
    {"Supply-chain partner security", "Sécurité des partenaires de la chaîne d'approvisionnement"},
}};

// ---- choices: the codes are stored with the answers -------------------------------------------------------

constexpr Choice legal_structures[] = {
    {"corporation", "Corporation", "Société par actions"},
    {"partnership", "Partnership", "Société de personnes"},
    {"sole_proprietorship", "Sole proprietorship", "Entreprise individuelle"},
    {"cooperative", "Cooperative", "Coopérative"},
    {"crown_corporation", "Crown corporation", "Société d'État"},
    {"other", "Other", "Autre"},
};
constexpr Choice languages[] = {
    {"en", "English", "Anglais"},
    {"fr", "French", "Français"},
};
constexpr Choice frequencies[] = {
    {"daily", "Daily", "Tous les jours"},
    {"weekly", "Weekly", "Toutes les semaines"},
    {"monthly", "Monthly", "Tous les mois"},
    {"less_often", "Less often", "Moins souvent"},
};
constexpr Choice training_frequencies[] = {
    {"at_hiring", "When hired only", "À l'embauche seulement"},
    {"yearly", "When hired and every year", "À l'embauche et chaque année"},
    {"less_often", "When hired and less often than every year", "À l'embauche et moins d'une fois par année"},
    {"never", "Never", "Jamais"},
};
constexpr Choice values_of_goods[] = {
    {"under_1_million", "Under $1 million", "Moins de 1 million de dollars"},
    {"1_to_10_million", "$1 million to under $10 million", "De 1 million à moins de 10 millions de dollars"},
    {"10_to_100_million", "$10 million to under $100 million",
     "De 10 millions à moins de 100 millions de dollars"},
    {"100_million_and_more", "$100 million and more", "100 millions de dollars et plus"},
};
constexpr Choice warehouse_kinds[] = {
    {"sufferance", "Sufferance warehouse", "Entrepôt d'attente"},
    {"bonded", "Customs bonded warehouse", "Entrepôt de stockage des douanes"},
    {"marine_terminal", "Marine terminal", "Terminal maritime"},
    {"other", "Other", "Autre"},
};

// ---- company profile --------------------------------------------------------------------------------------

constexpr Question company[] = {
    choice("legal_structure", Area::identity, legal_structures, "What is the legal structure of the company?",
           "Quelle est la structure juridique de l'entreprise?"),
    number("year_founded", Area::identity, 1600, 2100, "In what year was the company founded?",
           "En quelle année l'entreprise a-t-elle été fondée?"),
    text("company_activities", Area::identity, 2000, "What does the company do?",
         "Quelles sont les activités de l'entreprise?"),
    number("company_employees", Area::identity, 0, 10'000'000, "How many people does the company employ?",
           "Combien de personnes l'entreprise emploie-t-elle?"),
    text("company_owners", Area::identity, 2000,
         "Who owns the company? Name each person or company that holds a tenth or more of it.",
         "Qui sont les propriétaires de l'entreprise? Nommez chaque personne ou entreprise qui en détient au "
         "moins un dixième."),
    text("signing_officer_name", Area::identity, 160,
         "What is the name of the officer with signing authority?",
         "Quel est le nom du dirigeant ayant un pouvoir de signature?"),
    text("signing_officer_title", Area::identity, 80, "What is that officer's title?",
         "Quel est le titre de ce dirigeant?"),
    text("principal_contact_name", Area::contacts, 160, "Who is the principal contact?",
         "Qui est la personne-ressource principale?"),
    text("principal_contact_title", Area::contacts, 80, "What is the principal contact's job title?",
         "Quel est le titre du poste de la personne-ressource principale?"),
    of_type(AnswerType::email, "principal_contact_email", Area::contacts,
            "What is the principal contact's e-mail address?",
            "Quelle est l'adresse de courriel de la personne-ressource principale?"),
    of_type(AnswerType::telephone, "principal_contact_telephone", Area::contacts,
            "What is the principal contact's telephone number?",
            "Quel est le numéro de téléphone de la personne-ressource principale?"),
    of_type(AnswerType::telephone, "company_telephone", Area::contacts,
            "What is the company's telephone number?", "Quel est le numéro de téléphone de l'entreprise?"),
    choice("correspondence_language", Area::contacts, languages,
           "In which official language does the company wish to be written to?",
           "Dans quelle langue officielle l'entreprise souhaite-t-elle recevoir sa correspondance?"),
    optional(text("web_site", Area::contacts, 255,
                  "What is the address of the company's web site, if it has one?",
                  "Quelle est l'adresse du site Web de l'entreprise, si elle en a un?")),
    text("head_office_address", Area::addresses, 400, "What is the address of the head office?",
         "Quelle est l'adresse du siège social?"),
    optional(text("billing_address", Area::addresses, 400,
                  "What is the billing address, if it is not that of the head office?",
                  "Quelle est l'adresse de facturation, si elle diffère de celle du siège social?")),
    text("records_address", Area::addresses, 400, "At what address are customs records kept?",
         "À quelle adresse les registres douaniers sont-ils conservés?"),
};

// ---- application profile: every line of business ----------------------------------------------------------

constexpr Question every_line[] = {
    text("operations_description", Area::operations, 2000,
         "Describe what the company does in this line of business.",
         "Décrivez ce que fait l'entreprise dans ce secteur d'activité."),
    number("operations_years", Area::operations, 0, 400,
           "For how many years has it been in this line of business?",
           "Depuis combien d'années exerce-t-elle ses activités dans ce secteur?"),
    number("operations_employees", Area::operations, 0, 10'000'000, "How many of its employees work in it?",
           "Combien de ses employés y travaillent?"),
    number("operations_sites", Area::operations, 1, 10'000,
           "How many sites in Canada and the United States are used for it?",
           "Combien d'installations au Canada et aux États-Unis y servent?"),
    text("operations_goods", Area::operations, 1000, "What are the main kinds of goods?",
         "Quelles sont les principales catégories de marchandises?"),
    text("operations_countries", Area::operations, 1000, "From and to which countries do goods move?",
         "De quels pays et vers quels pays les marchandises sont-elles acheminées?"),
    choice("operations_frequency", Area::operations, frequencies, "How often do goods cross the border?",
           "À quelle fréquence les marchandises franchissent-elles la frontière?"),
    text("operations_border_offices", Area::operations, 1000, "At which border offices do they mostly cross?",
         "À quels bureaux frontaliers passent-elles le plus souvent?"),
    yes_no("operations_dangerous_goods", Area::operations, "Are there dangerous goods among them?",
           "Comprennent-elles des marchandises dangereuses?"),
    yes_no("operations_penalties", Area::operations,
           "Was the company given a customs penalty, or were goods of its seized, in the past three years?",
           "Au cours des trois dernières années, l'entreprise s'est-elle vu imposer une sanction douanière "
           "ou saisir des marchandises?"),
    optional(text("operations_penalty_details", Area::operations, 2000,
                  "If so: what happened, and what has been done about it since?",
                  "Si oui : que s'est-il passé et quelles mesures ont été prises depuis?")),
    optional(text(
        "operations_other_programmes", Area::operations, 1000,
        "In which other trusted-trader or supply-chain security programmes does the company take part, in "
        "Canada or abroad?",
        "À quels autres programmes de négociants dignes de confiance ou de sécurité de la chaîne "
        "d'approvisionnement l'entreprise participe-t-elle, au Canada ou à l'étranger?")),
};

// ---- application profile: one line of business ------------------------------------------------------------

constexpr Question importer[] = {
    text("importer_accounts", Area::line_of_business, 500,
         "Under which import accounts (RM) of its business number does the company import?",
         "Sous quels comptes d'importation (RM) de son numéro d'entreprise l'entreprise importe-t-elle?"),
    choice("importer_yearly_value", Area::line_of_business, values_of_goods,
           "What is the yearly value of the goods that it imports?",
           "Quelle est la valeur annuelle des marchandises qu'elle importe?"),
    text("importer_carriers", Area::line_of_business, 1000, "Which carriers does it use most?",
         "À quels transporteurs fait-elle le plus souvent appel?"),
    optional(text("importer_customs_broker", Area::line_of_business, 200,
                  "Which customs broker acts for it, if any?",
                  "Quel courtier en douane agit en son nom, s'il y a lieu?")),
};
constexpr Question exporter[] = {
    text("exporter_accounts", Area::line_of_business, 500,
         "Under which import-export accounts (RM) of its business number does the company export?",
         "Sous quels comptes d'importation-exportation (RM) de son numéro d'entreprise l'entreprise "
         "exporte-t-elle?"),
    choice("exporter_yearly_value", Area::line_of_business, values_of_goods,
           "What is the yearly value of the goods that it exports?",
           "Quelle est la valeur annuelle des marchandises qu'elle exporte?"),
    text("exporter_reporting", Area::line_of_business, 1000, "How, and by whom, are its exports reported?",
         "Comment et par qui ses exportations sont-elles déclarées?"),
};
constexpr Question highway_carrier[] = {
    text("highway_carrier_code", Area::line_of_business, 60, "What is the company's Canadian carrier code?",
         "Quel est le code de transporteur canadien de l'entreprise?"),
    number("highway_tractors", Area::line_of_business, 0, 1'000'000,
           "How many tractors and trucks does it run?",
           "Combien de tracteurs et de camions exploite-t-elle?"),
    number("highway_trailers", Area::line_of_business, 0, 1'000'000,
           "How many trailers and containers does it run?",
           "Combien de remorques et de conteneurs exploite-t-elle?"),
    number("highway_drivers", Area::line_of_business, 0, 1'000'000,
           "How many drivers cross the border for it, owner-operators included?",
           "Combien de chauffeurs franchissent la frontière pour elle, propriétaires exploitants compris?"),
};
constexpr Question rail_carrier[] = {
    text("rail_carrier_code", Area::line_of_business, 60, "What is the company's Canadian carrier code?",
         "Quel est le code de transporteur canadien de l'entreprise?"),
    text("rail_crossings", Area::line_of_business, 1000,
         "At which rail crossings do its trains cross the border?",
         "À quels passages ferroviaires ses trains franchissent-ils la frontière?"),
    text("rail_yards", Area::line_of_business, 1000, "In which yards are trains for the border made up?",
         "Dans quelles gares de triage les trains à destination de la frontière sont-ils formés?"),
};
constexpr Question marine_carrier[] = {
    text("marine_carrier_code", Area::line_of_business, 60, "What is the company's Canadian carrier code?",
         "Quel est le code de transporteur canadien de l'entreprise?"),
    number("marine_vessels", Area::line_of_business, 0, 100'000,
           "How many vessels does it run, chartered ones included?",
           "Combien de navires exploite-t-elle, navires affrétés compris?"),
    text("marine_ports", Area::line_of_business, 1000, "At which Canadian ports do they call?",
         "Dans quels ports canadiens font-ils escale?"),
    yes_no("marine_security_certificates", Area::line_of_business,
           "Does every vessel hold a valid International Ship Security Certificate?",
           "Chaque navire détient-il un certificat international de sûreté du navire en cours de validité?"),
};
constexpr Question air_carrier[] = {
    text("air_carrier_code", Area::line_of_business, 60, "What is the company's Canadian carrier code?",
         "Quel est le code de transporteur canadien de l'entreprise?"),
    number("air_aircraft", Area::line_of_business, 0, 100'000, "How many aircraft does it run?",
           "Combien d'aéronefs exploite-t-elle?"),
    text("air_airports", Area::line_of_business, 1000, "At which Canadian airports does it land cargo?",
         "Dans quels aéroports canadiens décharge-t-elle du fret?"),
    yes_no("air_courier_shipments", Area::line_of_business, "Does it carry courier shipments?",
           "Transporte-t-elle des envois par messagerie?"),
};
constexpr Question warehouse_operator[] = {
    choice("warehouse_kind", Area::line_of_business, warehouse_kinds,
           "What kind of warehouse does the company operate?",
           "Quel type d'entrepôt l'entreprise exploite-t-elle?"),
    text("warehouse_licences", Area::line_of_business, 500,
         "Under which customs licences or codes is it operated?",
         "En vertu de quels agréments ou codes des douanes est-il exploité?"),
    number("warehouse_area_m2", Area::line_of_business, 1, 100'000'000,
           "How large is its storage area, in square metres?",
           "Quelle est la superficie de l'aire de stockage, en mètres carrés?"),
};
constexpr Question freight_forwarder[] = {
    text("forwarder_code", Area::line_of_business, 60, "What is the company's freight forwarder code?",
         "Quel est le code d'agent d'expédition de l'entreprise?"),
    text("forwarder_modes", Area::line_of_business, 300, "By which modes of transport does it forward goods?",
         "Par quels modes de transport expédie-t-elle les marchandises?"),
    yes_no("forwarder_consolidates", Area::line_of_business,
           "Does it consolidate the goods of several shippers?",
           "Regroupe-t-elle les marchandises de plusieurs expéditeurs?"),
};

/// The questions of one line; none for a line that does not apply through the portal.
std::span<const Question> line_questions(LineOfBusiness line) {
  switch (line) {
    case LineOfBusiness::importer:
      return importer;
    case LineOfBusiness::exporter:
      return exporter;
    case LineOfBusiness::highway_carrier:
      return highway_carrier;
    case LineOfBusiness::rail_carrier:
      return rail_carrier;
    case LineOfBusiness::marine_carrier:
      return marine_carrier;
    case LineOfBusiness::air_carrier:
      return air_carrier;
    case LineOfBusiness::warehouse_operator:
      return warehouse_operator;
    case LineOfBusiness::freight_forwarder:
      return freight_forwarder;
    case LineOfBusiness::customs_broker:
    case LineOfBusiness::shipping_agent:
      return {};
  }
  return {};
}

// ---- security profile -------------------------------------------------------------------------------------

constexpr Question security[] = {
    // Corporate security: the site, risk assessment, continuity, screening, education, cybersecurity,
    // support.
    text("site_address", Area::corporate_security, 400, "What is the address of this site or division?",
         "Quelle est l'adresse de cette installation ou division?"),
    text("site_security_contact", Area::corporate_security, 300,
         "Who answers for its security, and how are they reached?",
         "Qui est responsable de sa sécurité et comment peut-on joindre cette personne?"),
    text("risk_assessment", Area::corporate_security, 2000,
         "How does the company assess the security risks of its supply chain?",
         "Comment l'entreprise évalue-t-elle les risques pour la sécurité de sa chaîne d'approvisionnement?"),
    of_type(AnswerType::date, "risk_assessment_date", Area::corporate_security,
            "On what date was the last risk assessment finished?",
            "À quelle date la dernière évaluation des risques a-t-elle été achevée?"),
    yes_no("continuity_plan", Area::corporate_security, "Is there a written business continuity plan?",
           "Existe-t-il un plan écrit de continuité des activités?"),
    optional(text("continuity_plan_details", Area::corporate_security, 2000,
                  "If so: what does it cover, and when was it last tried out?",
                  "Si oui : que prévoit-il et quand a-t-il été mis à l'essai pour la dernière fois?")),
    text("screening_hiring", Area::corporate_security, 2000,
         "How are people screened before they are hired, temporary employees included?",
         "Comment les personnes font-elles l'objet d'une vérification avant leur embauche, y compris les "
         "employés temporaires?"),
    text("screening_departure", Area::corporate_security, 2000,
         "When an employee leaves, how are keys, passes and access to systems taken back?",
         "Au départ d'un employé, comment les clés, les laissez-passer et les accès aux systèmes sont-ils "
         "récupérés ou supprimés?"),
    choice("education_frequency", Area::corporate_security, training_frequencies,
           "How often are employees taught about security?",
           "À quelle fréquence les employés reçoivent-ils une formation en matière de sécurité?"),
    text("education_content", Area::corporate_security, 2000,
         "What are they taught, and to whom do they report what seems wrong?",
         "Sur quoi porte cette formation et à qui les employés signalent-ils ce qui leur semble anormal?"),
    text("cybersecurity_measures", Area::corporate_security, 2000,
         "How are the company's information systems protected?",
         "Comment les systèmes d'information de l'entreprise sont-ils protégés?"),
    text("cybersecurity_incidents", Area::corporate_security, 2000,
         "What does the company do when a system is attacked or data is lost?",
         "Que fait l'entreprise en cas d'attaque contre un système ou de perte de données?"),
    yes_no("statement_of_support", Area::corporate_security,
           "Has senior management signed a statement of support for supply-chain security that every "
           "employee can read?",
           "La haute direction a-t-elle signé une déclaration d'appui à la sécurité de la chaîne "
           "d'approvisionnement que chaque employé peut consulter?"),
    // Cargo and conveyance security
    text(
        "conveyance_inspection", Area::cargo_and_conveyance_security, 2000,
        "How are containers, trailers and other conveyances inspected before loading?",
        "Comment les conteneurs, les remorques et les autres moyens de transport sont-ils inspectés avant le "
        "chargement?"),
    text("seals", Area::cargo_and_conveyance_security, 2000,
         "Which seals are used, who may put them on, and how are they kept and checked?",
         "Quels scellés sont utilisés, qui est autorisé à les apposer et comment sont-ils conservés et "
         "vérifiés?"),
    text("conveyance_storage", Area::cargo_and_conveyance_security, 2000,
         "How are loaded and empty conveyances kept safe from tampering?",
         "Comment les moyens de transport chargés ou vides sont-ils protégés contre toute manipulation?"),
    yes_no("conveyance_tracking", Area::cargo_and_conveyance_security,
           "Are conveyances followed on their way to the border?",
           "Les moyens de transport sont-ils suivis pendant leur trajet jusqu'à la frontière?"),
    text("cargo_documents", Area::cargo_and_conveyance_security, 2000,
         "How is cargo compared with its documents when it is sent and when it arrives?",
         "Comment le fret est-il comparé aux documents connexes à l'expédition et à la réception?"),
    text("cargo_discrepancies", Area::cargo_and_conveyance_security, 2000,
         "What is done when goods are missing, left over or suspicious?",
         "Que fait-on en cas de marchandises manquantes, excédentaires ou suspectes?"),
    // Physical security
    text("perimeter", Area::physical_security, 2000,
         "How are the grounds enclosed, and how often is that looked over?",
         "Comment les lieux sont-ils clôturés et à quelle fréquence la clôture est-elle inspectée?"),
    text("access_control", Area::physical_security, 2000,
         "How is it made sure that only those enter who may, at gates, doors and loading docks?",
         "Comment s'assure-t-on que seules les personnes autorisées entrent par les barrières, les portes et "
         "les quais de chargement?"),
    text("visitors", Area::physical_security, 2000,
         "How are visitors and drivers identified, recorded and accompanied?",
         "Comment les visiteurs et les chauffeurs sont-ils identifiés, inscrits au registre et accompagnés?"),
    text("locks_and_keys", Area::physical_security, 2000,
         "Who hands out keys, codes and passes, and how is that recorded?",
         "Qui remet les clés, les codes et les laissez-passer, et comment cela est-il consigné?"),
    yes_no("lighting", Area::physical_security,
           "Are entrances, loading docks and yards lit whenever it is dark?",
           "Les entrées, les quais de chargement et les cours sont-ils éclairés dès qu'il fait nuit?"),
    yes_no("alarm_and_cameras", Area::physical_security, "Are there alarms and cameras?",
           "Y a-t-il des systèmes d'alarme et des caméras?"),
    optional(text("alarm_and_cameras_details", Area::physical_security, 2000,
                  "If so: what do they watch, who answers an alarm, and how long are recordings kept?",
                  "Si oui : que surveillent-ils, qui intervient en cas d'alarme et combien de temps les "
                  "enregistrements sont-ils conservés?")),
    // Supply-chain partner security
    text("partner_selection", Area::supply_chain_partner_security, 2000,
         "How does the company look into carriers, suppliers and other partners before it works with them?",
         "Comment l'entreprise évalue-t-elle les transporteurs, les fournisseurs et les autres partenaires "
         "avant de travailler avec eux?"),
    yes_no("partner_commitments", Area::supply_chain_partner_security,
           "Have partners agreed in writing to security requirements?",
           "Les partenaires ont-ils accepté par écrit des exigences en matière de sécurité?"),
    text("partner_monitoring", Area::supply_chain_partner_security, 2000,
         "How does the company check that partners keep to them?",
         "Comment l'entreprise vérifie-t-elle que les partenaires les respectent?"),
    text("partner_subcontracting", Area::supply_chain_partner_security, 2000,
         "May partners subcontract, and on what conditions?",
         "Les partenaires peuvent-ils faire appel à des sous-traitants et, le cas échéant, à quelles "
         "conditions?"),
};

// ---- checking ---------------------------------------------------------------------------------------------

/// `code_of` returns the code of an element of `choices`.
template <class Choices, class CodeOf = std::identity>
std::optional<ValueFault> not_among(const Choices& choices, std::string_view answer, CodeOf code_of = {}) {
  if (std::ranges::find(choices, answer, code_of) != std::ranges::end(choices)) return std::nullopt;
  ValueFault fault{Reason::not_a_choice};
  for (const auto& each : choices) fault.details.emplace_back(std::invoke(code_of, each));
  return fault;
}

std::optional<ValueFault> check_number(const Question& question, std::string_view answer) {
  std::size_t value = 0;
  const char* const begin = answer.data();
  const char* const end = begin + answer.size();
  const auto [stopped, error] = std::from_chars(begin, end, value);
  if (error == std::errc::invalid_argument || stopped != end) return ValueFault{Reason::malformed};
  if (error == std::errc::result_out_of_range || value < question.min || value > question.max)
    return ValueFault{Reason::out_of_range, {std::to_string(question.min), std::to_string(question.max)}};
  return std::nullopt;
}

template <class Value>
std::optional<ValueFault> fault_of(std::string_view answer) {
  const auto value = Value::parse(answer);
  if (value) return std::nullopt;
  ValueFault fault = value.error();
  if (fault.reason == Reason::malformed && Value::kind::min > 0)
    fault.details = {std::string{Value::kind::example}};
  return fault;
}

std::optional<ValueFault> fault_in(const Question& question, const std::string& said) {
  if (said.empty()) return std::nullopt;
  if (auto found = fault_of<Answer>(said)) return found;
  switch (question.type) {
    case AnswerType::text:
      if (*code_points(said) > question.max) return ValueFault{Reason::too_long};
      return std::nullopt;
    case AnswerType::yes_no:
      return not_among(std::array<std::string_view, 2>{"yes", "no"}, said);
    case AnswerType::choice:
      return not_among(question.choices, said, &Choice::code);
    case AnswerType::date:
      if (!parse_time(said + "T00:00:00Z")) return ValueFault{Reason::malformed};
      return std::nullopt;
    case AnswerType::number:
      return check_number(question, said);
    case AnswerType::email:
      return fault_of<EmailAddress>(said);
    case AnswerType::telephone:
      return fault_of<Telephone>(said);
  }
  return std::nullopt;
}

bool is_answer(const Question& question, const std::string& said) {
  const bool is_blank = said.find_first_not_of(" \t\r\n") == std::string::npos;
  const bool was_checked = question.type == AnswerType::email || question.type == AnswerType::telephone;
  return !is_blank && (was_checked || !fault_in(question, said));
}

/// Calls `visit` with each required question that has no answer; returns the number of required questions.
template <class Visit>
std::size_t each_lacking(std::span<const Question* const> questions, const Answers::Table& answers,
                         Visit visit) {
  std::size_t required = 0;
  for (const Question* question : questions) {
    if (!question->required) continue;
    ++required;
    const auto found = answers.find(question->id);
    if (found == answers.end() || !is_answer(*question, found->second)) visit(*question);
  }
  return required;
}

unsigned percent_of(std::size_t required, std::size_t lacking) {
  return static_cast<unsigned>(required == 0 ? 100 : (required - lacking) * 100 / required);
}

}  // namespace

const Wording& label(Area area) {
  return area_labels[static_cast<std::size_t>(area)];
}

std::span<const Question> company_questions() {
  return company;
}

std::vector<const Question*> pointers_to(std::span<const Question> questions) {
  std::vector<const Question*> pointers;
  pointers.reserve(questions.size());
  for (const Question& question : questions) pointers.push_back(&question);
  return pointers;
}

std::vector<const Question*> application_questions(LineOfBusiness line) {
  std::vector<const Question*> questions;
  if (!applies_through_portal(line)) return questions;
  for (const Question& question : every_line) questions.push_back(&question);
  for (const Question& question : line_questions(line)) questions.push_back(&question);
  return questions;
}

std::span<const Question> security_questions() {
  return security;
}

const Question* find_question(std::string_view id) {
  const auto among = [&](std::span<const Question> questions) -> const Question* {
    const auto found = std::ranges::find(questions, id, &Question::id);
    return found == questions.end() ? nullptr : &*found;
  };
  for (const auto questions :
       {company_questions(), std::span<const Question>{every_line}, security_questions()})
    if (const Question* question = among(questions)) return question;
  for (std::size_t line = 0; line < enum_names<LineOfBusiness>.size(); ++line)
    if (const Question* question = among(line_questions(static_cast<LineOfBusiness>(line)))) return question;
  return nullptr;
}

std::optional<ValueFault> check_answer(const Question& question, const Answer& answer) {
  return fault_in(question, answer.text());
}

std::string kept_form(const Question& question, const std::string& answer) {
  if (question.type == AnswerType::telephone)
    if (const auto number = Telephone::parse(answer)) return number->text();
  if (question.type == AnswerType::email)
    if (const auto address = EmailAddress::parse(answer)) return as_people_write(*address).text();
  return answer;
}

std::pair<unsigned, std::vector<std::string>> completeness(std::span<const Question* const> questions,
                                                           const Answers::Table& answers) {
  std::vector<std::string> lacking;
  const auto required =
      each_lacking(questions, answers, [&](const Question& question) { lacking.emplace_back(question.id); });
  return {percent_of(required, lacking.size()), std::move(lacking)};
}

unsigned completeness_percent(std::span<const Question* const> questions, const Answers::Table& answers) {
  std::size_t lacking = 0;
  const auto required = each_lacking(questions, answers, [&](const Question&) { ++lacking; });
  return percent_of(required, lacking);
}

unsigned completeness_percent(std::span<const Question> questions, const Answers::Table& answers) {
  return completeness_percent(pointers_to(questions), answers);
}

std::vector<std::string> missing(std::span<const Question> questions, const Answers::Table& answers) {
  return completeness(pointers_to(questions), answers).second;
}

}  // namespace ttp::domain
