#include "service/statements.hpp"

#include "bind/resolve.hpp"
#include "service/names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

StatementResult ToResult(Table table) {
    return {std::move(table.columns), std::move(table.rows), {}};
}

StatementResult Nothing(std::vector<std::string> warnings = {}) {
    return {{}, {}, std::move(warnings)};
}

StatementResult CreateResult(const CreateReport& report) {
    StatementResult result;
    if (!report.refreshes.empty()) {
        result = ToResult(RefreshTable(report.refreshes));
    }
    result.warnings = report.warnings;
    return result;
}

std::string Names(const std::vector<DynamicTable>& tables) {
    std::string names;
    for (const auto& table : tables) {
        names += (names.empty() ? "" : ", ") + table.name.Text();
    }
    return names;
}

/// The error that explains the others: skipped tables only point to it.
const Error* FirstCause(const std::vector<RefreshEntry>& entries) {
    const Error* cause = nullptr;
    for (const auto& entry : entries) {
        bool better = cause == nullptr || cause->GetCode() == Code::ParentFailed;
        if (entry.error && better) {
            cause = &*entry.error;
        }
    }
    return cause;
}

/// The name that an error marks, without quotes and qualification.
std::string MarkedName(const Place& place) {
    std::string text = place.text.substr(std::min(place.offset, place.text.size()), place.length);
    std::erase(text, '"');
    return text.substr(text.rfind('.') + 1);
}

bool IsTemporary(Session& session, const std::string& name) {
    return AsInt(session.QueryValue(fmt::format(
               "SELECT count(*) FROM (SELECT table_name AS n FROM duckdb_tables() WHERE temporary UNION ALL SELECT "
               "view_name FROM duckdb_views() WHERE temporary UNION ALL SELECT function_name FROM duckdb_functions() "
               "WHERE database_name = 'temp') WHERE lower(n) = lower({})",
               QuoteLiteral(name)))) > 0;
}

/// Definitions are bound outside the user's session: what is missing there may be its own.
template <class Action>
auto OutsideSession(Session& session, const Action& action) {
    try {
        return action();
    } catch (const Error& error) {
        bool missing = error.GetCode() == Code::UnknownTable || error.GetCode() == Code::Binding;
        if (missing && error.Where() && !session.InTransaction()) {
            std::string name = MarkedName(*error.Where());
            if (IsTemporary(session, name)) {
                throw Error(Code::Binding, fmt::format("\"{}\" is temporary: no refresh could read it", name),
                            "keep it in the lake")
                    .At(*error.Where());
            }
        }
        throw;
    }
}

/// One overload per statement.
class Runner {
public:
    Runner(Operations& operations, Session& session, const Source& source)
        : operations_(operations), session_(session), source_(source) {}

    StatementResult operator()(const CreateStatement& statement) {
        auto definition = ResolveDefinition(session_, statement, source_);
        return OutsideSession(session_, [&] {
            return CreateResult(statement.or_alter ? operations_.CreateOrAlter(definition, source_)
                                                   : operations_.Create(definition, source_, false));
        });
    }

    StatementResult operator()(const RefreshStatement& statement) {
        std::vector<std::string> warnings;
        auto entries = operations_.Refresh([&](const Registry& registry) {
            RunRequest run;
            for (const auto& name : statement.names) {
                auto table = Find(registry, name, statement.if_exists, warnings);
                if (table && std::find(run.ids.begin(), run.ids.end(), table->id) == run.ids.end()) {
                    run.ids.push_back(table->id);
                }
            }
            run.full = statement.full;
            run.atomic = run.ids.size() > 1;
            return run;
        });
        if (entries.empty()) {
            return Nothing(warnings);
        }
        if (const Error* cause = FirstCause(entries)) {
            throw *cause;
        }
        StatementResult result = ToResult(RefreshTable(entries));
        result.warnings = warnings;
        return result;
    }

    StatementResult operator()(const SuspendStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            auto changed = operations_.Suspend({table.id});
            return Nothing(Cascade(changed, table, "suspended too, since they read it: "));
        });
    }

    StatementResult operator()(const ResumeStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            auto changed = operations_.Resume({table.id});
            return Nothing(Cascade(changed, table, "resumed too: "));
        });
    }

    StatementResult operator()(const SetOptionsStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            TableOptions options = table.options;
            options.Merge(statement.options);
            options.adopt.reset();
            operations_.SetOptions(table, options);
            return Nothing(statement.options.WithoutEffect());
        });
    }

    StatementResult operator()(const UnsetOptionsStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            TableOptions options = table.options;
            for (Option option : statement.options) {
                options.Unset(option);
            }
            operations_.SetOptions(table, options);
            return Nothing();
        });
    }

    StatementResult operator()(const RenameStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            TableName to = ResolveNew(session_, statement.to, source_);
            if (!statement.to.schema) {
                to.schema = table.name.schema;
            }
            operations_.Rename(table, to);
            return Nothing();
        });
    }

    StatementResult operator()(const SwapStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            DynamicTable other = Require(statement.with);
            if (other.id == table.id) {
                Error error(Code::BadName, fmt::format("{} can't change places with itself", table.name.Text()));
                throw error.At(source_.At(statement.with.offset, statement.with.length));
            }
            operations_.Swap(table, other);
            return Nothing();
        });
    }

    StatementResult operator()(const AlterQueryStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            return OutsideSession(session_, [&] {
                return CreateResult(operations_.ChangeQuery(table, statement.query, CurrentSearchPath(session_),
                                                            CaptureSettings(session_), source_));
            });
        });
    }

    StatementResult operator()(const DropStatement& statement) {
        return With(statement.name, statement.if_exists, [&](const DynamicTable& table) {
            auto dropped = operations_.Drop({table.id}, statement.cascade);
            if (dropped.empty() && !statement.if_exists) {
                throw Error(Code::UnknownTable,
                            fmt::format("{} was dropped by another process meanwhile", table.name.Text()))
                    .At(source_.At(statement.name.offset, statement.name.length));
            }
            return Nothing(Cascade(dropped, table, "dropped too: "));
        });
    }

    StatementResult operator()(const UndropStatement& statement) {
        TableName name = ResolveNew(session_, statement.name, source_);
        try {
            return CreateResult(operations_.Undrop(name));
        } catch (Error& error) {
            if (!error.Where()) {
                error.At(source_.At(statement.name.offset, statement.name.length));
            }
            throw;
        }
    }

    StatementResult operator()(const ShowStatement& statement) {
        std::vector<ListEntry> entries = operations_.List();
        if (statement.like) {
            std::erase_if(entries, [&](const auto& entry) { return !Like(entry.table.name, *statement.like); });
        }
        return ToResult(ListTable(entries));
    }

    StatementResult operator()(const DescribeStatement& statement) {
        return ToResult(DescribeTable(operations_.Describe(Require(statement.name))));
    }

    StatementResult operator()(const ExplainStatement& statement) {
        DynamicTable table = Require(statement.name);
        return ToResult(
            ExplainTable(statement.analyze ? operations_.ExplainMeasured(table) : operations_.Explain(table)));
    }

    StatementResult operator()(const ExplainCreateStatement& statement) {
        auto definition = ResolveDefinition(session_, statement.create, source_);
        return OutsideSession(session_,
                              [&] { return ToResult(ExplainTable(operations_.ExplainNew(definition, source_))); });
    }

    StatementResult operator()(const VerifyStatement& statement) {
        auto entries = operations_.Verify({Require(statement.name).id}, statement.version);
        if (!entries.empty() && entries[0].error) {
            throw *entries[0].error;
        }
        return ToResult(freshet::VerifyTable(entries));
    }

private:
    DynamicTable Require(const GivenName& name) {
        return RequireDynamic(session_, operations_.ReadTables(), name, source_);
    }

    std::optional<DynamicTable> Find(const Registry& registry, const GivenName& name, bool if_exists,
                                     std::vector<std::string>& warnings) {
        if (!if_exists) {
            return RequireDynamic(session_, registry, name, source_);
        }
        auto table = FindDynamic(session_, registry, name, source_);
        if (!table) {
            warnings.push_back(
                fmt::format("dynamic table {} does not exist: nothing was done", QuoteIfNeeded(name.name)));
        }
        return table;
    }

    template <class Action>
    StatementResult With(const GivenName& name, bool if_exists, const Action& action) {
        std::vector<std::string> warnings;
        auto table = Find(operations_.ReadTables(), name, if_exists, warnings);
        return table ? action(*table) : Nothing(warnings);
    }

    /// What else changed.
    static std::vector<std::string> Cascade(std::vector<DynamicTable> changed, const DynamicTable& table,
                                            const std::string& text) {
        std::erase_if(changed, [&](const auto& other) { return other.id == table.id; });
        return changed.empty() ? std::vector<std::string>{} : std::vector<std::string>{text + Names(changed)};
    }

    Operations& operations_;
    Session& session_;
    const Source& source_;
};

} // namespace

NewDefinition ResolveDefinition(Session& session, const CreateStatement& statement, const Source& source) {
    NewDefinition definition;
    definition.name = ResolveNew(session, statement.name, source);
    definition.name_place = source.At(statement.name.offset, std::max<size_t>(1, statement.name.length));
    for (const auto& column : statement.columns) {
        definition.column_names.push_back(column.name);
    }
    definition.options = statement.options;
    definition.query = statement.query;
    definition.search_path = CurrentSearchPath(session);
    definition.settings = CaptureSettings(session);
    definition.or_replace = statement.or_replace;
    definition.if_not_exists = statement.if_not_exists;
    return definition;
}

StatementResult RunStatement(Operations& operations, Session& session, const Statement& statement,
                             const Source& source) {
    return std::visit(Runner(operations, session, source), statement);
}

} // namespace freshet
