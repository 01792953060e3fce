#include "selftest/case_generator.hpp"

#include "selftest/bulk_insert.hpp"
#include "selftest/marked_text.hpp"
#include "selftest/query_generator.hpp"
#include "selftest/random.hpp"
#include "selftest/source_generator.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet::selftest {

namespace {

constexpr int kDeepest = 5;           ///< tables over tables
constexpr double kMostRowsRead = 300; ///< guessed, of what others may read; where sources have many rows, more
constexpr int64_t kManyRowsEvery = 4; ///< cases

bool MayBeRead(double rows) {
    return rows < (HasManyRows(rows) ? 2.0 * kManyRows : kMostRowsRead);
}

class CaseGenerator {
public:
    CaseGenerator(uint64_t seed, int64_t number)
        : random_(seed, static_cast<uint64_t>(number)), sources_(random_, number % kManyRowsEvery == 0) {}

    Script Make() {
        script_.steps = sources_.Create();
        relations_ = sources_.Tables();
        int64_t tables = random_.Between(4, 6);
        for (int64_t i = 0; i < tables; i++) {
            if (random_.Chance(25)) {
                NameQuery();
            }
            DefineTable();
            if (random_.Chance(10)) {
                script_.steps.push_back(sources_.Change());
            }
        }
        int64_t rounds = random_.Between(3, 4);
        for (int64_t i = 0; i < rounds; i++) {
            Round(i + 1 == rounds);
        }
        return std::move(script_);
    }

private:
    void DefineTable() {
        std::string name = fmt::format("d{}", names_.size() + 1);
        QueryGenerator generator(random_, Readable());
        Query query = generator.Make();
        Definition definition{name, query.text, random_.Chance(88) ? "INCREMENTAL" : "AUTO", "", generator.Features()};
        if (random_.Chance(6)) {
            definition.mode = "FULL";
        }
        if (random_.Chance(8)) {
            definition.options = " DEDUPLICATION = FALSE";
        }
        if (IsPartitionable(query.columns[0].type) && random_.Chance(8)) {
            definition.options += " PARTITIONED BY (c0)";
        }
        Relation relation{marked::Table(name), query.columns, query.rows, 1 + DepthBelow(query.text), true};
        Step step{StepKind::Define, {}, std::move(definition)};
        script_.steps.push_back(std::move(step));
        names_.push_back(name);
        if (relation.depth < kDeepest && MayBeRead(relation.rows)) { // others may read it
            relations_.push_back(std::move(relation));
        }
    }

    /// A view or a table macro, for the queries to come.
    void NameQuery() {
        QueryGenerator generator(random_, Readable());
        Query query = generator.Make();
        if (!MayBeRead(query.rows)) {
            return;
        }
        std::string text = marked::Whole(query.text);
        std::string name = fmt::format("v{}", ++named_);
        bool view = random_.Chance(60);
        std::string create = view ? fmt::format("CREATE VIEW {} AS {}", name, text)
                                  : fmt::format("CREATE MACRO {}() AS TABLE {}", name, text);
        script_.steps.push_back({StepKind::Source, {create}, {}});
        relations_.push_back({marked::Named(view ? name : name + "()", text), query.columns, query.rows,
                              DepthBelow(query.text), false, view ? "view" : "table macro"});
    }

    /// A few of all tables, so that joins meet the same table twice now and then; often the newest one, so that the
    /// graph gets deep.
    std::vector<Relation> Readable() {
        std::vector<Relation> chosen = relations_;
        bool deep = random_.Chance(50);
        random_.Shuffle(chosen);
        chosen.resize(std::min<size_t>(chosen.size(), static_cast<size_t>(random_.Between(1, 3))));
        if (deep) {
            chosen[0] = relations_.back();
        }
        return chosen;
    }

    int DepthBelow(const std::string& query) const {
        int depth = 0;
        std::set<std::string> read = marked::Tables(query);
        for (const auto& relation : relations_) {
            std::set<std::string> tables = marked::Tables(relation.text);
            if (!tables.empty() && read.contains(*tables.begin())) {
                depth = std::max(depth, relation.depth);
            }
        }
        return depth;
    }

    /// Those that none of the others reads: the others are refreshed with them.
    std::vector<std::string> Unread(const std::vector<std::string>& names) const {
        std::set<std::string> read;
        for (const auto& step : script_.steps) {
            bool chosen =
                step.definition && std::find(names.begin(), names.end(), step.definition->name) != names.end();
            read.merge(chosen ? marked::Tables(step.definition->query) : std::set<std::string>{});
        }
        std::vector<std::string> unread;
        std::copy_if(names.begin(), names.end(), std::back_inserter(unread),
                     [&](const auto& name) { return !read.contains(name); });
        return unread;
    }

    /// Some changes, sometimes maintenance between them, then a refresh of some tables; of all in the last round.
    void Round(bool last) {
        if (random_.Chance(20)) {
            script_.steps.push_back({StepKind::Reopen, {}, {}});
        }
        int64_t changes = random_.Chance(8) ? 0 : random_.Between(1, 4);
        for (int64_t i = 0; i < changes; i++) {
            script_.steps.push_back(sources_.Change());
            if (random_.Chance(15)) {
                script_.steps.push_back(sources_.Maintenance());
            }
        }
        std::vector<std::string> chosen = names_;
        if (!last && random_.Chance(35)) {
            random_.Shuffle(chosen);
            chosen.resize(static_cast<size_t>(random_.Between(1, static_cast<int64_t>(chosen.size()))));
        }
        bool atomic = random_.Chance(40);
        bool full = random_.Chance(5);
        if (atomic) {
            script_.steps.push_back({StepKind::Refresh, {}, {}, chosen, full});
        } else {
            for (const auto& name : Unread(chosen)) {
                script_.steps.push_back({StepKind::Refresh, {}, {}, {name}, full});
            }
        }
        if (random_.Chance(15)) {
            script_.steps.push_back(sources_.Maintenance());
        }
    }

    Random random_;
    SourceGenerator sources_;
    std::vector<Relation> relations_;
    std::vector<std::string> names_;
    int named_ = 0; ///< views and macros
    Script script_;
};

} // namespace

Script MakeCase(uint64_t seed, int64_t number) {
    return CaseGenerator(seed, number).Make();
}

} // namespace freshet::selftest
