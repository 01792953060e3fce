#include "state/migrations.hpp"
#include "state/postgres/connection.hpp"
#include "state/sqlite/connection.hpp"
#include "state/throwaway_store.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace freshet {

namespace {

enum class Backend { Sqlite, Postgres };

constexpr int64_t kHour = int64_t{3600} * 1'000'000;

StoredTable SomeTable(const std::string& id, const std::string& name) {
    StoredTable table;
    table.id = id;
    table.name = {"main", name};
    table.definition = "SELECT 1 AS x";
    table.options = R"({"target_lag":"1 minute"})";
    table.search_path = "lake.main";
    table.created_at = 1000;
    table.mode = "INCREMENTAL";
    return table;
}

WorkerInfo SomeWorker(const std::string& id, int64_t expires_after = kHour) {
    return {.id = id,
            .kind = "WORKER",
            .host = "here",
            .process = 7,
            .process_started = 9,
            .heartbeat_every = 30,
            .expires_after = expires_after};
}

Progress At(int64_t snapshot, Timestamp timestamp) {
    return {.data_snapshot = snapshot,
            .data_timestamp = timestamp,
            .unchanged_until = snapshot,
            .last_action = "INCREMENTAL",
            .last_error = ""};
}

RefreshRecord SomeRecord(const std::string& refresh_id, const StoredTable& table, Timestamp started_at) {
    RefreshRecord record;
    record.refresh_id = refresh_id;
    record.run_id = "run";
    record.table_id = table.id;
    record.table = table.name;
    record.started_at = started_at;
    record.finished_at = started_at + 5;
    record.action = "INCREMENTAL";
    return record;
}

std::vector<std::string> Ids(const std::vector<RefreshRecord>& records) {
    std::vector<std::string> ids;
    for (const RefreshRecord& record : records) {
        ids.push_back(record.refresh_id);
    }
    return ids;
}

template <typename Work>
Code CodeOf(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.GetCode();
    }
    ADD_FAILURE() << "no error";
    return Code::Defect;
}

/// The child's end is that of `work`: nothing of the test's own is destroyed in it.
template <typename Work>
pid_t Fork(const Work& work) {
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    try {
        work();
    } catch (const std::exception& error) {
        fprintf(stderr, "%s\n", error.what());
        _exit(1);
    }
    _exit(0);
}

} // namespace

/// What every backend must do. Each test has a place of its own with an empty store.
class StoreContract : public testing::TestWithParam<Backend> {
protected:
    void SetUp() override {
        if (GetParam() == Backend::Sqlite) {
            place_ = std::make_unique<ThrowawayFile>();
        } else if (ThrowawayDatabase::Server() != nullptr) {
            place_ = std::make_unique<ThrowawayDatabase>();
        } else {
            GTEST_SKIP() << "FRESHET_TEST_POSTGRES names no server; run the tests under tools/with_postgres";
        }
        store_ = place_->Open();
    }

    std::unique_ptr<SqlConnection> Connect() const {
        std::string address = place_->Address();
        return GetParam() == Backend::Sqlite ? OpenSqlite(address.substr(7), true, 10000)
                                             : OpenPostgres(address.substr(9), 10000);
    }

    /// Runs `work` in several processes at once; true if all succeed. SQLite handles must not pass through a fork, so
    /// the store is closed meanwhile.
    template <typename Work>
    bool InProcesses(int count, const Work& work) {
        store_.reset();
        std::vector<pid_t> children;
        for (int number = 0; number < count; number++) {
            children.push_back(Fork([&] { work(number); }));
        }
        bool good = true;
        for (pid_t child : children) {
            int status = 0;
            waitpid(child, &status, 0);
            good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        store_ = place_->Open();
        return good;
    }

    std::unique_ptr<ThrowawayPlace> place_;
    std::unique_ptr<StateStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Backends, StoreContract, testing::Values(Backend::Sqlite, Backend::Postgres),
                         [](const auto& backend) { return backend.param == Backend::Sqlite ? "Sqlite" : "Postgres"; });

TEST_P(StoreContract, IsEmptyAtFirst) {
    EXPECT_TRUE(store_->ListTables().empty());
    EXPECT_TRUE(store_->ListDependencies().empty());
    EXPECT_TRUE(store_->ReadHistory({}).empty());
    EXPECT_EQ(store_->GetReconciled(), Reconciled{});
    EXPECT_FALSE(store_->GetTable("nobody"));
    EXPECT_FALSE(store_->FindTable({"main", "nobody"}));
    store_->RemoveTable("nobody");
}

TEST_P(StoreContract, KeepsEveryFieldOfATable) {
    StoredTable table = SomeTable("7b1c", "täg\"lich 'x' 表");
    table.name.schema = std::string(200, 's');
    table.definition = "SELECT '$1', \"ä\", 'a\\b' -- \n FROM t\t WHERE x = '%s'";
    table.suspended = Suspension::ByCascade;
    table.definition_version = 3;
    table.mode = "FULL";
    table.mode_reason = "random() is not deterministic";
    table.progress = {.data_snapshot = int64_t{1} << 40,
                      .data_timestamp = 1'700'000'000'123'456,
                      .unchanged_until = (int64_t{1} << 40) + 1,
                      .last_action = "FULL",
                      .last_error = "division by zero"};
    store_->UpsertTable(table);
    EXPECT_EQ(store_->GetTable("7b1c"), table);
    EXPECT_EQ(place_->Open()->FindTable(table.name), table);
}

TEST_P(StoreContract, FindsNamesExactly) {
    store_->UpsertTable(SomeTable("1", "Daily"));
    EXPECT_TRUE(store_->FindTable({"main", "Daily"}));
    EXPECT_FALSE(store_->FindTable({"main", "daily"}));
    EXPECT_FALSE(store_->FindTable({"other", "Daily"}));
}

TEST_P(StoreContract, ListsByNameBytewise) {
    for (const char* name : {"b", "ä", "B", "a", "_"}) {
        store_->UpsertTable(SomeTable(std::string("id of ") + name, name));
    }
    std::vector<std::string> names;
    for (const StoredTable& table : store_->ListTables()) {
        names.push_back(table.name.name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"B", "_", "a", "b", "ä"}));
}

TEST_P(StoreContract, RenamesAndSwaps) {
    store_->UpsertTable(SomeTable("1", "a"));
    store_->UpsertTable(SomeTable("2", "b"));
    store_->UpsertTable(SomeTable("1", "b"));
    store_->UpsertTable(SomeTable("2", "a"));
    EXPECT_EQ(store_->FindTable({"main", "a"})->id, "2");
    EXPECT_EQ(store_->FindTable({"main", "b"})->id, "1");
}

TEST_P(StoreContract, IgnoresAnOlderDefinition) {
    StoredTable table = SomeTable("1", "a");
    table.definition_version = 2;
    table.definition = "SELECT 2";
    store_->UpsertTable(table);
    StoredTable late = table;
    late.definition_version = 1;
    late.definition = "SELECT 1";
    store_->UpsertTable(late);
    EXPECT_EQ(store_->GetTable("1"), table);
}

TEST_P(StoreContract, UpsertTakesOnlyNewerProgress) {
    StoredTable table = SomeTable("1", "a");
    table.progress = At(10, 10 * kHour);
    table.progress.last_error = "the last one failed";
    store_->UpsertTable(table);
    StoredTable again = table;
    again.progress = {};
    store_->UpsertTable(again);
    again.progress = At(8, 8 * kHour);
    store_->UpsertTable(again);
    EXPECT_EQ(store_->GetTable("1")->progress, table.progress);
    again.progress = At(11, 11 * kHour);
    store_->UpsertTable(again);
    EXPECT_EQ(store_->GetTable("1")->progress, again.progress);
}

TEST_P(StoreContract, ANewDefinitionBringsItsProgressButTimeStays) {
    StoredTable table = SomeTable("1", "a");
    table.progress = At(10, 10 * kHour);
    store_->UpsertTable(table);
    table.definition_version++;
    table.progress = {};
    store_->UpsertTable(table);
    EXPECT_EQ(store_->GetTable("1")->progress.data_snapshot, kNoSnapshot);
    EXPECT_EQ(store_->GetTable("1")->progress.data_timestamp, 10 * kHour);
}

TEST_P(StoreContract, RemovesATableAndKeepsItsHistory) {
    StoredTable table = SomeTable("1", "a");
    store_->UpsertTable(table);
    store_->ReplaceDependencies("1", {{"1", {"main", "orders"}, ""}});
    store_->RecordRefreshes({{SomeRecord("r", table, 1), std::nullopt}});
    store_->RemoveTable("1");
    EXPECT_FALSE(store_->GetTable("1"));
    EXPECT_TRUE(store_->ListDependencies().empty());
    EXPECT_EQ(store_->ReadHistory({.table = table.name}).size(), 1U);
}

TEST_P(StoreContract, ReplacesDependenciesInOrder) {
    std::vector<Dependency> first = {{"1", {"main", "z"}, ""}, {"1", {"main", "a"}, "2"}, {"1", {"s", "z"}, ""}};
    std::vector<Dependency> other = {{"2", {"main", "z"}, ""}};
    store_->ReplaceDependencies("1", {{"1", {"main", "gone"}, ""}, first[1], first[0], first[2]});
    store_->ReplaceDependencies("2", other);
    store_->ReplaceDependencies("1", first);
    EXPECT_EQ(store_->ListDependencies("1"), first);
    EXPECT_EQ(store_->ListDependencies("2"), other);
    EXPECT_EQ(store_->ListDependencies().size(), 4U);
    store_->ReplaceDependencies("1", {});
    EXPECT_EQ(store_->ListDependencies(), other);
}

TEST_P(StoreContract, KeepsEveryFieldOfARecord) {
    RefreshRecord record = SomeRecord("r1", SomeTable("1", "a \"b\""), 77);
    record.trigger = Trigger::Scheduled;
    record.strategy = "accumulators";
    record.reason = "cheaper: 3 ms against 240 ms";
    record.status = RefreshStatus::UpstreamFailed;
    record.rows_inserted = 5'000'000'000;
    record.rows_deleted = 2;
    record.duration_ms = 0.1 + 0.2;
    record.data_snapshot = 41;
    record.commit_snapshot = 43;
    record.estimated_cost = 1.5;
    record.candidates = R"([{"way":"full","cost":240}])";
    record.error_code = "FRS-4001";
    record.error_message = "Conversion Error: 'x'\n in column \"y\"";
    store_->RecordRefreshes({{record, std::nullopt}});
    EXPECT_EQ(store_->ReadHistory({}), std::vector<RefreshRecord>{record});
}

TEST_P(StoreContract, RecordsARefreshOnceAndMovesProgress) {
    StoredTable table = SomeTable("1", "a");
    store_->UpsertTable(table);
    RefreshOutcome outcome{SomeRecord("r1", table, 1), At(5, 5 * kHour)};
    store_->RecordRefreshes({outcome});
    store_->RecordRefreshes({outcome});
    EXPECT_EQ(store_->ReadHistory({}).size(), 1U);
    EXPECT_EQ(store_->GetTable("1")->progress, At(5, 5 * kHour));
    store_->RecordRefreshes({});
}

TEST_P(StoreContract, DataTimestampNeverGoesBack) {
    StoredTable table = SomeTable("1", "a");
    store_->UpsertTable(table);
    store_->RecordRefreshes({{SomeRecord("r1", table, 1), At(9, 9 * kHour)}});
    Progress late = At(5, 5 * kHour);
    late.last_action = "FULL";
    late.last_error = "too late";
    store_->RecordRefreshes({{SomeRecord("r2", table, 2), late}});
    Progress expected = At(9, 9 * kHour);
    expected.last_action = "FULL";
    expected.last_error = "too late";
    EXPECT_EQ(store_->GetTable("1")->progress, expected);
}

TEST_P(StoreContract, TheLastOutcomeOfATableWins) {
    StoredTable table = SomeTable("1", "a");
    store_->UpsertTable(table);
    store_->RecordRefreshes(
        {{SomeRecord("r1", table, 1), At(5, 5 * kHour)}, {SomeRecord("r2", table, 2), At(6, 6 * kHour)}});
    EXPECT_EQ(store_->GetTable("1")->progress, At(6, 6 * kHour));
}

TEST_P(StoreContract, RecordsOfADroppedTableAreKept) {
    store_->RecordRefreshes({{SomeRecord("r1", SomeTable("gone", "a"), 1), At(5, 5 * kHour)}});
    EXPECT_EQ(store_->ReadHistory({.table_id = "gone"}).size(), 1U);
    EXPECT_TRUE(store_->ListTables().empty());
}

TEST_P(StoreContract, ReadsHistoryNewestFirstByCondition) {
    StoredTable a = SomeTable("1", "a"), b = SomeTable("2", "b");
    RefreshRecord failed = SomeRecord("r3", a, 3);
    failed.status = RefreshStatus::Failed;
    failed.action = "";
    RefreshRecord full = SomeRecord("r4", a, 4);
    full.action = "FULL";
    store_->RecordRefreshes({{SomeRecord("r2", b, 2), {}}, {full, {}}, {SomeRecord("r1", a, 1), {}}, {failed, {}}});
    using List = std::vector<std::string>;
    EXPECT_EQ(Ids(store_->ReadHistory({})), (List{"r4", "r3", "r2", "r1"}));
    EXPECT_EQ(Ids(store_->ReadHistory({.limit = 2})), (List{"r4", "r3"}));
    EXPECT_EQ(Ids(store_->ReadHistory({.limit = 0})).size(), 4U);
    EXPECT_EQ(Ids(store_->ReadHistory({.table_id = "1", .limit = 2})), (List{"r4", "r3"}));
    EXPECT_EQ(Ids(store_->ReadHistory({.table = b.name})), (List{"r2"}));
    EXPECT_EQ(Ids(store_->ReadHistory({.action = "FULL"})), (List{"r4"}));
    EXPECT_EQ(Ids(store_->ReadHistory({.table_id = "1", .action = "INCREMENTAL", .status = RefreshStatus::Succeeded})),
              (List{"r1"}));
}

TEST_P(StoreContract, ForgetsAllButTheNewest) {
    StoredTable kept = SomeTable("1", "kept");
    store_->UpsertTable(kept);
    std::vector<RefreshOutcome> outcomes;
    for (int n = 1; n <= 5; n++) {
        outcomes.push_back({SomeRecord(fmt::format("kept {}", n), kept, n), {}});
        // Dropped and made anew: another id each time, one name.
        outcomes.push_back({SomeRecord(fmt::format("gone {}", n), SomeTable(fmt::format("old {}", n), "gone"), n), {}});
    }
    store_->RecordRefreshes(outcomes);
    EXPECT_EQ(store_->ForgetHistory(2), 6);
    EXPECT_EQ(store_->ForgetHistory(2), 0);
    EXPECT_EQ(Ids(store_->ReadHistory({.table = kept.name})), (std::vector<std::string>{"kept 5", "kept 4"}));
    EXPECT_EQ(Ids(store_->ReadHistory({.table = TableName{"main", "gone"}})),
              (std::vector<std::string>{"gone 5", "gone 4"}));
    EXPECT_EQ(store_->ForgetHistory(0), 4);
}

TEST_P(StoreContract, ReconciledNeverGoesBack) {
    store_->SetReconciled({"lake-1", 7});
    store_->SetReconciled({"lake-1", 5});
    EXPECT_EQ(store_->GetReconciled(), (Reconciled{"lake-1", 7}));
}

TEST_P(StoreContract, NoticesAnotherLake) {
    store_->UpsertTable(SomeTable("1", "a"));
    store_->SetReconciled({"lake-1", 7});
    EXPECT_EQ(CodeOf([&] { store_->SetReconciled({"lake-2", 9}); }), Code::StoreOfAnotherLake);
    EXPECT_EQ(CodeOf([&] {
                  store_->Reconcile({.at = {"lake-2", 9}, .tables = {}, .dependencies = {}});
              }),
              Code::StoreOfAnotherLake);
    EXPECT_EQ(store_->ListTables().size(), 1U);
}

TEST_P(StoreContract, RewindsForALakeThatWasRestored) {
    StoredTable ahead = SomeTable("1", "a");
    ahead.progress = At(8, 8 * kHour);
    EXPECT_TRUE(store_->Reconcile({.at = {"lake", 8}, .tables = {ahead}, .dependencies = {}}));
    Timestamp before = store_->Now();
    store_->Rewind();
    EXPECT_TRUE(store_->ListTables().empty());
    EXPECT_GT(store_->Now(), before);
    EXPECT_EQ(store_->GetReconciled(), (Reconciled{"lake", kNoSnapshot}));
    StoredTable restored = SomeTable("1", "a");
    restored.progress = At(3, 3 * kHour);
    EXPECT_TRUE(store_->Reconcile({.at = {"lake", 3}, .tables = {restored}, .dependencies = {}}));
    EXPECT_EQ(store_->GetTable("1")->progress.data_snapshot, 3);
}

TEST_P(StoreContract, ReconcilesWithTheLake) {
    StoredTable stays = SomeTable("1", "stays"), goes = SomeTable("2", "goes"), comes = SomeTable("3", "comes");
    stays.progress = At(5, 5 * kHour);
    store_->UpsertTable(stays);
    store_->UpsertTable(goes);
    store_->ReplaceDependencies("2", {{"2", {"main", "stays"}, "1"}});
    LakeView view{.at = {"lake", 9}, .tables = {comes, stays}, .dependencies = {{"3", {"main", "stays"}, "1"}}};
    view.tables[1].progress = {};
    EXPECT_TRUE(store_->Reconcile(view));
    EXPECT_EQ(store_->ListTables(), (std::vector<StoredTable>{comes, stays}));
    EXPECT_EQ(store_->ListDependencies(), view.dependencies);
    EXPECT_EQ(store_->GetReconciled(), view.at);
}

TEST_P(StoreContract, AStaleViewChangesNothing) {
    EXPECT_TRUE(store_->Reconcile({.at = {"lake", 9}, .tables = {SomeTable("1", "a")}, .dependencies = {}}));
    EXPECT_FALSE(store_->Reconcile({.at = {"lake", 8}, .tables = {}, .dependencies = {}}));
    EXPECT_EQ(store_->ListTables().size(), 1U);
    EXPECT_TRUE(store_->Reconcile({.at = {"lake", 9}, .tables = {}, .dependencies = {}}));
    EXPECT_TRUE(store_->ListTables().empty());
}

TEST_P(StoreContract, HoldsThousandsOfTables) {
    constexpr int kTables = 3000;
    LakeView view{.at = {"lake", 1}, .tables = {}, .dependencies = {}};
    std::vector<RefreshOutcome> outcomes;
    for (int n = 0; n < kTables; n++) {
        StoredTable table = SomeTable(fmt::format("id {}", n), fmt::format("table {}", n));
        table.definition = std::string(1000, 'x');
        view.dependencies.push_back({table.id, {"main", "orders"}, ""});
        outcomes.push_back({SomeRecord(fmt::format("r {}", n), table, n), At(1, kHour)});
        view.tables.push_back(std::move(table));
    }
    store_->Reconcile(view);
    store_->RecordRefreshes(outcomes);
    EXPECT_EQ(store_->ListTables().size(), size_t{kTables});
    EXPECT_EQ(store_->ListDependencies().size(), size_t{kTables});
    EXPECT_EQ(store_->GetTable("id 2999")->progress, At(1, kHour));
    view.at.snapshot = 2;
    view.tables.resize(1);
    store_->Reconcile(view);
    EXPECT_EQ(store_->ListTables().size(), 1U);
}

TEST_P(StoreContract, ClockNeverGoesBack) {
    auto other = place_->Open();
    Timestamp wall = Now(), last = 0;
    for (int n = 0; n < 50; n++) {
        Timestamp now = n % 2 == 0 ? store_->Now() : other->Now();
        EXPECT_GT(now, last);
        last = now;
    }
    EXPECT_NEAR(static_cast<double>(last), static_cast<double>(wall), static_cast<double>(kHour));
    // As after a system clock that stood in the future was set right.
    Timestamp future = last + 1000 * kHour;
    other->AdvanceClock(future);
    EXPECT_EQ(store_->Now(), future + 1);
    EXPECT_EQ(place_->Open()->Now(), future + 2);
    store_->AdvanceClock(1);
    EXPECT_EQ(store_->Now(), future + 3);
}

TEST_P(StoreContract, KeepsSecretsOut) {
    StoredTable table = SomeTable("1", "a");
    table.progress.last_error = "can't attach 'host=db password=hunter22 dbname=x'";
    store_->UpsertTable(table);
    RefreshRecord record = SomeRecord("r", table, 1);
    record.error_message = "postgresql://me:hunter22@db/x is down";
    record.reason = "password = 'hunter22'";
    Progress progress;
    progress.last_error = record.error_message;
    EXPECT_EQ(store_->GetTable("1")->progress.last_error.find("hunter22"), std::string::npos);
    store_->RecordRefreshes({{record, progress}});
    RefreshRecord stored = store_->ReadHistory({}).at(0);
    for (const std::string& text : {stored.error_message, stored.reason, store_->GetTable("1")->progress.last_error}) {
        EXPECT_EQ(text.find("hunter22"), std::string::npos) << text;
        EXPECT_NE(text.find("***"), std::string::npos) << text;
    }
}

TEST_P(StoreContract, StoresErrorsThatQuoteBrokenBytes) {
    RefreshRecord record = SomeRecord("r", SomeTable("1", "a"), 1);
    record.error_message = std::string("invalid byte \xFF\xC3 and \0 in file", 27);
    store_->RecordRefreshes({{record, {}}});
    EXPECT_EQ(store_->ReadHistory({}).at(0).error_message.substr(0, 16), "invalid byte \xEF\xBF\xBD");
}

TEST_P(StoreContract, AClaimIsHeldByOneUntilItIsReleased) {
    store_->Heartbeat(SomeWorker("first"));
    store_->Heartbeat(SomeWorker("second"));
    ClaimAnswer first = store_->TakeClaims("first", "run 1", {"b", "a", "a"});
    ASSERT_TRUE(first.taken);
    ASSERT_EQ(first.claims.size(), 2);
    EXPECT_EQ(first.claims[0].generation, 1);
    ClaimAnswer second = store_->TakeClaims("second", "run 2", {"c", "b"});
    EXPECT_FALSE(second.taken);
    ASSERT_EQ(second.claims.size(), 1);
    EXPECT_EQ(second.claims[0].table_id, "b");
    EXPECT_EQ(second.claims[0].run_id, "run 1");
    EXPECT_EQ(store_->ListClaims().size(), 2) << "all or none";
    EXPECT_EQ(store_->CountClaims("first", "run 1"), 2);
    EXPECT_FALSE(store_->TakeClaims("first", "another run", {"a"}).taken) << "not even by the same worker";
    store_->ReleaseClaims("second", "run 1");
    EXPECT_EQ(store_->CountClaims("first", "run 1"), 2) << "only the holder can";
    store_->ReleaseClaims("first", "run 1");
    second = store_->TakeClaims("second", "run 2", {"c", "b"});
    ASSERT_TRUE(second.taken);
    EXPECT_EQ(second.claims[0].generation, 2) << "it changed hands";
    EXPECT_TRUE(store_->TakeClaims("second", "run 3", {}).taken);
}

TEST_P(StoreContract, ClaimsOfTheDeadAreTakenOver) {
    store_->Heartbeat(SomeWorker("dead", 1));
    store_->Heartbeat(SomeWorker("alive"));
    ASSERT_TRUE(store_->TakeClaims("dead", "old run", {"a", "b"}).taken);
    store_->Now(); // later than its expiry
    ASSERT_TRUE(store_->TakeClaims("alive", "new run", {"a"}).taken);
    EXPECT_EQ(store_->CountClaims("dead", "old run"), 1) << "it can see that it was taken for dead";
    store_->RemoveWorker("dead");
    EXPECT_EQ(store_->CountClaims("dead", "old run"), 0);
    ASSERT_TRUE(store_->TakeClaims("unknown", "run", {"b"}).taken) << "nobody holds it";
    ASSERT_TRUE(store_->TakeClaims("alive", "third run", {"b"}).taken) << "a holder that nobody knows is dead";
}

TEST_P(StoreContract, ClaimsCanBeTakenFromTheLiving) {
    store_->Heartbeat(SomeWorker("worker"));
    store_->Heartbeat(SomeWorker("command"));
    ASSERT_TRUE(store_->TakeClaims("worker", "run", {"a", "b"}).taken);
    ClaimAnswer seized = store_->SeizeClaims("command", "force", {"a"});
    ASSERT_TRUE(seized.taken);
    EXPECT_EQ(seized.claims[0].generation, 2);
    EXPECT_EQ(store_->CountClaims("worker", "run"), 1) << "it can see that it lost one";
    EXPECT_FALSE(store_->TakeClaims("worker", "again", {"a"}).taken);
    store_->RemoveWorker("command");
    EXPECT_TRUE(store_->TakeClaims("worker", "again", {"a"}).taken);
}

TEST_P(StoreContract, AHolderSaysWhatItIsAt) {
    store_->Heartbeat(SomeWorker("worker"));
    ASSERT_TRUE(store_->TakeClaims("worker", "run", {"a", "b"}).taken);
    EXPECT_EQ(store_->ListClaims()[0].step, "");
    store_->NoteSteps("worker", {{"a", "COMPUTING", 7}});
    store_->NoteSteps("another", {{"b", "WRITING", 8}});
    EXPECT_EQ(store_->ListClaims()[0].step, "COMPUTING");
    EXPECT_EQ(store_->ListClaims()[0].step_since, 7);
    EXPECT_EQ(store_->ListClaims()[1].step, "") << "only the holder can";
    store_->ReleaseClaims("worker", "run");
    ASSERT_TRUE(store_->TakeClaims("worker", "next", {"a"}).taken);
    EXPECT_EQ(store_->ListClaims()[0].step, "") << "a new claim has done nothing yet";
}

TEST_P(StoreContract, ASignOfLifeRenewsAllClaims) {
    store_->Heartbeat(SomeWorker("worker", 1));
    ASSERT_TRUE(store_->TakeClaims("worker", "run", {"a"}).taken);
    store_->Heartbeat(SomeWorker("worker", kHour));
    EXPECT_FALSE(store_->TakeClaims("other", "run", {"a"}).taken);
    ASSERT_EQ(store_->ListWorkers().size(), 1);
    WorkerInfo worker = store_->ListWorkers()[0];
    EXPECT_GT(worker.heartbeat_at, worker.started_at);
    worker.started_at = worker.heartbeat_at = 0;
    EXPECT_EQ(worker, SomeWorker("worker", kHour));
}

TEST_P(StoreContract, EachClaimGoesToOneOfManyProcesses) {
    constexpr int kProcesses = 4;
    constexpr int kTables = 60;
    bool good = InProcesses(kProcesses, [&](int number) {
        auto store = place_->Open();
        std::string me = fmt::format("worker {}", number);
        store->Heartbeat(SomeWorker(me));
        std::set<std::string> mine;
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < kTables; i++) {
                std::string table = fmt::format("t{}", (i + number * kTables / kProcesses) % kTables);
                if (!mine.contains(table) && store->TakeClaims(me, "run " + table, {table}).taken) {
                    mine.insert(table);
                }
            }
        }
        for (const auto& table : mine) { // nobody took it a second time
            if (store->CountClaims(me, "run " + table) != 1) {
                throw std::runtime_error("lost " + table);
            }
        }
    });
    EXPECT_TRUE(good);
    EXPECT_EQ(store_->ListClaims().size(), kTables);
    for (const Claim& claim : store_->ListClaims()) {
        EXPECT_EQ(claim.generation, 1) << claim.table_id;
    }
}

TEST_P(StoreContract, RemembersFailuresUntilTheyAreOver) {
    FailureNote note{"a", 3, 2, 1, 0, 77};
    Timestamp at = store_->WriteFailureNote(note);
    EXPECT_GT(at, 0);
    note.noted_at = at;
    EXPECT_EQ(store_->ListFailureNotes(), std::vector{note});
    note.failures = 5;
    EXPECT_GT(store_->WriteFailureNote(note), at);
    ASSERT_EQ(store_->ListFailureNotes().size(), 1);
    EXPECT_EQ(store_->ListFailureNotes()[0].failures, 5);
    store_->WriteFailureNote({"a", 3, 0, 0, 0, 0});
    EXPECT_TRUE(store_->ListFailureNotes().empty());
}

TEST_P(StoreContract, WhatIsUnchangedMovesForwardOnly) {
    StoredTable table = SomeTable("1", "a");
    table.progress = At(5, 500);
    store_->UpsertTable(table);
    StoredTable empty = SomeTable("2", "b");
    store_->UpsertTable(empty);
    store_->RecordUnchanged({"1", "2", "nobody"}, 7, 700);
    EXPECT_EQ(store_->GetTable("1")->progress, At(7, 700));
    EXPECT_EQ(store_->GetTable("2")->progress, empty.progress) << "it has never been filled";
    store_->RecordUnchanged({"1"}, 8, 600);
    store_->RecordUnchanged({"1"}, 6, 800);
    EXPECT_EQ(store_->GetTable("1")->progress, At(7, 700));
}

TEST_P(StoreContract, AStoreOfTheFirstVersionGetsClaims) {
    StoredTable table = SomeTable("1", "a");
    store_->UpsertTable(table);
    auto connection = Connect();
    for (const char* sql :
         {"DROP TABLE freshet_state.worker", "DROP TABLE freshet_state.claim", "DROP TABLE freshet_state.failure",
          "DELETE FROM freshet_state.migration WHERE version > 1"}) {
        connection->Query(sql);
    }
    store_ = place_->Open();
    EXPECT_EQ(store_->GetTable("1"), table);
    EXPECT_TRUE(store_->TakeClaims("worker", "run", {"1"}).taken);
    store_->RemoveTable("1");
    EXPECT_TRUE(store_->ListClaims().empty());
}

TEST_P(StoreContract, SaysWhereItIs) {
    EXPECT_TRUE(store_->Describe().starts_with(GetParam() == Backend::Sqlite ? "sqlite:" : "postgres:"));
}

TEST_P(StoreContract, ProcessesShareIt) {
    constexpr int kProcesses = 4, kRounds = 25;
    StoredTable table = SomeTable("1", "a");
    store_->UpsertTable(table);
    EXPECT_TRUE(InProcesses(kProcesses, [&](int process) {
        auto store = place_->Open();
        for (int round = 0; round < kRounds; round++) {
            Timestamp now = store->Now();
            store->RecordRefreshes({{SomeRecord(fmt::format("{}.{}", process, round), table, now), At(now, now)}});
            store->Reconcile({.at = {"lake", round}, .tables = {table}, .dependencies = {}});
            store->ReadHistory({});
        }
    }));
    auto history = store_->ReadHistory({.limit = 0});
    ASSERT_EQ(history.size(), size_t{kProcesses} * kRounds);
    std::set<Timestamp> times;
    for (const RefreshRecord& record : history) {
        times.insert(record.started_at);
    }
    EXPECT_EQ(times.size(), history.size()) << "two processes got one time";
    EXPECT_EQ(store_->GetTable("1")->progress.data_timestamp, *times.rbegin());
    EXPECT_EQ(store_->GetReconciled().snapshot, kRounds - 1);
}

TEST_P(StoreContract, WritersInOppositeOrderBothGetThrough) {
    auto write = [&](bool reversed) {
        auto store = place_->Open();
        std::vector<StoredTable> tables;
        std::vector<RefreshOutcome> outcomes;
        for (int n = 0; n < 20; n++) {
            tables.push_back(SomeTable(fmt::format("id {}", n), "a"));
            outcomes.push_back({SomeRecord(fmt::format("{} {}", reversed, n), tables.back(), n), At(n, n)});
        }
        if (reversed) {
            std::reverse(tables.begin(), tables.end());
            std::reverse(outcomes.begin(), outcomes.end());
        }
        for (int round = 0; round < 10; round++) {
            store->Reconcile({.at = {"lake", round}, .tables = tables, .dependencies = {}});
            store->RecordRefreshes(outcomes);
        }
    };
    EXPECT_TRUE(InProcesses(2, [&](int process) { write(process == 1); }));
    EXPECT_EQ(store_->ListTables().size(), 20U);
}

TEST_P(StoreContract, ProcessesCreateItTogether) {
    std::unique_ptr<ThrowawayPlace> fresh;
    if (GetParam() == Backend::Sqlite) {
        fresh = std::make_unique<ThrowawayFile>();
    } else {
        fresh = std::make_unique<ThrowawayDatabase>();
    }
    EXPECT_TRUE(InProcesses(8, [&](int process) {
        StoredTable table = SomeTable(fmt::format("{}", process), fmt::format("table {}", process));
        fresh->Open()->UpsertTable(table);
    }));
    EXPECT_EQ(fresh->Open()->ListTables().size(), 8U);
}

TEST_P(StoreContract, AKilledProcessLeavesNoLock) {
    EXPECT_FALSE(InProcesses(1, [&](int) {
        auto connection = Connect();
        connection->InTransaction([&] {
            connection->Query("UPDATE freshet_state.clock SET high_water = 1");
            kill(getpid(), SIGKILL);
        });
    }));
    EXPECT_GT(store_->Now(), 1);
}

TEST_P(StoreContract, AFailedCallLeavesNothing) {
    store_->UpsertTable(SomeTable("1", "a"));
    auto connection = Connect();
    EXPECT_EQ(CodeOf([&] {
                  connection->InTransaction([&] {
                      connection->Query("DELETE FROM freshet_state.dynamic_table");
                      Rows rows(600, Row{std::string("x"), int64_t{1}, std::string("n")});
                      rows[500][2] = Value();
                      connection->ForEach("INSERT INTO freshet_state.dependency VALUES ($1, $2, $3, $3, $3) "
                                          "ON CONFLICT (table_id, place) DO NOTHING",
                                          rows);
                  });
              }),
              Code::StoreUnreachable);
    EXPECT_EQ(store_->ListTables().size(), 1U);
    EXPECT_TRUE(store_->ListDependencies().empty());
    // The connection goes on.
    EXPECT_EQ(connection->Query("SELECT id FROM freshet_state.dynamic_table").size(), 1U);
}

TEST_P(StoreContract, RefusesANewerVersion) {
    Connect()->Query("INSERT INTO freshet_state.migration VALUES (1000, 'of tomorrow', 0)");
    EXPECT_EQ(CodeOf([&] { place_->Open(); }), Code::StoreVersion);
}

TEST_P(StoreContract, MigratesAnOlderVersion) {
    store_->UpsertTable(SomeTable("1", "a"));
    auto steps = Migrations();
    int64_t next = steps.back().version + 1;
    steps.push_back({next, "more", {"ALTER TABLE dynamic_table ADD COLUMN due BIGINT NOT NULL DEFAULT 5"}});
    auto connection = Connect();
    Migrate(*connection, steps, false);
    Migrate(*connection, steps, false);
    EXPECT_EQ(StoredVersion(*connection), next);
    EXPECT_EQ(AsInt(connection->Query("SELECT due FROM freshet_state.dynamic_table").at(0).at(0)), 5);
    EXPECT_EQ(CodeOf([&] { place_->Open(); }), Code::StoreVersion);
}

TEST_P(StoreContract, AFailedMigrationLeavesTheOldVersion) {
    auto steps = Migrations();
    int64_t before = steps.back().version;
    steps.push_back({before + 1, "good", {"CREATE TABLE thing (id TEXT PRIMARY KEY)"}});
    steps.push_back({before + 2, "bad", {"CREATE TABLE pending (id TEXT PRIMARY KEY)", "CREATE NONSENSE"}});
    auto connection = Connect();
    EXPECT_EQ(CodeOf([&] { Migrate(*connection, steps, true); }), Code::StoreUnreachable);
    EXPECT_EQ(StoredVersion(*connection), before);
    EXPECT_FALSE(connection->HasTable("thing"));
    place_->Open()->Now();
}

TEST_P(StoreContract, MigrationsAreNumberedWithoutGaps) {
    int64_t expected = 1;
    for (const Migration& step : Migrations()) {
        EXPECT_EQ(step.version, expected++);
    }
}

} // namespace freshet
