#include "bind/statement.hpp"

#include "bind/lexical.hpp"
#include "bind/parse_name.hpp"
#include "bind/parse_options.hpp"
#include "bind/tokens.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace freshet {

namespace {

/// The query behind AS. Precondition: AS was the last token taken.
Excerpt QueryBehindAs(Tokens& tokens) {
    Excerpt query = tokens.Rest();
    if (tokens.AtEnd()) {
        throw Error(Code::MissingOption, "there is no query behind AS").At(tokens.At(tokens.Peek()));
    }
    return query;
}

CreateStatement ParseCreate(Tokens& tokens) {
    CreateStatement create;
    Token verb = tokens.Peek();
    tokens.Expect("CREATE");
    create.or_replace = tokens.TakeIf({"OR", "REPLACE"});
    create.or_alter = tokens.TakeIf({"OR", "ALTER"});
    tokens.Expect("DYNAMIC");
    tokens.Expect("TABLE");
    Token exists = tokens.Peek();
    create.if_not_exists = tokens.TakeIf({"IF", "NOT", "EXISTS"});
    if (create.if_not_exists && (create.or_replace || create.or_alter)) {
        throw Error(Code::Syntax, "IF NOT EXISTS doesn't go with OR REPLACE or OR ALTER").At(tokens.At(exists));
    }
    create.name = TakeName(tokens);
    create.columns = TakeColumnListIf(tokens);
    OptionParser options(tokens);
    while (!tokens.TakeIf({"AS"})) {
        if (tokens.AtEnd()) {
            throw Error(Code::MissingOption, "the query is missing", "end the statement with AS and a query")
                .At(tokens.At(tokens.Peek()));
        }
        if (!tokens.TakeSymbolIf(",")) {
            options.ParseOne();
        }
    }
    create.options = options.Options();
    if (!create.options.target_lag) {
        throw Error(Code::MissingOption, "TARGET_LAG is missing",
                    "say how old the table may be: TARGET_LAG = '5 minutes', or DOWNSTREAM")
            .At(tokens.At(verb));
    }
    create.query = QueryBehindAs(tokens);
    return create;
}

Statement ParseSet(Tokens& tokens, bool if_exists, const GivenName& name) {
    OptionParser options(tokens);
    do {
        options.ParseOne();
    } while (tokens.TakeSymbolIf(",") || !tokens.AtEnd());
    for (Option option : {Option::Initialize, Option::Adopt}) {
        if (options.Options().IsSet(option)) {
            throw Error(Code::BadOptionValue, OptionName(option) + " is decided when the table is created")
                .At(tokens.At(options.NameOf(option)));
        }
    }
    return SetOptionsStatement{if_exists, name, options.Options()};
}

Statement ParseUnset(Tokens& tokens, bool if_exists, const GivenName& name) {
    OptionParser parser(tokens);
    std::vector<Option> options;
    do {
        options.push_back(parser.ParseName());
        if (options.back() == Option::TargetLag) {
            throw Error(Code::MissingOption, "TARGET_LAG has no default", "change it with SET TARGET_LAG = ...")
                .At(tokens.At(parser.NameOf(Option::TargetLag)));
        }
    } while (tokens.TakeSymbolIf(",") || !tokens.AtEnd());
    return UnsetOptionsStatement{if_exists, name, options};
}

Statement ParseAlterOne(Tokens& tokens, bool if_exists, const GivenName& name) {
    if (tokens.TakeIf({"SUSPEND"})) {
        return SuspendStatement{if_exists, name};
    }
    if (tokens.TakeIf({"RESUME"})) {
        return ResumeStatement{if_exists, name};
    }
    if (tokens.TakeIf({"SET"})) {
        return ParseSet(tokens, if_exists, name);
    }
    if (tokens.TakeIf({"UNSET"})) {
        return ParseUnset(tokens, if_exists, name);
    }
    if (tokens.TakeIf({"RENAME", "TO"})) {
        return RenameStatement{if_exists, name, TakeName(tokens)};
    }
    if (tokens.TakeIf({"SWAP", "WITH"})) {
        return SwapStatement{if_exists, name, TakeName(tokens)};
    }
    throw tokens.Expected("REFRESH, SUSPEND, RESUME, SET, UNSET, RENAME TO, SWAP WITH or AS");
}

Statement ParseAlter(Tokens& tokens) {
    tokens.TakeIf({"ALTER", "DYNAMIC"});
    tokens.Expect("TABLE");
    bool if_exists = tokens.TakeIf({"IF", "EXISTS"});
    std::vector<GivenName> names = TakeNameList(tokens);
    if (tokens.TakeIf({"REFRESH"})) {
        bool full = tokens.TakeIf({"FULL"});
        tokens.ExpectEnd();
        return RefreshStatement{if_exists, names, full};
    }
    if (names.size() > 1) {
        throw Error(Code::Syntax, "only REFRESH takes a list of tables").At(tokens.At(tokens.Peek()));
    }
    if (tokens.TakeIf({"AS"})) {
        return AlterQueryStatement{if_exists, names[0], QueryBehindAs(tokens)};
    }
    Statement statement = ParseAlterOne(tokens, if_exists, names[0]);
    tokens.ExpectEnd();
    return statement;
}

Statement ParseDrop(Tokens& tokens) {
    tokens.TakeIf({"DROP", "DYNAMIC"});
    tokens.Expect("TABLE");
    DropStatement drop;
    drop.if_exists = tokens.TakeIf({"IF", "EXISTS"});
    drop.name = TakeName(tokens);
    drop.cascade = tokens.TakeIf({"CASCADE"});
    if (!drop.cascade) {
        tokens.TakeIf({"RESTRICT"});
    }
    tokens.ExpectEnd();
    return drop;
}

/// Reads "DYNAMIC TABLE name" and the end.
GivenName TakeOnlyName(Tokens& tokens) {
    tokens.Expect("DYNAMIC");
    tokens.Expect("TABLE");
    GivenName name = TakeName(tokens);
    tokens.ExpectEnd();
    return name;
}

Statement ParseShow(Tokens& tokens) {
    tokens.TakeIf({"SHOW", "DYNAMIC"});
    tokens.Expect("TABLES");
    ShowStatement show;
    if (tokens.TakeIf({"LIKE"})) {
        if (tokens.Peek().kind != TokenKind::String) {
            throw tokens.Expected("a pattern in quotes");
        }
        show.like = Unquote(tokens.Take().text);
    }
    tokens.ExpectEnd();
    return show;
}

int64_t TakeVersion(Tokens& tokens) {
    const Token& token = tokens.Peek();
    int64_t version = 0;
    const char* end = token.text.data() + token.text.size();
    auto result = std::from_chars(token.text.data(), end, version);
    if (token.kind != TokenKind::Number || result.ec != std::errc() || result.ptr != end) {
        throw tokens.Expected("a snapshot number");
    }
    tokens.Take();
    return version;
}

Statement ParseVerify(Tokens& tokens) {
    tokens.TakeIf({"VERIFY"});
    tokens.Expect("DYNAMIC");
    tokens.Expect("TABLE");
    VerifyStatement verify{TakeName(tokens), std::nullopt};
    if (tokens.TakeIf({"AT"})) {
        tokens.ExpectSymbol("(");
        tokens.Expect("VERSION");
        tokens.ExpectSymbol("=>");
        verify.version = TakeVersion(tokens);
        tokens.ExpectSymbol(")");
    }
    tokens.ExpectEnd();
    return verify;
}

Statement ParseExplain(Tokens& tokens) {
    tokens.Expect("EXPLAIN");
    bool analyze = tokens.TakeIf({"ANALYZE"});
    if (tokens.NextAre({"CREATE"})) {
        return ExplainCreateStatement{analyze, ParseCreate(tokens)};
    }
    return ExplainStatement{analyze, TakeOnlyName(tokens)};
}

bool BeginsCreate(const Tokens& tokens, size_t at) {
    auto word = [&](size_t ahead) { return Upper(tokens.Peek(at + ahead).text); };
    bool or_words = word(1) == "OR" && (word(2) == "REPLACE" || word(2) == "ALTER");
    return word(0) == "CREATE" && word(or_words ? 3 : 1) == "DYNAMIC";
}

bool BeginsExplain(const Tokens& tokens) {
    if (!tokens.NextAre({"EXPLAIN"})) {
        return false;
    }
    size_t body = tokens.NextAre({"EXPLAIN", "ANALYZE"}) ? 2 : 1;
    return Upper(tokens.Peek(body).text) == "DYNAMIC" || BeginsCreate(tokens, body);
}

/// Saves long foreign statements from being tokenized.
bool BeginsLikeOurs(const std::string& text) {
    constexpr std::array<std::string_view, 9> kVerbs = {"CREATE", "ALTER",  "DROP",   "SHOW",   "DESCRIBE",
                                                        "DESC",   "UNDROP", "VERIFY", "EXPLAIN"};
    size_t begin = SkipBlanks(text, 0);
    size_t end = begin < text.size() ? NextStretch(text, begin).end : begin;
    return std::find(kVerbs.begin(), kVerbs.end(), Upper(text.substr(begin, end - begin))) != kVerbs.end();
}

} // namespace

std::optional<Statement> ParseStatement(const Excerpt& statement, const Source& source) {
    if (!BeginsLikeOurs(statement.text)) {
        return std::nullopt;
    }
    Tokens tokens(statement, source);
    if (BeginsCreate(tokens, 0)) {
        return ParseCreate(tokens);
    }
    if (tokens.NextAre({"ALTER", "DYNAMIC"})) {
        return ParseAlter(tokens);
    }
    if (tokens.NextAre({"DROP", "DYNAMIC"})) {
        return ParseDrop(tokens);
    }
    // "SHOW dynamic" and "DESCRIBE dynamic" are DuckDB's, about a table of that name.
    if (tokens.NextAre({"SHOW", "DYNAMIC", "TABLES"}) || tokens.NextAre({"SHOW", "DYNAMIC", "TABLE"})) {
        return ParseShow(tokens);
    }
    if (tokens.NextAre({"DESCRIBE", "DYNAMIC", "TABLE"}) || tokens.NextAre({"DESC", "DYNAMIC", "TABLE"})) {
        tokens.Take();
        return DescribeStatement{TakeOnlyName(tokens)};
    }
    if (tokens.TakeIf({"UNDROP"})) {
        return UndropStatement{TakeOnlyName(tokens)};
    }
    if (tokens.NextAre({"VERIFY"})) {
        return ParseVerify(tokens);
    }
    if (BeginsExplain(tokens)) {
        return ParseExplain(tokens);
    }
    return std::nullopt;
}

} // namespace freshet
