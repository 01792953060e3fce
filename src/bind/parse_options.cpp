#include "bind/parse_options.hpp"

#include "base/duration.hpp"
#include "bind/lexical.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace freshet {

namespace {

/// A value with what is needed to complain about it.
struct Given {
    const Tokens& tokens;
    std::string option;
    Token token;
    std::string text; ///< strings without quotes, numbers with their sign
    bool is_string;

    Error Bad(const std::string& wanted, const std::string& hint = "") const {
        std::string message = fmt::format("{} can't be {}: {}", option, token.text, wanted);
        return Error(Code::BadOptionValue, message, hint).At(tokens.At(token));
    }
};

Given TakeValue(Tokens& tokens, const std::string& option) {
    bool sign = tokens.Peek().text == "-" || tokens.Peek().text == "+";
    TokenKind kind = tokens.Peek(sign ? 1 : 0).kind;
    bool is_string = kind == TokenKind::String && !sign;
    if (!is_string && kind != TokenKind::Number && (kind != TokenKind::Word || sign)) {
        throw tokens.Expected("a value of " + option);
    }
    Token token = tokens.Take();
    if (sign) {
        Token number = tokens.Take();
        token.text = (token.text == "-" ? "-" : "") + number.text;
        token.end = number.end;
        token.kind = kind;
    }
    return {tokens, option, token, is_string ? Unquote(token.text) : token.text, is_string};
}

int64_t DurationValue(const Given& given) {
    const std::string wanted = "it is a time such as '5 minutes' (seconds, minutes, hours or days)";
    if (given.token.kind == TokenKind::Number) {
        std::string unit = given.tokens.Peek().kind == TokenKind::Word ? given.tokens.Peek().text : "minutes";
        bool is_unit = ParseDuration("1 " + unit).has_value();
        throw given.Bad(wanted,
                        fmt::format("write {} = '{} {}'", given.option, given.text, is_unit ? unit : "minutes"));
    }
    auto seconds = given.is_string ? ParseDuration(given.text) : std::nullopt;
    if (!seconds) {
        throw given.Bad(wanted);
    }
    return *seconds;
}

TargetLag LagValue(const Given& given) {
    if (Upper(given.text) == "DOWNSTREAM") {
        return {true, 0};
    }
    if (given.token.kind == TokenKind::Word) {
        throw given.Bad("it is a time such as '5 minutes', or DOWNSTREAM");
    }
    return {false, DurationValue(given)};
}

template <class Enum>
Enum OneOf(const Given& given, std::initializer_list<Enum> values, std::string (*text_of)(Enum)) {
    std::vector<std::string> texts;
    for (Enum value : values) {
        texts.push_back(text_of(value));
        if (Upper(given.text) == texts.back()) {
            return value;
        }
    }
    auto nearest = NearestName(given.text, texts);
    throw given.Bad(fmt::format("it is {}", fmt::join(texts, ", ")),
                    nearest ? fmt::format("did you mean {}?", *nearest) : "");
}

bool BooleanValue(const Given& given) {
    std::string text = Upper(given.text);
    if (text != "TRUE" && text != "FALSE") {
        throw given.Bad("it is TRUE or FALSE");
    }
    return text == "TRUE";
}

std::string WithoutUnderscores(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    return text;
}

template <class Number>
std::optional<Number> ReadNumber(const std::string& given) {
    std::string text = WithoutUnderscores(given);
    Number number{};
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = problem == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

int64_t IntegerValue(const Given& given, int64_t least, int64_t most) {
    auto number = ReadNumber<int64_t>(given.text);
    if (!number || *number < least || *number > most) {
        bool open = most == std::numeric_limits<int64_t>::max();
        bool any = open && least == std::numeric_limits<int64_t>::min();
        throw given.Bad(any    ? "it is an integer"
                        : open ? fmt::format("it is an integer, {} or more", least)
                               : fmt::format("it is an integer from {} to {}", least, most));
    }
    return *number;
}

double ShareValue(const Given& given) {
    auto number = ReadNumber<double>(given.text);
    if (!number || !(*number >= 0 && *number <= 1)) {
        throw given.Bad("it is a number from 0 to 1");
    }
    return *number;
}

std::string TextValue(const Given& given) {
    if (!given.is_string) {
        throw given.Bad("it is a text in quotes");
    }
    return given.text;
}

/// One tag, or a list in parentheses. A tag is a word that can be selected by: no blanks, commas or colons.
std::vector<std::string> TagsValue(Tokens& tokens, const std::string& option) {
    std::vector<std::string> tags;
    auto take = [&] {
        Given given = TakeValue(tokens, option);
        std::string tag = TextValue(given);
        if (tag.empty() || tag.find_first_of(" \t\r\n,:+") != std::string::npos) {
            throw given.Bad("a tag is one word, without blanks, commas, colons and plus signs");
        }
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) {
            tags.push_back(tag);
        }
    };
    if (!tokens.TakeSymbolIf("(")) {
        take();
        return tags;
    }
    do {
        take();
    } while (tokens.TakeSymbolIf(","));
    tokens.ExpectSymbol(")");
    return tags;
}

/// The text between balanced parentheses.
std::string ListText(Tokens& tokens, const std::string& option) {
    tokens.TakeSymbolIf("=");
    Token open = tokens.Peek();
    tokens.ExpectSymbol("(");
    size_t depth = 1;
    std::string text;
    size_t end = open.end;
    while (depth > 0) {
        if (tokens.AtEnd()) {
            throw Error(Code::Syntax, "a parenthesis is opened here and not closed").At(tokens.At(open));
        }
        Token token = tokens.Take();
        depth += token.text == "(" ? 1 : 0;
        depth -= token.text == ")" ? 1 : 0;
        if (depth > 0) {
            text += (token.begin > end && !text.empty() ? " " : "") + token.text;
            end = token.end;
        }
    }
    if (text.empty()) {
        throw Error(Code::BadOptionValue, option + " names no column").At(tokens.At(open));
    }
    return text;
}

std::vector<std::string> AllNames() {
    std::vector<std::string> names;
    for (Option option : AllOptions()) {
        names.push_back(OptionName(option));
    }
    return names;
}

Error UnknownOption(const Tokens& tokens, const Token& token) {
    std::string word = Upper(token.text);
    if (word == "SELECT" || word == "FROM" || word == "WITH" || word == "VALUES") {
        return Error(Code::MissingOption, "the query must stand behind AS", "write AS before " + word)
            .At(tokens.At(token));
    }
    auto nearest = NearestName(token.text, AllNames());
    std::string hint = nearest ? fmt::format("did you mean {}?", *nearest)
                               : fmt::format("options are {}", fmt::join(AllNames(), ", "));
    return Error(Code::UnknownOption, fmt::format("unknown option {}", token.text), hint).At(tokens.At(token));
}

} // namespace

Option OptionParser::ParseName() {
    Token token = tokens_.Peek();
    if (token.kind != TokenKind::Word) {
        throw tokens_.Expected("an option or AS");
    }
    for (Option option : AllOptions()) {
        std::string name = OptionName(option);
        size_t blank = name.find(' ');
        if (Upper(token.text) == name.substr(0, blank)) {
            tokens_.Take();
            if (blank != std::string::npos) {
                tokens_.Expect(name.substr(blank + 1));
            }
            if (!seen_.emplace(option, token).second) {
                throw Error(Code::BadOptionValue, name + " is given twice").At(tokens_.At(token));
            }
            return option;
        }
    }
    throw UnknownOption(tokens_, token);
}

void OptionParser::ParseOne() {
    Option option = ParseName();
    if (option == Option::PartitionedBy) {
        options_.partitioned_by = ListText(tokens_, OptionName(option));
    } else if (option == Option::SortedBy) {
        options_.sorted_by = ListText(tokens_, OptionName(option));
    } else if (option == Option::Tag) {
        tokens_.ExpectSymbol("=");
        options_.tags = TagsValue(tokens_, OptionName(option));
    } else {
        tokens_.ExpectSymbol("=");
        ParseValue(option);
    }
}

void OptionParser::ParseValue(Option option) {
    constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
    Given given = TakeValue(tokens_, OptionName(option));
    switch (option) {
    case Option::TargetLag:
        options_.target_lag = LagValue(given);
        break;
    case Option::RefreshMode:
        options_.refresh_mode =
            OneOf(given, {RefreshMode::Auto, RefreshMode::Incremental, RefreshMode::Full}, ModeText);
        break;
    case Option::Initialize:
        options_.initialize = OneOf(given, {Initialize::OnCreate, Initialize::OnSchedule}, InitializeText);
        break;
    case Option::CardinalityThreshold:
        options_.cardinality_threshold = ShareValue(given);
        break;
    case Option::Deduplication:
        options_.deduplication = BooleanValue(given);
        break;
    case Option::AllowParallelRefresh:
        options_.allow_parallel_refresh = BooleanValue(given);
        break;
    case Option::ParallelThreshold:
        options_.parallel_threshold = IntegerValue(given, 1, kMost);
        break;
    case Option::MaxParallelism:
        options_.max_parallelism = IntegerValue(given, 1, 1024);
        break;
    case Option::Priority:
        options_.priority = IntegerValue(given, kLeast, kMost);
        break;
    case Option::Timeout:
        options_.timeout_seconds = DurationValue(given);
        break;
    case Option::Retries:
        options_.retries = IntegerValue(given, 0, 1000);
        break;
    case Option::Comment:
        options_.comment = TextValue(given);
        break;
    case Option::Adopt:
        options_.adopt = BooleanValue(given);
        break;
    case Option::PartitionedBy:
    case Option::SortedBy:
    case Option::Tag:
        break; // lists, read by ParseOne
    }
}

} // namespace freshet
