// Rules that no compiler enforces, checked on the source tree itself. Every rule applies everywhere: there is
// no list of exceptions. A finding is one line "file:line: fault", so that an editor can jump to it.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path root = TTP_SOURCE_DIR;

// ---- the rules, as tables ---------------------------------------------------------------------------------

/// The modules that a module may include. The programs of tools/ and bench/ come last.
const std::map<std::string, std::set<std::string>> sees = {
    {"os", {}},
    {"tls", {"os"}},
    {"domain", {}},
    {"events", {"domain"}},
    {"storage", {"os", "domain", "events"}},
    {"snapshots", {"os", "domain", "events", "storage"}},
    {"projections", {"os", "domain", "events", "storage", "snapshots"}},
    {"delivery", {"os", "domain"}},
    {"carriers", {"os", "domain", "events", "delivery"}},
    {"service",
     {"os", "tls", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers"}},
    {"http",
     {"os", "tls", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers",
      "service"}},
    {"tools",
     {"os", "tls", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers",
      "service"}},
    {"bench", {"os", "domain", "events", "storage", "snapshots", "projections", "service"}},
    {"bench/micro.cpp",
     {"os", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers", "service",
      "http"}},
    {"tools/ttpd.cpp",
     {"os", "tls", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers",
      "service", "http"}},
    {"tools/upkeep.cpp",
     {"os", "tls", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers",
      "service", "http"}},
    {"tools/upkeep.hpp",
     {"os", "tls", "domain", "events", "storage", "snapshots", "projections", "delivery", "carriers",
      "service", "http"}},
};

/// A library's headers begin with `prefix` and may be included only in files whose paths begin with one of
/// `places`. `package` of scripts/packages provides it, and CMake links `target`, if there is something to
/// link.
struct Library {
  std::string prefix;
  std::vector<std::string> places;
  std::string package;
  std::string target;
};
// clang-format off
const std::vector<Library> libraries = {
    {"rocksdb/", {"storage/", "tests/storage/", "tests/faults/", "bench/append.cpp", "bench/limits.cpp"}, "librocksdb-dev", "RocksDB::rocksdb"},
    {"boost/pfr", {"events/", "tests/"}, "libboost1.81-dev", "Boost::headers"},
    {"boost/beast", {"http/wire/", "bench/bare.cpp"}, "libboost1.81-dev", "Boost::headers"},
    {"boost/asio", {"http/wire/", "bench/bare.cpp", "bench/load.cpp"}, "libboost1.81-dev", "Boost::headers"},
    {"boost/align", {"os/scratch.hpp"}, "libboost1.81-dev", "Boost::headers"},
    {"boost/json", {"tests/"}, "libboost-json1.81-dev", "Boost::json"},
    {"simdjson", {"events/", "carriers/", "http/", "bench/bare.cpp"}, "libsimdjson-dev", "simdjson::simdjson"},
    {"libpq-fe.h", {"storage/postgres/connection.cpp"}, "libpq-dev", "PkgConfig::libpq"},
    {"sodium", {"events/", "storage/", "service/"}, "libsodium-dev", "PkgConfig::sodium"},
    {"openssl/ssl.h", {"tls/"}, "libssl-dev", "OpenSSL::SSL"},
    {"openssl/", {"events/", "tls/"}, "libssl-dev", "OpenSSL::Crypto"},
    {"curl/", {"carriers/", "tests/carriers/"}, "libcurl4-openssl-dev", "${curl_LIBRARIES}"},
    {"systemd/", {"tools/service_manager.cpp"}, "libsystemd-dev", "PkgConfig::systemd"},
    {"utf8proc", {"domain/text.cpp"}, "libutf8proc-dev", "${utf8proc_LIBRARIES}"},
    {"idn2.h", {"domain/email.cpp"}, "libidn2-dev", "${idn2_LIBRARIES}"},
    {"phonenumbers/", {"domain/telephone.cpp"}, "libphonenumber-dev", "${PHONENUMBER_LIBRARY}"},
    {"benchmark/", {"bench/micro.cpp"}, "libbenchmark-dev", "benchmark::benchmark"},
    {"pango/", {"delivery/sheet.cpp"}, "libpango1.0-dev", "${pango_LIBRARIES}"},
    {"cairo", {"delivery/sheet.cpp"}, "libpango1.0-dev", "${pango_LIBRARIES}"},
    {"fontconfig/", {"delivery/sheet.cpp"}, "libpango1.0-dev", "${pango_LIBRARIES}"},
    {"ft2build.h", {"tests/delivery/"}, "libfreetype-dev", "PkgConfig::freetype"},
    {"toml++", {"service/config.cpp"}, "libtomlplusplus-dev", "tomlplusplus::tomlplusplus"},
    {"CLI/", {"tools/", "bench/"}, "libcli11-dev", "CLI11::CLI11"},
    {"spdlog/", {"http/", "service/", "tools/"}, "libspdlog-dev", "spdlog::spdlog"},
    {"fmt/", {"delivery/", "carriers/", "storage/", "service/", "http/", "tools/", "bench/"}, "libfmt-dev", "fmt::fmt"},
    {"gtest/", {"tests/"}, "libgtest-dev", "GTest::gtest"},
    {"gmock/", {"tests/"}, "libgmock-dev", "GTest::gmock"},
    {"rapidcheck", {"tests/"}, "librapidcheck-dev", "${RAPIDCHECK_LIBRARY}"},
};
// clang-format on
/// Linked or installed without a header of ours: the allocator, the system's threads, and what the headers of
/// libphonenumber include.
const std::set<std::string> without_headers = {"libjemalloc-dev", "Threads::Threads", "libprotobuf-dev",
                                               "libabsl-dev", "${PROTOBUF_LIBRARY}"};

/// The headers in the precompiled headers, with the names in `std` that need them. A source that relies on
/// precompilation for these does not compile without it.
struct Standard {
  std::string header;
  std::vector<std::string> names;
};
const std::vector<Standard> precompiled = {
    {"algorithm",
     {"ranges::sort", "ranges::find", "ranges::any_of", "ranges::all_of", "ranges::none_of", "ranges::copy",
      "ranges::transform", "ranges::equal", "min", "max", "sort", "clamp"}},
    {"array", {"array"}},
    {"atomic", {"atomic"}},
    {"chrono", {"chrono"}},
    {"condition_variable", {"condition_variable"}},
    {"cstdint", {"uint8_t", "uint16_t", "uint32_t", "uint64_t", "int32_t", "int64_t"}},
    {"deque", {"deque"}},
    {"expected", {"expected", "unexpected"}},
    {"filesystem", {"filesystem"}},
    {"functional", {"function"}},
    {"map", {"map", "multimap"}},
    {"memory", {"unique_ptr", "shared_ptr", "make_unique", "make_shared"}},
    {"mutex", {"mutex", "unique_lock", "scoped_lock", "lock_guard"}},
    {"optional", {"optional", "nullopt"}},
    {"set", {"set"}},
    {"span", {"span"}},
    {"stdexcept", {"runtime_error", "invalid_argument", "logic_error", "out_of_range"}},
    {"thread", {"thread", "jthread", "this_thread"}},
    {"unordered_map", {"unordered_map"}},
    {"variant", {"variant", "visit", "get_if", "holds_alternative"}},
    {"vector", {"vector"}},
};

/// Headers of the operating system, and the files that may include them.
const std::regex system_header{
    R"((sys|netinet|arpa|linux)/[a-z_]+\.h|(fcntl|unistd|poll|sched|signal|stdlib|string|errno|netdb)\.h)"};
const std::vector<std::string> system_places = {
    "os/",  "delivery/folder.cpp",           "storage/", "http/wire/",
    "tls/", "service/secrets/passwords.cpp", "tools/",   "bench/limits.cpp"};

constexpr std::size_t columns_max = 110;
constexpr std::size_t function_lines_max = 70;  // head and braces included

// ---- reading the tree -------------------------------------------------------------------------------------

struct File {
  std::string path;  ///< from the root, with slashes
  std::string text;
  std::vector<std::string> lines;

  bool ends_with(std::string_view end) const { return path.ends_with(end); }
  bool is_header() const { return ends_with(".hpp"); }
  bool is_cpp() const { return is_header() || ends_with(".cpp"); }
  std::string top() const { return path.substr(0, path.find('/')); }
};

std::string content_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// Every text file written by people, sorted by path; build folders, generated and downloaded files are
/// excluded.
std::vector<File> read_tree() {
  const std::set<std::string> skipped = {".git", "build", "data", "node_modules"};
  const std::set<std::string> generated = {"package-lock.json"};
  const std::set<std::string> text = {"",      ".cpp",  ".hpp", ".txt", ".md",  ".cmake", ".json", ".yml",
                                      ".yaml", ".toml", ".py",  ".sh",  ".css", ".html",  ".js"};
  std::vector<File> files;
  for (auto each = fs::recursive_directory_iterator{root}; each != fs::recursive_directory_iterator{};
       ++each) {
    const std::string name = each->path().filename().string();
    if (each->is_directory()) {
      if (skipped.contains(name) || name.starts_with("cmake-build") || name == "__pycache__") {
        each.disable_recursion_pending();
      }
      continue;
    }
    if (!each->is_regular_file() || generated.contains(name) || skipped.contains(name)) continue;
    if (!text.contains(each->path().extension().string()) && !name.starts_with(".clang")) continue;
    File file{each->path().lexically_relative(root).generic_string(), content_of(each->path()), {}};
    file.lines = lines_of(file.text);
    files.push_back(std::move(file));
  }
  std::ranges::sort(files, {}, &File::path);
  return files;
}

const std::vector<File>& tree() {
  static const std::vector<File> files = read_tree();
  return files;
}

bool begins_with_any(const std::string& path, const std::vector<std::string>& places) {
  return std::ranges::any_of(places, [&](const std::string& place) { return path.starts_with(place); });
}

// ---- findings ---------------------------------------------------------------------------------------------

class Findings {
 public:
  void add(const File& file, std::size_t line, const std::string& what) {
    text_ += file.path + ":" + std::to_string(line) + ": " + what + "\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Calls `check(file, line, number)` for each line of each file that `wanted` takes.
template <class Wanted, class Check>
void each_line(Wanted wanted, Check check) {
  for (const File& file : tree()) {
    if (!wanted(file)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) check(file, file.lines[i], i + 1);
  }
}

bool any_file(const File&) {
  return true;
}
bool any_source(const File& file) {
  return file.is_cpp();
}
bool is_module_source(const File& file) {
  return file.is_cpp() && sees.contains(file.top());
}

struct Include {
  std::string header;
  bool quoted = false;
};
/// The header that a line includes; empty if it includes none.
Include included_by(const std::string& line) {
  static const std::regex directive{R"re(\s*#\s*include\s*(<|")([^>"]+)[>"].*)re"};
  std::smatch match;
  if (!std::regex_match(line, match, directive)) return {};
  return {match[2], match[1] == "\""};
}

template <class Check>
void each_include(Check check) {
  each_line(is_module_source, [&](const File& file, const std::string& line, std::size_t number) {
    const Include include = included_by(line);
    if (!include.header.empty()) check(file, include, number);
  });
}

const std::set<std::string>& modules_seen_by(const File& file) {
  const auto by_path = sees.find(file.path);
  return by_path != sees.end() ? by_path->second : sees.at(file.top());
}

/// Counts characters, not bytes, because French text has both.
std::size_t width(const std::string& line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

// ---- modules ----------------------------------------------------------------------------------------------

TEST(Tidy, the_tree_is_found) {
  EXPECT_GT(std::ranges::count_if(tree(), is_module_source), 100);
}

TEST(Tidy, includes_follow_the_arrows) {
  Findings findings;
  each_include([&](const File& file, const Include& include, std::size_t line) {
    if (!include.quoted) return;
    const std::string module = include.header.substr(0, include.header.find('/'));
    if (module != file.top() && !modules_seen_by(file).contains(module)) {
      findings.add(file, line, "may not include " + include.header);
    }
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, includes_start_at_the_root_and_name_a_file_that_exists) {
  Findings findings;
  each_include([&](const File& file, const Include& include, std::size_t line) {
    if (include.header.find("..") != std::string::npos) findings.add(file, line, "climbs: " + include.header);
    if (include.quoted && !fs::exists(root / include.header))
      findings.add(file, line, "no file " + include.header);
  });
  EXPECT_EQ(findings.text(), "");
}

const std::vector<std::string>& headers_of(const File& file) {
  static std::map<std::string, std::vector<std::string>> known;
  const auto [at, is_new] = known.try_emplace(file.path);
  if (is_new)
    for (const std::string& line : file.lines)
      if (line.find("#include") != std::string::npos) at->second.push_back(included_by(line).header);
  return at->second;
}

/// Ensures that no header relies on earlier includes: the build compiles only headers without a source
/// separately.
TEST(Tidy, a_source_includes_its_own_header_first) {
  Findings findings;
  for (const File& file : tree()) {
    if (!file.ends_with(".cpp")) continue;
    const std::string header = file.path.substr(0, file.path.size() - 3) + "hpp";
    if (!fs::exists(root / header)) continue;
    const auto& headers = headers_of(file);
    // Tests include their own headers by a path from tests/ on.
    const bool is_first =
        !headers.empty() && (headers.front() == header || "tests/" + headers.front() == header);
    if (!is_first) findings.add(file, 1, "begins elsewhere");
  }
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, each_library_is_named_only_in_its_module) {
  static const std::regex standard_header{"[a-z_0-9]+"};
  Findings findings;
  each_include([&](const File& file, const Include& include, std::size_t line) {
    if (include.quoted || std::regex_match(include.header, standard_header)) return;
    const auto library = std::ranges::find_if(
        libraries, [&](const Library& each) { return include.header.starts_with(each.prefix); });
    const bool is_system = std::regex_match(include.header, system_header);
    if (library == libraries.end() && !is_system) {
      findings.add(file, line, "<" + include.header + "> is of no library on this test's list");
    } else if (!begins_with_any(file.path, is_system ? system_places : library->places)) {
      findings.add(file, line, "<" + include.header + "> belongs elsewhere");
    }
  });
  EXPECT_EQ(findings.text(), "");
}

bool includes(const File& file, const std::string& prefix) {
  return file.is_cpp() && std::ranges::any_of(file.lines, [&](const std::string& line) {
           return included_by(line).header.starts_with(prefix);
         });
}

/// A library that is installed or linked but not included anywhere is dead and must be removed.
TEST(Tidy, each_library_that_is_installed_is_included) {
  static const std::regex package{R"(lib[a-z0-9.-]+-dev)"};
  const std::string list = content_of(root / "scripts/packages");
  Findings findings;
  const File packages{"scripts/packages", list, lines_of(list)};
  for (std::size_t i = 0; i < packages.lines.size(); ++i) {
    const std::string name = packages.lines[i].substr(0, packages.lines[i].find(' '));
    if (!std::regex_match(name, package) || without_headers.contains(name)) continue;
    const bool is_used = std::ranges::any_of(libraries, [&](const Library& library) {
      return library.package == name &&
             std::ranges::any_of(tree(), [&](const File& file) { return includes(file, library.prefix); });
    });
    if (!is_used) findings.add(packages, i + 1, name + " is included by no source");
  }
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, each_module_includes_what_it_links) {
  const std::string build = content_of(root / "CMakeLists.txt");
  static const std::regex call{R"re(\n(module|program)\((\w+)([^)]*)\))re"};
  static const std::regex word{R"re([^\s]+)re"};
  std::string wrong;
  for (std::sregex_iterator each{build.begin(), build.end(), call}; each != std::sregex_iterator{}; ++each) {
    const bool is_module = (*each)[1] == "module";
    const std::string folder = is_module ? (*each)[2].str() + "/" : "tools/";
    const std::string rest = (*each)[3];
    const std::size_t at = rest.find("PRIVATE");
    const std::string linked = at == std::string::npos ? "" : rest.substr(at + 7);
    for (std::sregex_iterator name{linked.begin(), linked.end(), word}; name != std::sregex_iterator{};
         ++name) {
      if (without_headers.contains(name->str()) || name->str() == "${ALLOCATOR}") continue;
      const bool is_used = std::ranges::any_of(libraries, [&](const Library& library) {
        return library.target == name->str() && std::ranges::any_of(tree(), [&](const File& file) {
                 return file.path.starts_with(folder) && includes(file, library.prefix);
               });
      });
      if (!is_used) wrong += folder + " links " + name->str() + " and includes nothing of it\n";
    }
  }
  EXPECT_EQ(wrong, "");
}

const File* own_file(const std::string& header) {
  static const std::map<std::string, const File*> files = [] {
    std::map<std::string, const File*> found;
    for (const File& file : tree()) found[file.path] = &file;
    return found;
  }();
  for (const std::string& path : {header, "tests/" + header})
    if (const auto at = files.find(path); at != files.end()) return at->second;
  return nullptr;
}

/// Collects a file's own includes, and those of our headers that it includes.
void collect_includes(const File& file, std::set<std::string>& collected) {
  for (const std::string& header : headers_of(file)) {
    if (!collected.insert(header).second) continue;
    if (const File* own = own_file(header)) collect_includes(*own, collected);
  }
}

/// The names behind `std::` in a file's code, `ranges::` included, each with the first line that has it. What
/// stands between quotes is no code.
std::map<std::string, std::size_t> standard_names(const File& file) {
  constexpr std::string_view space = "std::", ranges = "ranges::";
  static const std::regex quoted{R"("([^"\\]|\\.)*")"};
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string line = std::regex_replace(file.lines[i], quoted, "");
    const std::size_t comment = line.find("//");
    for (std::size_t at = line.find(space); at < std::min(comment, line.size());
         at = line.find(space, at + 1)) {
      if (std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), '"') % 2 == 1) continue;
      std::size_t end = at + space.size();
      if (line.compare(end, ranges.size(), ranges) == 0) end += ranges.size();
      while (end < line.size() && is_word(line[end])) ++end;
      names.emplace(line.substr(at + space.size(), end - at - space.size()), i + 1);
    }
  }
  return names;
}

TEST(Tidy, a_source_includes_what_precompiled_headers_would_hide) {
  Findings findings;
  for (const File& file : tree()) {
    if (!file.is_cpp() || file.path.starts_with("tests/must_not_compile/")) continue;
    std::set<std::string> included;
    collect_includes(file, included);
    const auto names = standard_names(file);
    for (const Standard& standard : precompiled) {
      if (included.contains(standard.header)) continue;
      const auto used =
          std::ranges::find_if(standard.names, [&](const std::string& name) { return names.contains(name); });
      if (used != standard.names.end())
        findings.add(file, names.at(*used), "needs <" + standard.header + "> for std::" + *used);
    }
  }
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, the_list_of_arrows_is_the_builds) {
  const std::string build = content_of(root / "CMakeLists.txt");
  const std::regex call{R"re(module\((\w+)(?: DEPENDS ([a-z ]+))?)re"};
  std::map<std::string, std::set<std::string>> built;
  for (std::sregex_iterator each{build.begin(), build.end(), call}; each != std::sregex_iterator{}; ++each) {
    std::set<std::string>& modules = built[(*each)[1]];
    const std::string names = (*each)[2];
    const std::regex word{"[a-z]+"};
    for (std::sregex_iterator name{names.begin(), names.end(), word}; name != std::sregex_iterator{};
         ++name) {
      modules.insert(name->str());
    }
  }
  for (const auto& [module, modules] : sees) {
    if (module.starts_with("tools") || module.starts_with("bench")) continue;  // programs, not libraries
    EXPECT_EQ(built[module], modules) << module;
  }
  EXPECT_EQ(built.size(), 11u);
}

// ---- files ------------------------------------------------------------------------------------------------

TEST(Tidy, every_header_is_read_once) {
  Findings findings;
  for (const File& file : tree()) {
    if (file.is_header() && std::ranges::find(file.lines, "#pragma once") == file.lines.end()) {
      findings.add(file, 1, "no #pragma once");
    }
  }
  EXPECT_EQ(findings.text(), "");
}

/// A source with a header of its own leaves the description to the header.
TEST(Tidy, every_source_begins_with_its_description) {
  Findings findings;
  for (const File& file : tree()) {
    if (!file.is_cpp()) continue;
    if (!file.is_header() && fs::exists((root / file.path).replace_extension(".hpp"))) continue;
    const std::string first = file.lines.empty() ? "" : file.lines.front();
    if (!first.starts_with("// ") || first.size() < 20) findings.add(file, 1, "does not say what it is");
  }
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, every_script_has_a_description) {
  Findings findings;
  for (const File& file : tree()) {
    if (file.lines.size() < 2 || !file.lines[0].starts_with("#!")) continue;
    const bool told = file.lines[1].starts_with("# ") || file.lines[1].starts_with("\"\"\"");
    if (!told) findings.add(file, 2, "does not say what it is");
  }
  EXPECT_EQ(findings.text(), "");
}

/// A table may be wider between `clang-format off` and `clang-format on`; so may a raw string, which cannot
/// be broken, and the address of a web page.
TEST(Tidy, lines_fit_the_columns) {
  Findings findings;
  bool in_table = false;
  const auto wanted = [&](const File& file) {
    in_table = false;
    return file.is_cpp() || file.ends_with(".cmake") || file.ends_with("CMakeLists.txt");
  };
  each_line(wanted, [&](const File& file, const std::string& line, std::size_t number) {
    if (line.find("clang-format off") != std::string::npos) in_table = true;
    if (line.find("clang-format on") != std::string::npos) in_table = false;
    const bool unbreakable =
        line.find("R\"") != std::string::npos || line.find("https://") != std::string::npos;
    if (!in_table && !unbreakable && width(line) > columns_max) {
      findings.add(file, number, std::to_string(width(line)) + " columns");
    }
  });
  EXPECT_EQ(findings.text(), "");
}

/// Replaces the contents of raw strings, which follow no rule of layout, with spaces.
std::string without_raw_strings(const std::string& text) {
  static const std::regex opening{R"re((^|[^A-Za-z0-9_])R"([^ ()\\"\n]{0,16})\()re"};
  std::string result;
  std::smatch match;
  for (auto at = text.begin();;) {
    if (!std::regex_search(at, text.end(), match, opening)) return result.append(at, text.end());
    const std::string closing = ")" + match[2].str() + "\"";
    const auto end = std::search(match[0].second, text.end(), closing.begin(), closing.end());
    result.append(at, match[0].second);
    at = end == text.end() ? end : end + static_cast<std::ptrdiff_t>(closing.size());
    std::transform(match[0].second, at, std::back_inserter(result),
                   [](char c) { return c == '\n' ? '\n' : ' '; });
  }
}

std::size_t indentation(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}
bool is_blank_or_directive(const std::string& line) {
  return indentation(line) == line.size() || line.starts_with('#');
}

struct Function {
  std::size_t first = 0;  ///< line number of its head
  std::size_t lines = 0;
};
/// Finds the functions in formatted text, except those inside others. A function's head has parentheses and
/// ends with `{`; a line with only `}` at the head's indentation ends the function. A table between
/// `clang-format off` and `clang-format on` may be as long as its rows.
class Functions {
 public:
  static std::vector<Function> of(const std::string& text) { return Functions{text}.found_; }

 private:
  explicit Functions(const std::string& text) : lines_(lines_of(without_raw_strings(text))) {
    bool in_table = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].find("clang-format off") != std::string::npos) in_table = true;
      if (lines_[i].find("clang-format on") != std::string::npos) in_table = false;
      if (in_table || is_blank_or_directive(lines_[i])) continue;
      const std::size_t end = end_of_function(i);
      if (end == none) continue;
      found_.push_back({i + 1, end - i + 1});
      i = end;
    }
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t end_of_function(std::size_t first) const {
    const std::size_t head = end_of_head(first);
    if (head == none) return none;
    const std::size_t column = indentation(lines_[first]);
    for (std::size_t i = head + 1; i < lines_.size(); ++i) {
      if (is_blank_or_directive(lines_[i]) || indentation(lines_[i]) > column) continue;
      return lines_[i] == std::string(column, ' ') + "}" ? i : none;
    }
    return none;
  }

  std::size_t end_of_head(std::size_t first) const {
    bool has_parameters = false;
    for (std::size_t i = first; i < lines_.size(); ++i) {
      std::string code = lines_[i].substr(0, lines_[i].find("//"));
      code.resize(code.find_last_not_of(' ') + 1);
      has_parameters = has_parameters || code.find(')') != std::string::npos;
      if (code.ends_with('{')) return has_parameters ? i : none;
      if (code.empty() || code.ends_with(';') || code.ends_with('}')) return none;
    }
    return none;
  }

  const std::vector<std::string> lines_;
  std::vector<Function> found_;
};

TEST(Tidy, a_function_can_be_seen_whole) {
  Findings findings;
  std::size_t functions = 0;
  for (const File& file : tree()) {
    if (!file.is_cpp()) continue;
    for (const Function& each : Functions::of(file.text)) {
      ++functions;
      if (each.lines > function_lines_max)
        findings.add(file, each.first, "a function of " + std::to_string(each.lines) + " lines");
    }
  }
  EXPECT_EQ(findings.text(), "");
  EXPECT_GT(functions, 4'000u);
}

TEST(Tidy, the_lines_of_functions_are_counted_and_of_nothing_else) {
  const auto lengths = [](const std::string& text) {
    std::vector<std::size_t> lines;
    for (const Function& each : Functions::of(text)) lines.push_back(each.lines);
    return lines;
  };
  using Lengths = std::vector<std::size_t>;
  EXPECT_EQ(lengths("namespace ttp {\nint f(int a,\n      int b) {\n  if (a) {\n    b();\n  }\n\n}\n}  // "
                    "namespace ttp\n"),
            Lengths{7});
  EXPECT_EQ(lengths("template <class T>\nclass A {\n  void f() {\n    g();\n  }\n  int b = 0;\n  void h() {  "
                    "// why\n#if X\n  }\n};\n"),
            (Lengths{3, 3}));
  EXPECT_EQ(lengths("TEST(A, b) {\n  c(R\"(\nfoo() {\n}\n)\");\n}\n"), Lengths{6});
  EXPECT_EQ(lengths("const std::vector<A> rows = {\n    A(1),\n};\nstruct B {\n  int c;\n};\nint d();\n"),
            Lengths{});
  EXPECT_EQ(
      lengths("// clang-format off\nA rows() {\n  return {};\n}\n// clang-format on\nB b() {\n  c();\n}\n"),
      Lengths{3});
  EXPECT_EQ(lengths("A::A()\n    : b_([] {\n        c();\n      }) {}\nvoid d() {\n  e();\n}\n"), Lengths{3});
}

/// The line that begins a section of a file is alone and reaches the last column.
TEST(Tidy, a_chapter_has_one_ruler) {
  static const std::regex chapter{R"(\s*// ---- .*)"}, ruler_alone{R"(\s*// -{20,})"};
  Findings findings;
  each_line(any_source, [&](const File& file, const std::string& line, std::size_t number) {
    const bool is_cut = std::regex_match(line, chapter) && !line.ends_with("--");
    if (is_cut || std::regex_match(line, ruler_alone)) findings.add(file, number, "a broken ruler");
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, no_tabs_no_trailing_spaces_a_final_newline) {
  Findings findings;
  const auto wanted = [](const File& file) { return file.path.find("/golden/") == std::string::npos; };
  each_line(wanted, [&](const File& file, const std::string& line, std::size_t number) {
    if (line.find('\t') != std::string::npos) findings.add(file, number, "a tab");
    if (line.find('\r') != std::string::npos) findings.add(file, number, "a carriage return");
    if (!line.empty() && line.back() == ' ') findings.add(file, number, "spaces at the end");
  });
  for (const File& file : tree()) {
    if (!wanted(file) || file.text.empty()) continue;
    if (!file.text.ends_with('\n')) findings.add(file, file.lines.size(), "no newline at the end");
    if (file.text.ends_with("\n\n")) findings.add(file, file.lines.size(), "empty lines at the end");
  }
  EXPECT_EQ(findings.text(), "");
}

// ---- words ------------------------------------------------------------------------------------------------

TEST(Tidy, nothing_is_left_for_later) {
  static const std::regex later{std::string{"\\b(TO"} + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b"};
  Findings findings;
  each_line(any_file, [&](const File& file, const std::string& line, std::size_t number) {
    if (std::regex_search(line, later)) findings.add(file, number, "work left for later");
  });
  EXPECT_EQ(findings.text(), "");
}

/// Whether a line, or the previous line's end with its beginning, has "cannot" as two words.
bool splits_cannot(const std::string& previous, const std::string& line) {
  static const std::regex within{std::string{"\\b[Cc]a"} + "n not\\b"};
  static const std::regex end{"\\b[Cc]an$"}, begin{"^[ /<#*]*not\\b"};
  if (line.find("not") == std::string::npos) return false;
  return std::regex_search(line, within) ||
         (std::regex_search(line, begin) && std::regex_search(previous, end));
}

TEST(Tidy, cannot_is_one_word) {
  Findings findings;
  std::string previous;
  each_line(any_file, [&](const File& file, const std::string& line, std::size_t number) {
    if (splits_cannot(number == 1 ? "" : previous, line)) findings.add(file, number, "cannot is one word");
    previous = line;
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, two_words_for_cannot_are_found_where_they_are) {
  const std::string two = std::string{"ca"} + "n not";
  EXPECT_TRUE(splits_cannot("", "  /// It " + two + " fail."));
  EXPECT_TRUE(splits_cannot("", "{409, \"C" + two.substr(1) + " be read.\"};"));
  EXPECT_TRUE(splits_cannot("  /// A reader can", "  /// not see it."));
  EXPECT_FALSE(splits_cannot("  /// A reader", "  /// cannot see it."));
  EXPECT_FALSE(splits_cannot("  /// It does what it can.", "  /// Not every reader sees it."));
  EXPECT_FALSE(splits_cannot("", "  if (can_read && not_empty) canNote();"));
}

/// The prose in a line: the comment; in Markdown and Python the whole line without its list or comment mark.
/// Text between quotes of a source is not prose, so names and the catalogues in two languages are excluded.
std::string prose_of(const File& file, const std::string& line) {
  static const std::regex quoted{R"("([^"\\]|\\.)*")"}, in_source{R"(//[/<]*\s*(.*))"},
      in_script{R"((?:^|\s)#+\s+(.*))"}, marks{R"(^\s*(?:"""|#+ |[-*] |\d+\. )?)"};
  if (file.ends_with(".md") || file.ends_with(".py")) {
    const bool is_heading = file.ends_with(".md") && line.starts_with('#');
    return is_heading ? "" : std::regex_replace(line, marks, "");
  }
  const bool is_source = file.is_cpp();
  if (line.find(is_source ? "//" : "#") == std::string::npos) return "";
  const std::string text = is_source ? std::regex_replace(line, quoted, "") : line;
  std::smatch comment;
  return std::regex_search(text, comment, is_source ? in_source : in_script) ? comment[1].str() : "";
}

/// A phrase of dated English, or a sentence that begins with the riddle "What was read ..." instead of
/// its subject. A question may begin so.
bool is_hard_to_read(const std::string& prose) {
  static const auto flags = std::regex::icase | std::regex::optimize;
  static const std::regex phrase{
      "\\b(whoever|thereof|henceforth|befell|misfit|upheaval|had better|better let|"
      "let (the )?others|all the same)\\b",
      flags};
  static const std::regex riddle{R"((^|[.:;] )(Who|Whose|What)\s[^?]*$)"};
  if (prose.empty()) return false;
  return std::regex_search(prose, phrase) || std::regex_search(prose, riddle);
}

TEST(Tidy, comments_and_documents_are_in_plain_english) {
  Findings findings;
  each_line(any_file, [&](const File& file, const std::string& line, std::size_t number) {
    if (is_hard_to_read(prose_of(file, line))) findings.add(file, number, "not in plain English");
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, phrases_that_are_hard_to_read_are_found_in_prose_and_only_there) {
  const auto is_found = [](const std::string& path, const std::string& line) {
    return is_hard_to_read(prose_of({path, {}, {}}, line));
  };
  EXPECT_TRUE(is_found("os/x.hpp", "/// Whoever has something to do gets the processor."));
  EXPECT_TRUE(is_found("os/x.hpp", "  int value_;  ///< false after an upheaval"));
  EXPECT_TRUE(is_found("os/x.hpp", "// What readers made of a view's rows, kept until the row changes."));
  EXPECT_TRUE(is_found("os/x.cpp", "  wait();  // it had better let the others go first"));
  EXPECT_TRUE(is_found("docs/x.md", "- Who waits for the answer writes it."));
  EXPECT_TRUE(is_found("docs/x.md", "It is refused. What was answered is safe."));
  EXPECT_TRUE(is_found("scripts/x", "make all  # an upheaval"));
  EXPECT_TRUE(is_found("tests/x.py", "    \"\"\"What is read again.\"\"\""));
  EXPECT_FALSE(
      is_found("os/x.hpp", "/// A bounded cache of decoded rows; says what is in it and who reads it."));
  EXPECT_FALSE(is_found("os/x.cpp", "  Who who{};"));
  EXPECT_FALSE(is_found("os/x.cpp", "  text(\"What is the name? // misfit\");  // the first question"));
  EXPECT_FALSE(is_found("docs/x.md", "## What is stored"));
  EXPECT_FALSE(is_found("docs/x.md", "Who may read it?"));
  EXPECT_FALSE(is_found("data/x.txt", "misfit upheaval"));
}

TEST(Tidy, no_test_is_switched_off) {
  static const std::regex off{std::string{"GTEST_"} + "SKIP|DISA" + "BLED_|#if " + "0\\b"};
  Findings findings;
  each_line(any_source, [&](const File& file, const std::string& line, std::size_t number) {
    if (std::regex_search(line, off)) findings.add(file, number, "switched off");
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, no_place_of_one_machine_is_named) {
  static const std::regex place{std::string{"/(ho"} + "me|ro" + "ot|wo" + "rk|Us" + "ers)/[A-Za-z]"};
  Findings findings;
  each_line(any_file, [&](const File& file, const std::string& line, std::size_t number) {
    if (std::regex_search(line, place)) findings.add(file, number, "a path of one machine");
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, nothing_that_looks_like_a_secret_is_kept) {
  static const std::regex secret{
      std::string{"-----BEGIN [A-Z ]*PRIV"} + "ATE KEY|AK" + "IA[0-9A-Z]{16}|gh" +
      "p_[A-Za-z0-9]{20}|\\$argon2id\\$v=[0-9]+\\$m=[0-9]+[^\"]*\\$[A-Za-z0-9+/]{40}"};
  Findings findings;
  each_line(any_file, [&](const File& file, const std::string& line, std::size_t number) {
    if (std::regex_search(line, secret)) findings.add(file, number, "looks like a secret");
  });
  EXPECT_EQ(findings.text(), "");
}

/// Rules read no clock, random number or file: their callers pass these in.
TEST(Tidy, the_domain_reads_no_clock_random_number_or_file) {
  static const std::regex outside{
      R"(system_clock|steady_clock|<random>|<fstream>|<filesystem>|<iostream>|getenv|<thread>)"};
  Findings findings;
  each_line([](const File& file) { return file.top() == "domain"; },
            [&](const File& file, const std::string& line, std::size_t number) {
              if (std::regex_search(line, outside))
                findings.add(file, number, "the domain asks the outside world");
            });
  EXPECT_EQ(findings.text(), "");
}

/// A thread outside os/ and the I/O threads of http/wire/: no code there would catch its exceptions.
bool begins_a_thread(const std::string& line) {
  static const std::regex bare{R"(std::(j?thread(?!::)|async)\b)"};
  return std::regex_search(line, bare);
}

TEST(Tidy, every_thread_is_a_worker_or_an_io_thread) {
  const auto wanted = [](const File& file) {
    return is_module_source(file) && file.top() != "os" && file.top() != "bench" &&
           !file.path.starts_with("http/wire/");
  };
  Findings findings;
  each_line(wanted, [&](const File& file, const std::string& line, std::size_t number) {
    if (begins_a_thread(line)) findings.add(file, number, "a bare thread: use os/worker.hpp");
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, a_bare_thread_is_found_where_there_is_one) {
  EXPECT_TRUE(begins_a_thread("  std::thread writer_, applier_;"));
  EXPECT_TRUE(begins_a_thread("  std::vector<std::jthread> helpers_;"));
  EXPECT_TRUE(begins_a_thread("  auto hash = std::async(std::launch::async, hash_file, path);"));
  EXPECT_FALSE(begins_a_thread("  os::Worker worker_;"));
  EXPECT_FALSE(begins_a_thread("  std::this_thread::yield();"));
  EXPECT_FALSE(begins_a_thread("  const unsigned count = std::thread::hardware_concurrency();"));
}

/// A mutex or a lock of the standard library, which does not tell the analysis what it guards.
bool locks_by_itself(const std::string& line) {
  static const std::regex bare{
      R"(std::(((recursive|timed|shared)_)*mutex|(lock_guard|(unique|scoped|shared)_lock|condition_variable(_any)?))\b)"
      R"(|#include <(shared_)?mutex>|#include <condition_variable>)"};
  return std::regex_search(line, bare);
}

TEST(Tidy, every_mutex_says_what_it_guards) {
  const auto wanted = [](const File& file) {
    return is_module_source(file) && file.top() != "bench" && file.path != "os/mutex.hpp";
  };
  Findings findings;
  each_line(wanted, [&](const File& file, const std::string& line, std::size_t number) {
    if (locks_by_itself(line)) findings.add(file, number, "a bare mutex or lock: use os/mutex.hpp");
  });
  EXPECT_EQ(findings.text(), "");
}

TEST(Tidy, a_bare_mutex_is_found_where_there_is_one) {
  EXPECT_TRUE(locks_by_itself("#include <mutex>"));
  EXPECT_TRUE(locks_by_itself("  mutable std::mutex mutex_;"));
  EXPECT_TRUE(locks_by_itself("  mutable std::shared_mutex state_;"));
  EXPECT_TRUE(locks_by_itself("  std::condition_variable changed_;"));
  EXPECT_TRUE(locks_by_itself("  const std::lock_guard lock{mutex_};"));
  EXPECT_TRUE(locks_by_itself("  void end(std::unique_lock<std::mutex> lock) {"));
  EXPECT_TRUE(locks_by_itself("  const std::scoped_lock lock(mutex_);"));
  EXPECT_FALSE(locks_by_itself("#include \"os/mutex.hpp\""));
  EXPECT_FALSE(locks_by_itself("  mutable os::Mutex mutex_;"));
  EXPECT_FALSE(locks_by_itself("  const os::MutexLock lock(mutex_);"));
}

/// The annotations hold nothing where the lint build does not ask for them.
TEST(Tidy, the_lint_build_checks_what_mutexes_guard) {
  const std::string settings = content_of(root / ".clang-tidy");
  for (const char* each : {"clang-diagnostic-thread-safety*", "-Wthread-safety,", "-Wthread-safety-beta"})
    EXPECT_NE(settings.find(each), std::string::npos) << each;
}

TEST(Tidy, assertions_stay_on_in_every_build) {
  static const std::regex off{std::string{"NDE"} + "BUG"};
  for (const char* each :
       {"CMakeLists.txt", "CMakePresets.json", "cmake/module.cmake", "tests/CMakeLists.txt"}) {
    EXPECT_FALSE(std::regex_search(content_of(root / each), off)) << each;
  }
  const std::string build = content_of(root / "CMakeLists.txt");
  for (const char* flags : {"CMAKE_CXX_FLAGS_RELEASE", "CMAKE_CXX_FLAGS_RELWITHDEBINFO"}) {
    EXPECT_NE(build.find(std::string{"set("} + flags + " "), std::string::npos) << "CMake's own " << flags;
  }
}

// ---- tests ------------------------------------------------------------------------------------------------

TEST(Tidy, every_test_folder_is_linked) {
  const std::string build = content_of(root / "tests/CMakeLists.txt");
  for (const File& file : tree()) {
    if (!file.path.starts_with("tests/") || !file.ends_with("_test.cpp")) continue;
    const std::string folder = file.path.substr(6, file.path.find('/', 6) - 6);
    EXPECT_NE(build.find("\ntests(" + folder), std::string::npos) << file.path << " is in no test program";
  }
}

TEST(Tidy, every_test_file_holds_a_test) {
  for (const File& file : tree()) {
    if (file.ends_with("_test.cpp")) {
      EXPECT_TRUE(std::regex_search(file.text, std::regex{R"((TEST|TEST_F|TEST_P|RC_GTEST_PROP)\()"}))
          << file.path;
    }
  }
}

/// A reason that no rule gives is a false promise to clients.
TEST(Tidy, every_reason_is_given_by_some_rule) {
  const std::string list = content_of(root / "domain/reason.hpp");
  std::set<std::string> given;
  static const std::regex use{R"re(Reason::([a-z_0-9]+))re"};
  for (const File& file : tree()) {
    const bool is_code = file.ends_with(".cpp") || file.ends_with(".hpp");
    if (!is_code || file.path.starts_with("tests/") || file.path == "http/api/problem.cpp") continue;
    for (std::sregex_iterator each{file.text.begin(), file.text.end(), use}; each != std::sregex_iterator{};
         ++each)
      given.insert((*each)[1]);
  }
  static const std::regex row{R"re(  X\(([a-z_0-9]+)\))re"};
  for (std::sregex_iterator each{list.begin(), list.end(), row}; each != std::sregex_iterator{}; ++each)
    EXPECT_TRUE(given.contains((*each)[1])) << (*each)[1];
}

/// Events are stored for ever, so each stored name and version has a sample that must stay readable.
TEST(Tidy, every_stored_event_has_a_golden_sample) {
  const std::string registry = content_of(root / "events/registry.hpp");
  static const std::regex row{R"re(row<domain::\w+>\(\s*"([a-z_.]+)", (\d+),)re"};
  std::size_t rows = 0;
  for (std::sregex_iterator each{registry.begin(), registry.end(), row}; each != std::sregex_iterator{};
       ++each) {
    const std::string sample = (*each)[1].str() + "@" + (*each)[2].str();
    EXPECT_TRUE(fs::exists(root / "tests/events/golden" / sample))
        << "tests/events/golden/" << sample << " is missing";
    ++rows;
  }
  EXPECT_GT(rows, 50u);
}

// ---- people -----------------------------------------------------------------------------------------------

TEST(Tidy, the_documents_name_files_that_exist) {
  static const std::regex link{
      R"re(\]\(([^)#:]+)(?:#[^)]*)?\)|`((?:domain|events|storage|projections|delivery|service|http|os|tools|tests|scripts|docs|cmake|snapshots)/[\w./-]+)`)re"};
  Findings findings;
  each_line([](const File& file) { return file.ends_with(".md"); },
            [&](const File& file, const std::string& line, std::size_t number) {
              for (std::sregex_iterator each{line.begin(), line.end(), link}; each != std::sregex_iterator{};
                   ++each) {
                const bool is_link = (*each)[1].matched;
                const std::string target = is_link ? (*each)[1] : (*each)[2];
                const fs::path base = is_link ? (root / file.path).parent_path() : root;
                if (!fs::exists(base / target)) findings.add(file, number, "no file " + target);
              }
            });
  EXPECT_EQ(findings.text(), "");
}
