#include "delivery/html.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "delivery/texts.hpp"

namespace ttp::delivery {
namespace {

constexpr std::string_view head_format =
    "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n</head>\n"
    "<body style=\"margin:0;padding:1em;font:1em/1.5 sans-serif;color:#1b1b1b;background:#ffffff\">\n"
    "<main style=\"max-width:38em;margin:0 auto\">\n";
constexpr std::string_view code_style = "font:bold 1.5em/1.5 monospace;margin:0.5em 0";
constexpr std::string_view list_item = "- ";

std::string_view tag_of(Language language) {
  return language == Language::fr ? "fr" : "en";
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

/// Whether the paragraph is a code: "123 456" or "7K4QX-9M2TB".
bool is_code(std::string_view text) {
  const auto is_character = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '-';
  };
  const auto parts = text.find_first_of(" -");
  return text.size() >= 7 && text.size() <= 11 && parts == text.size() / 2 &&
         std::ranges::all_of(text, is_character);
}

/// Spaces between the characters make a screen reader read them one by one; the service forgives spaces in a
/// code that was copied.
void append_code(std::string& out, std::string_view code) {
  out += fmt::format("<p style=\"{}\">", code_style);
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (i > 0) out += ' ';
    out += code[i] == ' ' ? std::string{"&nbsp;"} : std::string{code[i]};
  }
  out += "</p>\n";
}

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// A paragraph; its lines that begin with a dash become a list.
void append_paragraph(std::string& out, std::string_view text) {
  if (is_code(text)) return append_code(out, text);
  enum class Within { nothing, paragraph, list } within = Within::nothing;
  const auto leave = [&] {
    if (within == Within::paragraph) out += "</p>\n";
    if (within == Within::list) out += "</ul>\n";
  };
  while (!text.empty()) {
    const auto line = next_line(text);
    const bool is_item = line.starts_with(list_item);
    const Within wanted = is_item ? Within::list : Within::paragraph;
    if (wanted != within) {
      leave();
      out += is_item ? "<ul>\n" : "<p>";
      within = wanted;
    } else if (!is_item) {
      out += "<br>\n";
    }
    if (is_item) out += "<li>";
    append_escaped(out, is_item ? line.substr(list_item.size()) : line);
    if (is_item) out += "</li>\n";
  }
  leave();
}

void append_section(std::string& out, std::string_view text, Language language) {
  out += fmt::format("<section lang=\"{}\">\n", tag_of(language));
  while (!text.empty()) {
    const auto end = text.find("\n\n");
    auto paragraph = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 2);
    while (paragraph.starts_with('\n')) paragraph.remove_prefix(1);
    while (paragraph.ends_with('\n')) paragraph.remove_suffix(1);
    if (!paragraph.empty()) append_paragraph(out, paragraph);
  }
  out += "</section>\n";
}

/// With one kind of line end, and without other control characters.
std::string with_line_feeds(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && text.substr(i + 1, 1) != "\n") out += '\n';
    if (c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f)) out += c;
  }
  return out;
}

}  // namespace

std::string to_html(const Mail& mail) {
  const std::string text = with_line_feeds(mail.text);
  std::string_view rest = text;
  std::string title;
  append_escaped(title, with_line_feeds(mail.subject));
  std::replace(title.begin(), title.end(), '\n', ' ');
  std::string out = fmt::format(head_format, tag_of(mail.language), title);
  const auto divider = mail.bilingual ? rest.find(language_divider) : rest.npos;
  if (divider == rest.npos) {
    append_section(out, rest, mail.language);
  } else {
    // The first line says, in the other language, that it follows.
    const std::string_view notice = phrase(Phrase::other_language_follows, mail.language);
    if (rest.starts_with(notice)) {
      out += fmt::format("<p lang=\"{}\">", tag_of(other(mail.language)));
      append_escaped(out, notice);
      out += "</p>\n";
      append_section(out, rest.substr(notice.size(), divider - notice.size()), mail.language);
    } else {
      append_section(out, rest.substr(0, divider), mail.language);
    }
    out += "<hr>\n";
    append_section(out, rest.substr(divider + language_divider.size()), other(mail.language));
  }
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace ttp::delivery
