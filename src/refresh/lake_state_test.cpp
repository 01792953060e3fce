#include "refresh/lake_state.hpp"

#include "lake/test_lake.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

DynamicTable SomeTable(const std::string& name) {
    DynamicTable table;
    table.id = "id_of_" + name;
    table.name = {"main", name};
    table.definition = "SELECT 'it''s' AS \"a b\"\nFROM orders -- comment";
    table.column_names = {"a \"b\"", "c"};
    table.search_path = "lake.main";
    table.options.target_lag = TargetLag{false, 60};
    table.options.comment = "it's";
    table.suspended = Suspension::ByCascade;
    table.created_at = 12345;
    table.mode = "FULL";
    table.mode_reason = "because";
    return table;
}

Frontier SomeFrontier() {
    Frontier frontier;
    frontier.generation = 1;
    frontier.data_snapshot = 7;
    frontier.data_timestamp = 1234567890123456;
    frontier.evaluated_at = 99;
    frontier.fingerprint = "f'1";
    frontier.row_count = 3;
    InputVersion input;
    input.name = {"main", "o'rders"};
    input.table_id = 4;
    input.uuid = "u";
    input.columns = {{1, "a", "STRUCT(x INTEGER)", {2, 3}}};
    input.version = 7;
    input.rows = 10;
    frontier.inputs = {input};
    frontier.companions = {{2, "acc_x_2", 5}};
    frontier.repair = "why";
    return frontier;
}

class LakeStateTest : public EveryCatalog {};

TEST_P(LakeStateTest, RoundTrip) {
    Session& session = Lake().Main();
    EXPECT_TRUE(ReadRegistry(session).Tables().empty());
    EnsureOwnSchema(session);
    EnsureOwnSchema(session);
    DynamicTable table = SomeTable("t");
    {
        Transaction transaction(session);
        InsertRegistryRow(session, table);
        CreateState(session, table.id, SomeFrontier());
        transaction.Commit();
    }
    Registry registry = ReadRegistry(session);
    ASSERT_EQ(registry.Tables().size(), 1U);
    const DynamicTable& read = registry.Tables()[0];
    EXPECT_EQ(read.definition, table.definition);
    EXPECT_EQ(read.column_names, table.column_names);
    EXPECT_EQ(read.options, table.options);
    EXPECT_EQ(read.suspended, table.suspended);
    Frontier frontier = ReadFrontier(session, table.id);
    EXPECT_EQ(frontier.generation, 1);
    EXPECT_EQ(frontier.data_timestamp, 1234567890123456);
    EXPECT_EQ(frontier.evaluated_at, 99);
    EXPECT_EQ(frontier.fingerprint, "f'1");
    ASSERT_EQ(frontier.inputs.size(), 1U);
    EXPECT_EQ(frontier.inputs[0].name, (TableName{"main", "o'rders"}));
    EXPECT_EQ(frontier.inputs[0].columns, SomeFrontier().inputs[0].columns);
    ASSERT_EQ(frontier.companions.size(), 1U);
    EXPECT_EQ(frontier.companions[0].rows, 5);
    EXPECT_EQ(frontier.repair, "why");
    EXPECT_EQ(frontier.committed, Lake().Newest());
    EXPECT_EQ(ReadFrontier(session, "other").generation, 0);
}

TEST_P(LakeStateTest, AStaleGenerationIsOvertaken) {
    Session& session = Lake().Main();
    EnsureOwnSchema(session);
    {
        Transaction transaction(session);
        CreateState(session, "x", SomeFrontier());
        transaction.Commit();
    }
    Frontier next = SomeFrontier();
    next.generation = 2;
    {
        Transaction transaction(session);
        UpdateState(session, "x", next, 1);
        transaction.Commit();
    }
    Transaction transaction(session);
    EXPECT_THROW(UpdateState(session, "x", next, 1), Overtaken);
}

TEST_P(LakeStateTest, OfTwoRacingUpdatesOneLoses) {
    Session& session = Lake().Main();
    EnsureOwnSchema(session);
    {
        Transaction transaction(session);
        CreateState(session, "x", SomeFrontier());
        transaction.Commit();
    }
    Frontier next = SomeFrontier();
    next.generation = 2;
    {
        Transaction transaction(session);
        UpdateState(session, "x", next, 1);
        transaction.Commit();
    }
    auto other = Lake().NewSession();
    next.generation = 3;
    Transaction mine(session);
    UpdateState(session, "x", next, 2);
    try {
        Transaction theirs(*other);
        UpdateState(*other, "x", next, 2);
        theirs.Commit();
        mine.Commit();
        FAIL() << "both committed";
    } catch (const EngineError& error) {
        EXPECT_TRUE(error.IsConflict()) << error.Message();
    }
    session.Rollback();
    EXPECT_EQ(ReadFrontier(*other, "x").generation, 3);
}

TEST_P(LakeStateTest, ALakeOfANewerFormatIsLeftAlone) {
    Session& session = Lake().Main();
    EnsureOwnSchema(session);
    session.Query("UPDATE __freshet.format SET version = 99");
    try {
        EnsureOwnSchema(session);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::StoreVersion);
    }
}

INSTANTIATE_TEST_SUITE_P(Catalogs, LakeStateTest, EveryCatalogKind(), CatalogKindName);

} // namespace
} // namespace freshet
