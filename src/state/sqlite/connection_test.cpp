#include "state/sqlite/connection.hpp"

#include "state/sqlite/handles.hpp"
#include "state/throwaway_store.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace freshet {

namespace {

class SqliteStore : public testing::Test {
protected:
    /// Opens and returns the error, which there must be.
    Error Refusal(bool create = true) const { return RefusalOf({.address = place_.Address(), .create = create}); }
    static Error RefusalOf(const StateOptions& options) {
        try {
            OpenStateStore(options);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "opened";
        return Error(Code::Defect, "");
    }
    void WriteFile(const std::string& content) const {
        std::filesystem::create_directories(place_.File().parent_path());
        std::ofstream(place_.File(), std::ios::binary) << content;
    }
    sqlite::Database OpenByOthers() const {
        std::filesystem::create_directories(place_.File().parent_path());
        sqlite3* opened = nullptr;
        sqlite3_open(place_.File().c_str(), &opened);
        return sqlite::Database(opened);
    }

    ThrowawayFile place_;
};

} // namespace

TEST_F(SqliteStore, IsNotCreatedUnasked) {
    EXPECT_EQ(Refusal(false).GetCode(), Code::StoreUnreachable);
    EXPECT_FALSE(std::filesystem::exists(place_.File().parent_path()));
    WriteFile("");
    EXPECT_EQ(Refusal(false).GetCode(), Code::StoreUnreachable);
    place_.Open();
    EXPECT_TRUE(OpenStateStore({.address = place_.Address()})->ListTables().empty());
}

TEST_F(SqliteStore, NamesADamagedFileAndTheRemedy) {
    WriteFile(std::string(5000, 'x'));
    Error error = Refusal();
    EXPECT_EQ(error.GetCode(), Code::StoreUnreachable);
    EXPECT_NE(error.Message().find("damaged"), std::string::npos) << error.Message();
    EXPECT_NE(error.Hint().find("delete it"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(place_.File()), 5000U) << "a file that we don't understand stays as it is";
}

TEST_F(SqliteStore, NoticesDamageWhileItIsOpen) {
    place_.Open()->SetReconciled({"lake", 1});
    auto size = static_cast<std::streamoff>(std::filesystem::file_size(place_.File()));
    std::fstream file(place_.File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(static_cast<size_t>(size - 4096), '\x5A');
    file.close();
    try {
        auto store = place_.Open();
        store->ListTables();
        store->ReadHistory({});
        store->Now();
        FAIL() << "damage was not noticed";
    } catch (const Error& error) {
        EXPECT_NE(error.Message().find("damaged"), std::string::npos) << error.Message();
    }
}

TEST_F(SqliteStore, LeavesOtherDatabasesAlone) {
    sqlite3_exec(OpenByOthers().get(), "CREATE TABLE ducklake_snapshot (x)", nullptr, nullptr, nullptr);
    Error error = Refusal();
    EXPECT_EQ(error.GetCode(), Code::StoreUnreachable);
    EXPECT_NE(error.Message().find("another SQLite database"), std::string::npos);
}

TEST_F(SqliteStore, SaysThatItIsLocked) {
    place_.Open();
    sqlite::Database other = OpenByOthers();
    sqlite3_exec(other.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    auto store = OpenStateStore({.address = place_.Address(), .lock_timeout_ms = 50});
    EXPECT_TRUE(store->ListTables().empty()) << "readers don't wait for writers";
    try {
        store->Now();
        FAIL() << "not locked";
    } catch (const Error& error) {
        EXPECT_NE(error.Message().find("locked"), std::string::npos) << error.Message();
    }
    sqlite3_exec(other.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    EXPECT_GT(store->Now(), 0);
}

TEST_F(SqliteStore, CannotBeAFolder) {
    std::filesystem::create_directories(place_.File());
    EXPECT_EQ(Refusal().GetCode(), Code::StoreUnreachable);
}

TEST_F(SqliteStore, UnknownKindsAreRefusedUnquoted) {
    for (const char* address : {"", "sqlite:", "state.sqlite", "postgre:host=db password=hunter22"}) {
        Error error = RefusalOf({.address = address, .create = true});
        EXPECT_EQ(error.GetCode(), Code::BadConfiguration);
        EXPECT_EQ(error.Render().find("hunter22"), std::string::npos);
    }
}

} // namespace freshet
