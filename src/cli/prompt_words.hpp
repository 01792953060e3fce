#pragma once

#include "service/service.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// What may complete a word at the prompt: keywords, and the lake's schemas, tables and columns, read when they are
/// first wanted. One thread.
class PromptWords {
public:
    explicit PromptWords(SqlSession& session) : session_(session) {}

    /// Completions of the last word of a line; `before` is what stands before it. Behind a dot these are the schemas
    /// and main tables of a database, the tables of a schema or the columns of a table, also by its alias in
    /// `statement`, behind FROM and the like schemas and tables. Names that need quotes are found without them too.
    std::vector<std::string> Completing(const std::string& before, const std::string& word,
                                        const std::string& statement);
    /// The lake may have changed.
    void Forget() { loaded_ = false; }

private:
    /// The same within double quotes; `open` are these and what stands in them before the word.
    std::vector<std::string> CompletingQuoted(const std::string& before, const std::string& open,
                                              const std::string& word) const;
    /// What a name before a dot holds; null if that isn't known.
    const std::set<std::string>* Inside(const std::string& name, const std::string& statement) const;
    void Load();
    std::vector<std::vector<Value>> Ask(const std::string& sql);

    SqlSession& session_;
    bool loaded_ = false;
    std::set<std::string> keywords_;                      ///< in small letters
    std::set<std::string> names_;                         ///< schemas, tables and columns
    std::set<std::string> tables_;                        ///< schemas and tables
    std::map<std::string, std::set<std::string>> inside_; ///< of a database, schema or table, its name in small letters
};

} // namespace freshet
