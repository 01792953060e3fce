#include "state/postgres/connection.hpp"

#include "state/postgres/settings.hpp"
#include "state/throwaway_store.hpp"

#include <gtest/gtest.h>

namespace freshet {

namespace {

Error Refusal(const std::string& address, bool create = true) {
    try {
        OpenStateStore({.address = address, .create = create});
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "opened";
    return Error(Code::Defect, "");
}

class PostgresStore : public testing::Test {
protected:
    void SetUp() override {
        if (ThrowawayDatabase::Server() == nullptr) {
            GTEST_SKIP() << "FRESHET_TEST_POSTGRES names no server; run the tests under tools/with_postgres";
        }
        place_ = std::make_unique<ThrowawayDatabase>();
    }
    void EndAllConnections() const {
        place_->Administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + place_->Name() +
                           "'");
    }

    std::unique_ptr<ThrowawayDatabase> place_;
};

} // namespace

TEST(PostgresAddress, IsNotQuotedWhenItCannotBeRead) {
    for (const char* text :
         {"host=db password=hunter 22secret", "//me:hunter22%zzsecret@db/x", "host='x password=secret"}) {
        Error error = Refusal(std::string("postgres:") + text);
        EXPECT_EQ(error.GetCode(), Code::BadConfiguration);
        EXPECT_EQ(error.Render().find("secret"), std::string::npos) << error.Render();
        EXPECT_EQ(error.Render().find("hunter"), std::string::npos) << error.Render();
    }
}

TEST(PostgresAddress, GivesItsPasswordAway) {
    auto split = [](const std::string& address) {
        auto parts = postgres::TakePassword(address);
        return parts.connection + "|" + parts.password;
    };
    EXPECT_EQ(split("host=db dbname=x"), "host=db dbname=x|");
    EXPECT_EQ(split("password=secret"), "|secret");
    EXPECT_EQ(split("host=db password = 'a b\\'c' user='it''s'"), "host=db password = 'a b\\'c' user='it''s'|");
    EXPECT_EQ(split("dbname='my lake' password='a b\\'c\\\\' user=me"), "user=me dbname='my lake'|a b'c\\");
    EXPECT_EQ(split("postgresql://me:se%63ret@db:5433/x?connect_timeout=3"),
              "user=me connect_timeout=3 dbname=x host=db port=5433|secret");
    EXPECT_EQ(split("postgresql://me@db/x"), "postgresql://me@db/x|");
}

TEST(PostgresAddress, OfNoServerIsNamedWithoutItsPassword) {
    for (const char* text : {"host=127.0.0.1 port=1 user=me password=hunter22 dbname=x connect_timeout=2",
                             "postgresql://me:hunter22@127.0.0.1:1/x?connect_timeout=2"}) {
        Error error = Refusal(std::string("postgres:") + text);
        EXPECT_EQ(error.GetCode(), Code::StoreUnreachable);
        EXPECT_NE(error.Message().find("host=127.0.0.1 port=1 user=me dbname=x"), std::string::npos) << error.Message();
        EXPECT_EQ(error.Render().find("hunter22"), std::string::npos) << error.Render();
        EXPECT_EQ(error.Message().find('\n'), std::string::npos);
    }
}

TEST_F(PostgresStore, ShowsNoPasswordThatWasRefused) {
    const char* host = std::getenv("FRESHET_TEST_POSTGRES_HOST");
    const char* port = std::getenv("FRESHET_TEST_POSTGRES_PORT");
    if (host == nullptr || port == nullptr) {
        GTEST_SKIP() << "FRESHET_TEST_POSTGRES_HOST names no server that asks for passwords";
    }
    Error error =
        Refusal(fmt::format("postgres:host={} port={} user=postgres password=hunter22 dbname=postgres", host, port));
    EXPECT_EQ(error.GetCode(), Code::StoreUnreachable);
    EXPECT_NE(error.Message().find("password authentication failed"), std::string::npos) << error.Message();
    EXPECT_EQ(error.Render().find("hunter22"), std::string::npos) << error.Render();
}

TEST_F(PostgresStore, IsNotCreatedUnasked) {
    EXPECT_EQ(Refusal(place_->Address(), false).GetCode(), Code::StoreUnreachable);
    EXPECT_EQ(Refusal(place_->Address(), false).GetCode(), Code::StoreUnreachable) << "the first call made something";
    place_->Open();
    OpenStateStore({.address = place_->Address()});
}

TEST_F(PostgresStore, ConnectsAgainWhenTheConnectionBroke) {
    auto store = place_->Open();
    store->SetReconciled({"lake", 4});
    EndAllConnections();
    EXPECT_EQ(store->GetReconciled().snapshot, 4) << "reading";
    EndAllConnections();
    store->SetReconciled({"lake", 5});
    EXPECT_EQ(store->GetReconciled().snapshot, 5) << "writing";
}

TEST_F(PostgresStore, RepeatsATransactionThatBrokeInTheMiddle) {
    place_->Open();
    auto connection = OpenPostgres(place_->Connection(), 1000);
    int attempts = 0;
    connection->InTransaction([&] {
        connection->Query("UPDATE freshet_state.lake SET reconciled_snapshot = reconciled_snapshot + 1");
        if (++attempts == 1) {
            EndAllConnections();
        }
        connection->ForEach("INSERT INTO freshet_state.dependency VALUES ('1', $1, 's', 'n', '')", {{int64_t{1}}});
    });
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(place_->Open()->GetReconciled().snapshot, 0) << "the first attempt left nothing";
}

TEST_F(PostgresStore, GivesUpWhenTheServerIsGone) {
    auto store = place_->Open();
    place_->Administer("DROP DATABASE " + place_->Name() + " WITH (FORCE)");
    try {
        store->ListTables();
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::StoreUnreachable);
        EXPECT_NE(error.Message().find("can't be reached"), std::string::npos) << error.Message();
    }
}

TEST_F(PostgresStore, SaysThatItIsLocked) {
    auto store = OpenStateStore({.address = place_->Address(), .create = true, .lock_timeout_ms = 50});
    auto other = OpenPostgres(place_->Connection(), 1000);
    other->InTransaction([&] {
        other->Query("UPDATE freshet_state.clock SET high_water = high_water");
        try {
            store->Now();
            ADD_FAILURE() << "not locked";
        } catch (const Error& error) {
            EXPECT_NE(error.Message().find("locked"), std::string::npos) << error.Message();
        }
    });
    EXPECT_GT(store->Now(), 0);
}

TEST_F(PostgresStore, UsesASchemaThatAnAdministratorMade) {
    std::string role = place_->Name();
    place_->Run(fmt::format("CREATE ROLE {0} LOGIN; CREATE SCHEMA freshet_state AUTHORIZATION {0}", role));
    auto store = OpenStateStore({.address = place_->Address() + " user=" + role, .create = true});
    EXPECT_GT(store->Now(), 0);
    store.reset();
    place_->Run(fmt::format("DROP SCHEMA freshet_state CASCADE; DROP ROLE {}", role));
}

TEST_F(PostgresStore, NamesAMissingRight) {
    std::string role = place_->Name();
    place_->Run("CREATE ROLE " + role + " LOGIN");
    Error error = Refusal(place_->Address() + " user=" + role);
    EXPECT_EQ(error.GetCode(), Code::StoreUnreachable);
    EXPECT_NE(error.Message().find("permission denied"), std::string::npos) << error.Message();
    place_->Run("DROP ROLE " + role);
}

} // namespace freshet
