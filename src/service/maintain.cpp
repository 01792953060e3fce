#include "service/maintain.hpp"

#include "lake/compaction.hpp"
#include "lake/expiry.hpp"
#include "lake/inlined_schemas.hpp"
#include "refresh/failure_point.hpp"
#include "refresh/guard.hpp"
#include "refresh/inlining.hpp"
#include "refresh/lake_state.hpp"
#include "service/sure_reading.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <thread>

namespace freshet {

namespace {

constexpr Timestamp kSecond = 1'000'000;
/// DuckLake finds conflicts in the log of the snapshots since a transaction's start: where those were expired, it would
/// commit over another's change. No transaction, and no refresh, is expected to last longer.
constexpr Timestamp kLongestTransaction = 3'600 * kSecond;
/// For readers that began before a file was replaced, and for writers whose files are not committed yet.
constexpr Timestamp kKeepFiles = 86'400 * kSecond;
constexpr Snapshot kAny = std::numeric_limits<Snapshot>::max();

/// DuckLake opens each file that it lists, to see how old it is: a client that rolled back may have removed it since.
bool TellsOfVanishedFile(const EngineError& error) {
    return error.Message().find("Failed to get files scheduled for deletion") != std::string::npos;
}

/// Does what another process may disturb, a few times; each time from the beginning.
template <class Work>
void Repeat(Session& session, const Work& work) {
    constexpr int kAttempts = 5;
    for (int attempt = 1;; attempt++) {
        try {
            session.Query("SET SESSION ducklake_max_retry_count = 10");
            return work();
        } catch (const EngineError& error) {
            session.Rollback();
            if (!error.IsConflict() && !TellsOfVanishedFile(error)) {
                throw;
            }
            if (attempt == kAttempts) {
                throw Error(Code::LakeConflict, "other processes wrote at each attempt: " + error.Message(),
                            "nothing is lost; run maintain again when the lake is less busy");
            }
        } catch (const Error&) {
            session.Rollback();
            throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100 * attempt));
    }
}

/// One kind of compaction: when it is worth it, how it is done, and what is said of it.
struct Compaction {
    const char* step;
    bool (FileLayout::*worth)() const;
    void (*run)(Session&, const TableName&, const FileLayout&);
    std::string (*why)(const FileLayout&);
};

const Compaction kFlush{
    "flush", &FileLayout::WorthFlushing,
    [](Session& session, const TableName& table, const FileLayout&) { FlushInlinedRows(session, table); },
    [](const FileLayout& layout) { return fmt::format("{} inlined rows", layout.inlined); }};

const Compaction kRewrite{
    "rewrite", &FileLayout::WorthRewriting,
    [](Session& session, const TableName& table, const FileLayout& layout) {
        bool nibbled = layout.nibbled >= FileLayout::kManySmall;
        RewriteFiles(session, table, nibbled ? FileLayout::kNibbledShare : FileLayout::kWornShare);
    },
    [](const FileLayout& layout) {
        return fmt::format("{} files with many deleted rows", std::max(layout.worn, layout.nibbled));
    }};

const Compaction kMerge{
    "merge", &FileLayout::WorthMerging,
    [](Session& session, const TableName& table, const FileLayout&) { MergeSmallFiles(session, table); },
    [](const FileLayout& layout) { return fmt::format("{} small files", layout.small); }};

/// One run. Lives for one call.
class Maintenance {
public:
    Maintenance(Operations& operations, const MaintainRequest& request)
        : operations_(operations), request_(request), session_(operations.OpenSession()),
          now_(std::min(Now(), operations.Books().Now())), // a clock that was ahead once must not make all look old
          keep_since_(now_ - std::max(request.retention_seconds * kSecond, kLongestTransaction)) {}

    std::vector<MaintainEntry> Run() {
        for (const auto& table : Targets()) {
            Compact(table);
        }
        ForgetInlinedSchemas(*session_);
        FailurePoint(failure::kAfterCompaction);
        Guarded("advance", [&](MaintainEntry&) { MoveFrontiers(); });
        Guarded("expire", [&](MaintainEntry& entry) { Expire(entry); });
        Guarded("clean up", [&](MaintainEntry& entry) { CleanUp(entry); });
        Guarded("orphans", [&](MaintainEntry& entry) { RemoveOrphans(entry); });
        return std::move(entries_);
    }

private:
    /// A step about the whole lake: its entry says what came of it. The next steps don't depend on it.
    template <class Step>
    void Guarded(const std::string& name, const Step& step) {
        MaintainEntry entry;
        entry.step = name;
        try {
            step(entry);
        } catch (const Error& error) {
            session_->Rollback();
            entry.error = error;
        }
        if (name != "advance" || entry.error) { // that one has an entry per table
            entries_.push_back(std::move(entry));
        }
    }

    /// Tables to be compacted. State rows are not: their snapshot says when they were committed, and a rewrite would
    /// change that.
    std::vector<TableInfo> Targets() {
        Transaction transaction(*session_);
        std::vector<TableInfo> all = ListTables(*session_, CurrentSnapshot(*session_));
        Registry registry = ReadRegistry(*session_);
        registry_ = registry;
        std::set<int64_t> without_inlining = TablesWithoutInlining(*session_, all);
        std::vector<TableInfo> targets;
        for (const auto& table : all) {
            bool own = table.name.schema == kOwnSchema || registry.Find(table.name) != nullptr;
            if (IsStateTable(table.name) || (!own && !request_.all_tables)) {
                continue;
            }
            if (without_inlining.count(table.id) > 0) {
                targets.push_back(table);
            } else {
                LeaveAlone(table, own);
            }
        }
        transaction.Commit();
        return targets;
    }

    /// Small deletes that go to the catalog are lost when files are compacted at the same time (measured).
    void LeaveAlone(const TableInfo& table, bool own) {
        FileLayout layout = ReadFileLayout(*session_, table.id);
        if (!layout.WorthMerging() && !layout.WorthRewriting()) {
            return;
        }
        MaintainEntry entry;
        entry.step = layout.WorthRewriting() ? kRewrite.step : kMerge.step;
        entry.table = table.name;
        entry.files_before = entry.files_after = layout.files;
        entry.bytes_before = entry.bytes_after = layout.bytes;
        entry.detail = own ? "left: its data inlining is on; the next refresh that writes turns it off"
                           : fmt::format("left: its data inlining is on; CALL lake.set_option("
                                         "'data_inlining_row_limit', 0, schema => {}, table_name => {}) turns it off",
                                         QuoteLiteral(table.name.schema), QuoteLiteral(table.name.name));
        entries_.push_back(std::move(entry));
    }

    FileLayout Look(const TableInfo& table) {
        Transaction transaction(*session_);
        CurrentSnapshot(*session_);
        FileLayout layout = ReadFileLayout(*session_, table.id);
        transaction.Commit();
        return layout;
    }

    /// Rewriting comes before merging, which takes no file with deleted rows.
    void Compact(const TableInfo& table) {
        std::optional<DefinitionClaims> claims;
        for (const Compaction& compaction : {kFlush, kRewrite, kMerge}) {
            MaintainEntry entry;
            entry.step = compaction.step;
            entry.table = table.name;
            try {
                FileLayout layout = Look(table);
                if (!layout.WorthAnything()) {
                    return;
                }
                if (!claims && (layout.*compaction.worth)()) {
                    KeepRefreshesAway(table, claims);
                }
                if (Compact(table, compaction, entry)) {
                    compacted_.insert(table.id);
                    entries_.push_back(std::move(entry));
                }
            } catch (const Error& error) {
                session_->Rollback();
                if (IsThere(table)) {
                    entry.error = error;
                    entries_.push_back(std::move(entry));
                }
                return;
            }
        }
    }

    /// A refresh that finds its table compacted would have to be computed again.
    void KeepRefreshesAway(const TableInfo& table, std::optional<DefinitionClaims>& claims) {
        const DynamicTable* owner = registry_.Find(table.name);
        if (table.name.schema == kOwnSchema) {
            owner = registry_.FindById(OwnerOfCompanion(table.name));
        }
        if (owner != nullptr && !request_.dry_run) {
            claims.emplace(operations_.Books(), *session_, registry_, std::vector{owner->id},
                           operations_.OnRunningRefresh());
        }
    }

    /// Dropped meanwhile is no failure.
    bool IsThere(const TableInfo& table) {
        auto now = FindTable(*session_, table.name, CurrentSnapshot(*session_));
        return now && now->id == table.id;
    }

    /// False if it isn't worth it, or DuckLake finds nothing to do.
    bool Compact(const TableInfo& table, const Compaction& compaction, MaintainEntry& entry) {
        FileLayout before = Look(table);
        if (!(before.*compaction.worth)()) {
            return false;
        }
        entry.files_before = before.files;
        entry.bytes_before = before.bytes;
        entry.detail = compaction.why(before);
        if (!request_.dry_run) {
            Repeat(*session_, [&] {
                ForgetInlinedSchemas(*session_); // DuckLake may have, as it compacted another table
                PrepareToRead(*session_);
                compaction.run(*session_, table.name, before);
            });
            FileLayout after = Look(table);
            if (after == before) { // small files of different partitions, for example
                return false;
            }
            entry.files_after = after.files;
            entry.bytes_after = after.bytes;
        }
        return true;
    }

    /// A table whose inputs rest keeps the frontier of its last change, and with it all snapshots since; and one that
    /// reads what was just compacted would have to read it whole to tell that nothing changed.
    void MoveFrontiers() {
        std::vector<std::string> ids;
        {
            Transaction transaction(*session_);
            CurrentSnapshot(*session_);
            Snapshot keep_from = OldestSince(*session_, keep_since_);
            Registry registry = ReadRegistry(*session_);
            for (const auto& table : registry.Tables()) {
                Frontier frontier = ReadFrontier(*session_, table.id);
                auto oldest = OldestNeeded(frontier);
                bool reads_compacted =
                    std::any_of(frontier.inputs.begin(), frontier.inputs.end(),
                                [&](const auto& input) { return compacted_.count(input.table_id) > 0; });
                if (table.suspended == Suspension::None && oldest && (*oldest < keep_from || reads_compacted)) {
                    ids.push_back(table.id);
                }
            }
            transaction.Commit();
        }
        for (const auto& outcome : operations_.MoveFrontiers(ids, request_.dry_run)) {
            MaintainEntry entry;
            entry.step = "advance";
            entry.table = outcome.table.name;
            entry.detail = fmt::format("nothing changed: frontier at snapshot {}", outcome.data_snapshot);
            entries_.push_back(std::move(entry));
        }
    }

    void Expire(MaintainEntry& entry) {
        Repeat(*session_, [&] {
            Transaction transaction(*session_);
            CurrentSnapshot(*session_);
            std::optional<Guard> guard = ReadGuard(*session_, ReadRegistry(*session_));
            std::vector<Snapshot> old = SnapshotsBefore(*session_, kAny, keep_since_);
            std::vector<Snapshot> unneeded = guard ? SnapshotsBefore(*session_, guard->oldest, keep_since_) : old;
            entry.snapshots = static_cast<int64_t>(unneeded.size());
            entry.detail.clear();
            if (guard && unneeded.size() < old.size()) {
                entry.detail = fmt::format("{} more are kept for {}, which goes on from snapshot {}",
                                           old.size() - unneeded.size(), guard->table.Text(), guard->oldest);
            }
            if (!request_.dry_run) {
                ExpireSnapshots(*session_, unneeded);
                FailurePoint(failure::kAfterExpiry);
                transaction.Commit();
                ForgetInlinedSchemas(*session_);
            }
        });
    }

    void CleanUp(MaintainEntry& entry) {
        Repeat(*session_, [&] {
            Transaction transaction(*session_);
            CurrentSnapshot(*session_);
            OldFiles files = FindOldFiles(*session_, now_ - kKeepFiles);
            entry.files_before = files.count;
            entry.detail = files.waiting > 0 ? fmt::format("{} more wait for a day to pass", files.waiting) : "";
            if (!request_.dry_run) {
                RemoveOldFiles(*session_, files);
                FailurePoint(failure::kAfterRemoval);
                transaction.Commit();
                entry.files_after = 0;
            }
        });
    }

    void RemoveOrphans(MaintainEntry& entry) {
        std::vector<std::string> files;
        Repeat(*session_, [&] {
            Transaction transaction(*session_);
            CurrentSnapshot(*session_);
            files = FindOrphans(*session_, now_ - kKeepFiles);
            transaction.Commit();
        });
        Transaction transaction(*session_);
        entry.files_before = static_cast<int64_t>(files.size());
        entry.bytes_before = TotalBytes(*session_, files);
        if (!request_.dry_run) {
            entry.files_after = entry.files_before;
            for (const auto& file : files) {
                RemoveFile(*session_, file);
                entry.files_after = *entry.files_after - 1;
            }
            entry.bytes_after = 0;
        }
        transaction.Commit();
    }

    Operations& operations_;
    const MaintainRequest& request_;
    std::shared_ptr<Session> session_;
    Timestamp now_;
    Timestamp keep_since_; ///< snapshots committed since then stay
    Registry registry_;    ///< as of the beginning
    std::set<int64_t> compacted_;
    std::vector<MaintainEntry> entries_;
};

} // namespace

std::vector<MaintainEntry> Maintain(Operations& operations, const MaintainRequest& request) {
    return Maintenance(operations, request).Run();
}

} // namespace freshet
