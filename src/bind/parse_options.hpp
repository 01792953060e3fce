#pragma once

#include "base/table_options.hpp"
#include "bind/tokens.hpp"

#include <map>

namespace freshet {

/// Reads options of a dynamic table from tokens, one by one, and sees that none is given twice.
class OptionParser {
public:
    explicit OptionParser(Tokens& tokens) : tokens_(tokens) {}

    /// Reads "name = value"; TARGET_LAG and the others into Options().
    void ParseOne();
    /// Reads a name alone (UNSET).
    Option ParseName();
    const TableOptions& Options() const { return options_; }
    /// Where the option's name stands. Precondition: it was read.
    const Token& NameOf(Option option) const { return seen_.at(option); }

private:
    void ParseValue(Option option);

    Tokens& tokens_;
    TableOptions options_;
    std::map<Option, Token> seen_;
};

} // namespace freshet
