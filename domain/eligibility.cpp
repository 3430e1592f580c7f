#include "domain/eligibility.hpp"

#include <algorithm>

#include "domain/typed.hpp"

namespace ttp::domain {
namespace {

// ---- labels -----------------------------------------------------------------------------------------------

constexpr std::array<Wording, enum_names<Base>.size()> base_labels{{
    {"Canada", "Canada"},
    {"United States", "États-Unis"},
    {"Another country", "Autre pays"},
}};

constexpr std::array<Wording, enum_names<LineOfBusiness>.size()> line_labels{{
    {"Importer", "Importateur"},
    {"Exporter", "Exportateur"},
    {"Highway carrier (couriers included)", "Transporteur routier (messageries comprises)"},
    {"Rail carrier", "Transporteur ferroviaire"},
    {"Marine carrier", "Transporteur maritime"},
    {"Air carrier (couriers included)", "Transporteur aérien (messageries comprises)"},
    {"Warehouse operator (marine terminal operators included)",
     "Exploitant d'entrepôt (exploitants de terminal maritime compris)"},
    {"Freight forwarder", "Agent d'expédition (transitaire)"},
    {"Customs broker", "Courtier en douane"},
    {"Shipping agent", "Agent maritime"},
}};

// ---- what the rules ask -----------------------------------------------------------------------------------

using Answers = EligibilityAnswers;

bool has(const Answers& answers, LineOfBusiness line) {
  return std::ranges::find(answers.lines_of_business, line) != answers.lines_of_business.end();
}

bool has_carrier(const Answers& answers) {
  return std::ranges::any_of(answers.lines_of_business, is_carrier);
}

bool is_in_united_states(const Answers& answers) {
  return answers.base == Base::united_states;
}

bool is_based_here(const Answers& answers) {
  return answers.base.has_value() && answers.base != Base::elsewhere;
}

bool names_each_line_once(const Answers& answers) {
  auto lines = answers.lines_of_business;
  std::ranges::sort(lines);
  return !lines.empty() && std::ranges::adjacent_find(lines) == lines.end();
}

bool all_through_portal(const Answers& answers) {
  return std::ranges::all_of(answers.lines_of_business, applies_through_portal);
}

/// Considers only lines that apply through the portal; the other lines have a rule of their own.
bool all_open_to_united_states(const Answers& answers) {
  return !is_in_united_states(answers) ||
         std::ranges::all_of(answers.lines_of_business, [](LineOfBusiness line) {
           return is_carrier(line) || line == LineOfBusiness::importer || !applies_through_portal(line);
         });
}

bool has_carrier_code_if_needed(const Answers& answers) {
  if (!is_in_united_states(answers) || !has_carrier(answers)) return true;
  return answers.carrier_code && CarrierCode::parse(answers.carrier_code->text()).has_value();
}

bool files_declarations_if_needed(const Answers& answers) {
  if (!is_in_united_states(answers) || !has(answers, LineOfBusiness::importer)) return true;
  return answers.files_canadian_declarations.value_or(false);
}

template <std::optional<bool> EligibilityAnswers::* Member>
bool is_yes(const Answers& answers) {
  return (answers.*Member).value_or(false);
}

// ---- the table --------------------------------------------------------------------------------------------

constexpr Wording yes{"Yes", "Oui"};
constexpr Wording lines_question{
    "What are your company's lines of business? Couriers enrol as carriers, marine terminal operators as "
    "warehouse operators.",
    "Quels sont les secteurs d'activité de votre entreprise? Les messageries s'inscrivent comme "
    "transporteurs, et les exploitants de terminal maritime, comme exploitants d'entrepôt."};

constexpr RuleText rules[] = {
    {EligibilityRule::based_in_canada_or_united_states,
     "base",
     {"Where is your company based?", "Où votre entreprise est-elle établie?"},
     {"Canada or the United States", "Au Canada ou aux États-Unis"},
     {"Only companies based in Canada or the United States can enrol.",
      "Seules les entreprises établies au Canada ou aux États-Unis peuvent s'inscrire."},
     is_based_here},
    {EligibilityRule::line_of_business_named,
     "lines_of_business",
     lines_question,
     {"At least one of the lines listed, each named once",
      "Au moins un des secteurs de la liste, chacun indiqué une seule fois"},
     {"Name at least one line of business from the list, and each only once.",
      "Indiquez au moins un secteur d'activité de la liste, et chacun une seule fois."},
     names_each_line_once},
    {EligibilityRule::line_applies_through_portal,
     "lines_of_business",
     lines_question,
     {"Importer, exporter, highway, rail, marine or air carrier, warehouse operator, freight forwarder",
      "Importateur, exportateur, transporteur routier, ferroviaire, maritime ou aérien, exploitant "
      "d'entrepôt, agent d'expédition"},
     {"Customs brokers and shipping agents can apply to the programme, but not through the portal: write to "
      "pip-pep@cbsa-asfc.gc.ca. To enrol here for your other lines of business, answer again without these "
      "two.",
      "Les courtiers en douane et les agents maritimes peuvent présenter une demande d'adhésion au "
      "programme, mais pas par l'intermédiaire du portail : écrivez à pip-pep@cbsa-asfc.gc.ca. Pour vous "
      "inscrire ici pour vos autres secteurs d'activité, répondez de nouveau sans ces deux-là."},
     all_through_portal},
    {EligibilityRule::line_open_to_united_states,
     "lines_of_business",
     lines_question,
     {"If based in the United States: carrier or importer",
      "Si elle est établie aux États-Unis : transporteur ou importateur"},
     {"Companies based in the United States can enrol only as carriers or importers.",
      "Les entreprises établies aux États-Unis ne peuvent s'inscrire qu'à titre de transporteur ou "
      "d'importateur."},
     all_open_to_united_states},
    {EligibilityRule::united_states_carrier_code,
     "carrier_code",
     {"If your company is a carrier based in the United States: what is its Canadian carrier code?",
      "Si votre entreprise est un transporteur établi aux États-Unis : quel est son code de transporteur "
      "canadien?"},
     {"A valid Canadian carrier code (four letters, digits and dashes)",
      "Un code de transporteur canadien valide (quatre lettres, chiffres et traits d'union)"},
     {"Carriers based in the United States need a valid Canadian carrier code.",
      "Les transporteurs établis aux États-Unis doivent avoir un code de transporteur canadien valide."},
     has_carrier_code_if_needed},
    {EligibilityRule::united_states_importer_declarations,
     "files_canadian_declarations",
     {"If your company is an importer based in the United States: does it file Canadian customs declarations "
      "under its Canadian business number?",
      "Si votre entreprise est un importateur établi aux États-Unis : produit-elle des déclarations "
      "douanières canadiennes sous son numéro d'entreprise canadien?"},
     yes,
     {"Importers based in the United States must have a Canadian business number and file Canadian "
      "declarations.",
      "Les importateurs établis aux États-Unis doivent avoir un numéro d'entreprise canadien et produire des "
      "déclarations canadiennes."},
     files_declarations_if_needed},
    {EligibilityRule::facilities_in_canada_or_us,
     "facilities_in_canada_or_us",
     {"Does your company own or operate facilities in Canada or the United States that are used in the "
      "cross-border movement of commercial goods?",
      "Votre entreprise possède-t-elle ou exploite-t-elle, au Canada ou aux États-Unis, des installations "
      "qui servent au mouvement transfrontalier de marchandises commerciales?"},
     yes,
     {"The company must own or operate facilities in Canada or the United States that are used in the "
      "cross-border movement of commercial goods.",
      "L'entreprise doit posséder ou exploiter, au Canada ou aux États-Unis, des installations qui servent "
      "au mouvement transfrontalier de marchandises commerciales."},
     is_yes<&Answers::facilities_in_canada_or_us>},
    {EligibilityRule::traded_in_past_12_months,
     "traded_in_past_12_months",
     {"Has your company taken part in cross-border trade in the past 12 months?",
      "Votre entreprise a-t-elle pris part au commerce transfrontalier au cours des 12 derniers mois?"},
     yes,
     {"The company must have taken part in cross-border trade in the past 12 months.",
      "L'entreprise doit avoir pris part au commerce transfrontalier au cours des 12 derniers mois."},
     is_yes<&Answers::traded_in_past_12_months>},
    {EligibilityRule::movement_in_past_90_days,
     "movement_in_past_90_days",
     {"Has your company moved commercial goods across the border at least once in the past 90 days?",
      "Votre entreprise a-t-elle effectué au moins un mouvement transfrontalier de marchandises commerciales "
      "au cours des 90 derniers jours?"},
     yes,
     {"There must have been at least one cross-border movement of goods in the 90 days before applying.",
      "Il doit y avoir eu au moins un mouvement transfrontalier de marchandises dans les 90 jours précédant "
      "la demande."},
     is_yes<&Answers::movement_in_past_90_days>},
    {EligibilityRule::solvent,
     "solvent",
     {"Is your company solvent?", "Votre entreprise est-elle solvable?"},
     yes,
     {"The company must be solvent.", "L'entreprise doit être solvable."},
     is_yes<&Answers::solvent>},
    {EligibilityRule::no_debt_to_crown,
     "no_debt_to_crown",
     {"Is your company free of unresolved debts to the Crown?",
      "Votre entreprise est-elle exempte de toute dette non réglée envers la Couronne?"},
     yes,
     {"The company must not have an unresolved debt to the Crown.",
      "L'entreprise ne doit pas avoir de dette non réglée envers la Couronne."},
     is_yes<&Answers::no_debt_to_crown>},
    {EligibilityRule::no_undischarged_bankruptcy,
     "no_undischarged_bankruptcy",
     {"Is your company free of any undischarged bankruptcy?",
      "Votre entreprise est-elle exempte de toute faillite non libérée?"},
     yes,
     {"The company must not be in a bankruptcy that has not been discharged.",
      "L'entreprise ne doit pas être en situation de faillite non libérée."},
     is_yes<&Answers::no_undischarged_bankruptcy>},
    {EligibilityRule::no_convictions,
     "no_convictions",
     {"Are your company and the people who direct it free of convictions, in Canada or abroad, for which no "
      "record suspension was granted?",
      "Votre entreprise et les personnes qui la dirigent sont-elles exemptes de toute condamnation, au "
      "Canada ou à l'étranger, n'ayant pas fait l'objet d'une suspension du casier?"},
     yes,
     {"There must be no conviction, in Canada or abroad, without a record suspension.",
      "Il ne doit y avoir aucune condamnation, au Canada ou à l'étranger, n'ayant pas fait l'objet d'une "
      "suspension du casier."},
     is_yes<&Answers::no_convictions>},
};

static_assert(std::size(rules) == enum_names<EligibilityRule>.size(), "a row for every rule");
static_assert(
    [] {
      for (std::size_t i = 0; i < std::size(rules); ++i)
        if (rules[i].rule != static_cast<EligibilityRule>(i)) return false;
      return true;
    }(),
    "the rows stand in the order of the rules");

}  // namespace

const Wording& label(Base base) {
  return base_labels[static_cast<std::size_t>(base)];
}
const Wording& label(LineOfBusiness line) {
  return line_labels[static_cast<std::size_t>(line)];
}

bool is_carrier(LineOfBusiness line) {
  return line == LineOfBusiness::highway_carrier || line == LineOfBusiness::rail_carrier ||
         line == LineOfBusiness::marine_carrier || line == LineOfBusiness::air_carrier;
}

bool applies_through_portal(LineOfBusiness line) {
  return line != LineOfBusiness::customs_broker && line != LineOfBusiness::shipping_agent;
}

Checked CarrierCodeKind::check(std::string_view raw) {
  const std::u32string code = typed::compact_with_dashes(raw);
  const auto is_sign = [](char32_t point) { return typed::is_letter_or_digit(point) || point == '-'; };
  if (!std::ranges::all_of(code, is_sign)) return typed::fault(Reason::malformed);
  if (const auto found = typed::wrong_length(code.size(), length, length)) return std::unexpected{*found};
  if (!std::ranges::any_of(code, typed::is_letter_or_digit)) return typed::fault(Reason::malformed);
  return encode(code);
}

std::span<const RuleText> eligibility_rules() {
  return rules;
}

const RuleText& rule_text(EligibilityRule rule) {
  return rules[static_cast<std::size_t>(rule)];
}

std::vector<std::string_view> unanswered(const EligibilityAnswers& answers) {
  std::vector<std::string_view> missing;
  const auto needs = [&](std::string_view member, bool is_answered) {
    if (!is_answered) missing.push_back(member);
  };
  needs("base", answers.base.has_value());
  needs("lines_of_business", !answers.lines_of_business.empty());
  if (is_in_united_states(answers) && has(answers, LineOfBusiness::importer))
    needs("files_canadian_declarations", answers.files_canadian_declarations.has_value());
  needs("facilities_in_canada_or_us", answers.facilities_in_canada_or_us.has_value());
  needs("traded_in_past_12_months", answers.traded_in_past_12_months.has_value());
  needs("movement_in_past_90_days", answers.movement_in_past_90_days.has_value());
  needs("solvent", answers.solvent.has_value());
  needs("no_debt_to_crown", answers.no_debt_to_crown.has_value());
  needs("no_undischarged_bankruptcy", answers.no_undischarged_bankruptcy.has_value());
  needs("no_convictions", answers.no_convictions.has_value());
  return missing;
}

std::vector<EligibilityRule> failed_rules(const EligibilityAnswers& answers) {
  std::vector<EligibilityRule> failed;
  for (const RuleText& row : rules)
    if (!row.is_met(answers)) failed.push_back(row.rule);
  return failed;
}

}  // namespace ttp::domain
