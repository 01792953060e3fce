#include "cli/prompt_words.hpp"

#include "base/caseless.hpp"
#include "bind/lexical.hpp"
#include "bind/source.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace freshet {

namespace {

/// Words of our statements that are no keywords of DuckDB.
constexpr const char* kOwnWords[] = {
    "dynamic",  "target_lag",  "downstream", "refresh", "refresh_mode", "incremental",
    "full",     "initialize",  "on_create",  "suspend", "on_schedule",  "deduplication",
    "resume",   "swap",        "undrop",     "verify",  "retries",      "timeout",
    "priority", "partitioned", "sorted",     "cascade", "version",      "cardinality_threshold"};

std::string Upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

bool Begins(const std::string& word, const std::string& start) {
    return Lower(word.substr(0, start.size())) == Lower(start);
}

/// The name before a dot at the end of the text, in small letters; empty if there is none.
std::string NameBeforeDot(const std::string& text) {
    if (text.empty() || text.back() != '.') {
        return "";
    }
    std::string name = text.substr(0, text.size() - 1);
    bool quoted = !name.empty() && name.back() == '"';
    if (quoted) {
        name.pop_back();
        return Lower(name.substr(name.rfind('"') + 1));
    }
    size_t end = name.find_last_of(" \t\n(),.=<>+-*/");
    return Lower(end == std::string::npos ? name : name.substr(end + 1));
}

bool IsWordCharacter(unsigned char c) {
    return std::isalnum(c) || c == '_';
}

bool IsBlank(unsigned char c) {
    return std::isspace(c);
}

/// The name before an alias, in small letters; AS may stand between. `text`, in small letters, ends with a blank.
std::string NameBeforeAlias(std::string text) {
    auto trim = [&] {
        while (!text.empty() && IsBlank(text.back())) {
            text.pop_back();
        }
    };
    trim();
    if (text.ends_with("as") && text.size() > 2 && IsBlank(text[text.size() - 3])) {
        text.resize(text.size() - 2);
        trim();
    }
    return NameBeforeDot(text + ".");
}

/// Where the text lies within double quotes, where these begin; else npos.
size_t OpenQuote(const std::string& text) {
    for (size_t at = 0; at < text.size();) {
        Stretch stretch = NextStretch(text, at);
        if (!stretch.closed && text[at] == '"') {
            return at;
        }
        at = stretch.end;
    }
    return std::string::npos;
}

/// Does only a table's name fit behind this text?
bool WantsTable(const std::string& text) {
    size_t end = text.find_last_not_of(" \t\n") + 1;
    if (end == text.size()) {
        return false;
    }
    size_t begin = text.find_last_of(" \t\n();,", end - 1) + 1;
    constexpr std::array kWords = {"from", "join", "into", "update", "table"};
    return std::find(kWords.begin(), kWords.end(), Lower(text.substr(begin, end - begin))) != kWords.end();
}

} // namespace

std::vector<std::string> PromptWords::Completing(const std::string& before, const std::string& word,
                                                 const std::string& statement) {
    Load();
    size_t quote = OpenQuote(before);
    if (quote != std::string::npos) {
        return CompletingQuoted(before.substr(0, quote), before.substr(quote), word);
    }
    std::vector<std::string> found;
    auto take = [&](const std::set<std::string>& names) {
        std::copy_if(names.begin(), names.end(), std::back_inserter(found), [&](const std::string& name) {
            bool unquoted = !word.empty() && name[0] == '"' && Begins(name.substr(1), word);
            return unquoted || Begins(name, word);
        });
    };
    if (!before.empty() && before.back() == '.') {
        const auto* inside = Inside(NameBeforeDot(before), statement);
        take(inside == nullptr ? names_ : *inside);
        return found;
    }
    if (WantsTable(before)) {
        take(tables_);
        return found;
    }
    take(names_);
    bool small = !word.empty() && word == Lower(word);
    for (const auto& keyword : keywords_) {
        if (!word.empty() && Begins(keyword, word)) {
            found.push_back(small ? keyword : Upper(keyword));
        }
    }
    return found;
}

const std::set<std::string>* PromptWords::Inside(const std::string& name, const std::string& statement) const {
    if (auto known = inside_.find(name); known != inside_.end()) {
        return &known->second;
    }
    if (name.empty() || !std::all_of(name.begin(), name.end(), IsWordCharacter)) {
        return nullptr;
    }
    std::string text = Lower(statement);
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        size_t end = at + name.size();
        bool alone = at > 0 && IsBlank(text[at - 1]) && (end == text.size() || !IsWordCharacter(text[end]));
        auto known = alone ? inside_.find(NameBeforeAlias(text.substr(0, at))) : inside_.end();
        if (known != inside_.end()) {
            return &known->second;
        }
    }
    return nullptr;
}

std::vector<std::string> PromptWords::CompletingQuoted(const std::string& before, const std::string& open,
                                                       const std::string& word) const {
    auto inside = inside_.find(NameBeforeDot(before));
    bool any_table = WantsTable(before);
    const auto& names = inside != inside_.end() ? inside->second : any_table ? tables_ : names_;
    std::vector<std::string> found;
    for (const auto& name : names) {
        std::string quoted = name[0] == '"' ? name : QuoteIdentifier(name);
        if (Begins(quoted, open + word)) {
            found.push_back(quoted.substr(open.size())); // what stands before the word is typed already
        }
    }
    return found;
}

void PromptWords::Load() {
    if (loaded_) {
        return;
    }
    loaded_ = true;
    if (keywords_.empty()) {
        keywords_.insert(std::begin(kOwnWords), std::end(kOwnWords));
        for (const auto& row : Ask("SELECT keyword_name FROM duckdb_keywords()")) {
            keywords_.insert(AsText(row.at(0)));
        }
    }
    names_.clear();
    tables_.clear();
    inside_.clear();
    for (const auto& row :
         Ask("SELECT schema_name, table_name, column_name, database_name FROM duckdb_columns() "
             "WHERE database_name IN ('lake', 'temp') AND NOT internal AND schema_name <> '__freshet'")) {
        const std::string schema = AsText(row.at(0)), table = AsText(row.at(1));
        const std::string column = QuoteIfNeeded(AsText(row.at(2)));
        names_.insert({QuoteIfNeeded(schema), QuoteIfNeeded(table), column});
        tables_.insert({QuoteIfNeeded(schema), QuoteIfNeeded(table)});
        inside_[Lower(AsText(row.at(3)))].insert(QuoteIfNeeded(schema == "main" ? table : schema));
        inside_[Lower(schema)].insert(QuoteIfNeeded(table));
        inside_[Lower(table)].insert(column);
    }
}

/// A session that can't answer (its transaction has failed, say) completes nothing.
std::vector<std::vector<Value>> PromptWords::Ask(const std::string& sql) {
    try {
        return session_.Execute({sql, 0}, {"", sql}).rows;
    } catch (const std::exception&) {
        return {};
    }
}

} // namespace freshet
