#include "selftest/case_runner.hpp"

#include "selftest/marked_text.hpp"
#include "service/demo_lake.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

/// A row of CREATE's or ALTER ... REFRESH's result.
struct Refreshed {
    std::string table;
    std::string action;
    std::string strategy;
    std::string reason;
    int64_t snapshot = 0;
};

std::vector<Refreshed> ReadRefreshes(const StatementResult& result) {
    std::vector<Refreshed> entries;
    for (const auto& row : result.rows) {
        std::string name = AsText(row[0]);
        entries.push_back(
            {name.substr(name.rfind('.') + 1), AsText(row[1]), AsText(row[2]), AsText(row[3]), AsInt(row[7])});
    }
    return entries;
}

/// Thrown to end the case.
struct Found {
    Failure failure;
};

class CaseRunner {
public:
    explicit CaseRunner(const Script& script) : script_(script), lake_({}) {}

    CaseOutcome Run(const std::function<bool()>& go_on) {
        try {
            for (step_ = 0; step_ < script_.steps.size() && go_on(); step_++) {
                RunStep(script_.steps[step_]);
            }
            if (go_on() && pending_ != nullptr && definitions_.contains(pending_->name)) {
                Verify(*pending_);
            }
        } catch (const Found& found) {
            outcome_.failure = found.failure;
            outcome_.failure->step = std::min(step_, script_.steps.size() - 1);
        }
        return std::move(outcome_);
    }

private:
    void RunStep(const Step& step) {
        switch (step.kind) {
        case StepKind::Define:
            Define(*step.definition);
            break;
        case StepKind::Refresh:
            Refresh(step);
            break;
        case StepKind::Reopen:
            lake_.Reopen();
            break;
        default:
            compared_.clear();
            RunAsUser(step.statements);
        }
    }

    /// What DuckDB refuses is the generator's fault: the case goes on without it.
    void RunAsUser(const std::vector<std::string>& statements) {
        std::vector<std::string> texts;
        for (const auto& statement : statements) {
            texts.push_back(marked::Plain(statement));
        }
        try {
            if (texts.size() == 1) {
                lake_.Run(texts[0]);
            } else {
                lake_.RunAtomically(texts);
            }
        } catch (const Error&) {
            outcome_.refused++;
        }
    }

    void Define(const Definition& definition) {
        TableOutcome& table = outcome_.tables[definition.name];
        table.features = definition.features;
        auto read = marked::Tables(definition.query);
        std::set<std::string> concerned = WithParents({read.begin(), read.end()});
        concerned.insert(definition.name);
        Judged(definition.name, concerned, [&] {
            auto first_fill = ReadRefreshes(CreateAsItMay(definition, table));
            definitions_[definition.name] = &definition;
            table.created = true;
            for (const auto& entry : first_fill) {
                if (entry.table != definition.name) {
                    Count(entry, false);
                }
            }
            CompareAll(first_fill);
        });
    }

    StatementResult CreateAsItMay(const Definition& definition, TableOutcome& table) {
        pending_ = &definition;
        modes_[definition.name] = definition.mode;
        try {
            return lake_.Run(CreateStatement(definition, definition.mode));
        } catch (const Error& error) {
            if (error.GetCode() != Code::NotIncremental) {
                throw;
            }
            table.refusal = error.Message();
        }
        modes_[definition.name] = "AUTO";
        return lake_.Run(CreateStatement(definition, "AUTO"));
    }

    void Refresh(const Step& step) {
        Step possible = step;
        std::erase_if(possible.refreshed, [&](const auto& name) { return !definitions_.contains(name); });
        if (possible.refreshed.empty()) {
            return;
        }
        Judged(possible.refreshed[0], WithParents(possible.refreshed), [&] {
            auto entries = ReadRefreshes(lake_.Run(RefreshStatement(possible)));
            for (const auto& entry : entries) {
                Count(entry, step.full);
            }
            CompareAll(entries);
        });
    }

    std::set<std::string> WithParents(const std::vector<std::string>& names) const {
        std::set<std::string> all;
        for (const auto& name : names) {
            if (auto found = definitions_.find(name); found != definitions_.end()) {
                auto read = marked::Tables(found->second->query);
                all.merge(WithParents({read.begin(), read.end()}));
                all.insert(name);
            }
        }
        return all;
    }

    void Count(const Refreshed& entry, bool full_wanted) {
        TableOutcome& table = outcome_.tables[entry.table];
        table.last_refresh = fmt::format("{}, {}: {}", entry.action, entry.strategy, entry.reason);
        table.by_change += entry.action == "INCREMENTAL" ? 1 : 0;
        table.in_full += entry.action == "FULL" ? 1 : 0;
        if (entry.action == "REINITIALIZE") {
            table.repairs.push_back(entry.reason);
        }
        table.unchanged += entry.action == "NO_DATA" ? 1 : 0;
        if (entry.reason.find("by change failed") != std::string::npos) {
            throw Found{{"rule", entry.table, entry.reason, 0}};
        }
        if (entry.action == "FULL" && modes_[entry.table] == "INCREMENTAL" && !full_wanted) {
            throw Found{{"fallback", entry.table, "REFRESH_MODE is INCREMENTAL, and it was refreshed in full", 0}};
        }
    }

    /// An error is a failure unless the query of one of these tables fails without Freshet too.
    template <class Action>
    void Judged(const std::string& table, std::set<std::string> concerned, const Action& action) {
        try {
            action();
        } catch (const Error& error) {
            if (error.GetCode() == Code::ParentFailed) { // perhaps one that is read through a view or macro
                concerned.merge(DynamicTables());
            }
            for (const auto& name : concerned) {
                auto found = definitions_.find(name);
                const Definition* definition = found != definitions_.end() ? found->second : pending_;
                if (auto problem = Problem(*definition)) {
                    outcome_.tables[definition->name].skipped = *problem;
                    return;
                }
            }
            throw Found{{error.CodeText(), table, error.CodeText() + ": " + error.Message(), 0}};
        } catch (const std::exception& problem) { // no Found: that is none
            throw Found{{"exception", table, problem.what(), 0}};
        }
    }

    /// Why the query fails without Freshet; nothing if it runs.
    std::optional<std::string> Problem(const Definition& definition) {
        try {
            lake_.Run("CREATE OR REPLACE TEMP TABLE evaluated AS " + marked::Plain(definition.query));
            return std::nullopt;
        } catch (const Error& error) {
            return error.Message();
        }
    }

    void CompareAll(const std::vector<Refreshed>& entries) {
        std::map<std::string, int64_t> snapshots;
        for (const auto& entry : entries) {
            snapshots[entry.table] = entry.snapshot;
        }
        for (const auto& entry : entries) {
            const Definition& definition = *definitions_.at(entry.table);
            for (const auto& read : marked::Tables(definition.query)) {
                bool same =
                    !definitions_.contains(read) || (snapshots.contains(read) && snapshots[read] == entry.snapshot);
                if (!same) {
                    throw Found{{"snapshot", entry.table, read + ", which it reads, stands at another snapshot", 0}};
                }
            }
            bool moves = definition.query.find(marked::kNow) != std::string::npos;
            if (entry.action != "NO_DATA" || moves || !compared_.contains(entry.table)) {
                Compare(definition, entry.snapshot);
            }
        }
    }

    std::set<std::string> DynamicTables() const {
        std::set<std::string> names;
        for (const auto& [name, definition] : definitions_) {
            names.insert(name);
        }
        return names;
    }

    void Compare(const Definition& definition, int64_t snapshot) {
        std::string query = marked::AtMoment(definition.query, DataTimestamp(definition.name));
        Evaluate("CREATE OR REPLACE TEMP TABLE expected AS " + AtVersion(query, DynamicTables(), snapshot));
        auto count = [&](const std::string& left, const std::string& right) {
            return AsInt(
                lake_.Run(fmt::format("SELECT count(*) FROM (FROM {} EXCEPT ALL FROM {})", left, right)).rows.at(0)[0]);
        };
        int64_t missing = count("temp.main.expected", definition.name);
        int64_t extra = count(definition.name, "temp.main.expected");
        outcome_.tables[definition.name].compared++;
        compared_.insert(definition.name);
        if (missing > 0 || extra > 0) {
            throw Found{{"difference", definition.name, Differs(missing, extra), 0}};
        }
    }

    /// As SQL says.
    void Evaluate(const std::string& sql) {
        std::string optimizers = AsText(lake_.Run("SELECT current_setting('disabled_optimizers')").rows.at(0)[0]);
        auto as_usual = [&] {
            lake_.Run("RESET GLOBAL asof_loop_join_threshold");
            lake_.Run("SET GLOBAL disabled_optimizers = '" + optimizers + "'");
        };
        for (const char* setting : kAsDefined) {
            lake_.Run(setting);
        }
        try {
            lake_.Run(sql);
        } catch (...) {
            as_usual();
            throw;
        }
        as_usual();
    }

    /// As a constant.
    std::string DataTimestamp(const std::string& table) {
        auto found = lake_.Run("SELECT data_timestamp::VARCHAR FROM freshet_tables() WHERE name = '" + table + "'");
        return fmt::format("(TIMESTAMPTZ '{}')", AsText(found.rows.at(0)[0]));
    }

    static std::string Differs(int64_t missing, int64_t extra) {
        return fmt::format("it differs from its query: rows missing: {}, rows too many: {}", missing, extra);
    }

    /// VERIFY must find what the comparisons found: nothing.
    void Verify(const Definition& definition) {
        try {
            auto row = lake_.Run("VERIFY DYNAMIC TABLE " + definition.name).rows.at(0);
            if (AsInt(row[1]) != 0 || AsInt(row[2]) != 0) {
                throw Found{{"verify", definition.name, "VERIFY: " + Differs(AsInt(row[1]), AsInt(row[2])), 0}};
            }
        } catch (const Error& error) {
            bool expired = error.GetCode() == Code::NotVerifiable;
            if (!expired && !Problem(definition)) {
                throw Found{{"verify", definition.name, "VERIFY: " + error.Message(), 0}};
            }
        }
    }

    const Script& script_;
    DemoLake lake_;
    CaseOutcome outcome_;
    size_t step_ = 0;
    std::map<std::string, const Definition*> definitions_; ///< of tables that exist
    const Definition* pending_ = nullptr;                  ///< the last one that was to be created
    std::map<std::string, std::string> modes_;             ///< REFRESH_MODE as it was created
    std::set<std::string> compared_;                       ///< tables, since the sources changed
};

} // namespace

CaseOutcome RunScript(const Script& script, const std::function<bool()>& go_on) {
    return CaseRunner(script).Run(go_on);
}

std::string AtVersion(const std::string& query, const std::set<std::string>& dynamic_tables, int64_t snapshot) {
    return marked::WithTables(query, [&](const std::string& name) {
        return dynamic_tables.contains(name) ? name : fmt::format("(FROM {} AT (VERSION => {}))", name, snapshot);
    });
}

} // namespace freshet::selftest
