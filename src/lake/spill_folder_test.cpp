#include "lake/spill_folder.hpp"

#include "lake/test_lake.hpp"

#include <fstream>

namespace freshet {
namespace {

namespace fs = std::filesystem;

class SpillFolderTest : public testing::Test {
protected:
    void SetUp() override {
        base_ = fs::temp_directory_path() / fmt::format("freshet_spill_{}", getpid());
        fs::remove_all(base_);
    }
    void TearDown() override { fs::remove_all(base_); }

    void MakeFile(const fs::path& path) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << "x";
    }

    fs::path base_;
};

TEST_F(SpillFolderTest, IsNobodyElsesAndGoesAwayWithItsOwner) {
    {
        SpillFolder one(base_), other(base_);
        EXPECT_NE(one.Path(), other.Path());
        MakeFile(one.Path() / "rows.tmp");
        MakeFile(other.Path() / "rows.tmp");
        SpillFolder third(base_);
        EXPECT_TRUE(fs::exists(one.Path() / "rows.tmp")) << "in use";
    }
    EXPECT_TRUE(fs::is_empty(base_));
}

TEST_F(SpillFolderTest, TakesAwayWhatADeadProcessLeft) {
    MakeFile(base_ / "freshet_77_0123abcd.lock");
    MakeFile(base_ / "freshet_77_0123abcd" / "rows.tmp");
    SpillFolder folder(base_);
    EXPECT_FALSE(fs::exists(base_ / "freshet_77_0123abcd"));
    EXPECT_FALSE(fs::exists(base_ / "freshet_77_0123abcd.lock"));
}

TEST_F(SpillFolderTest, LeavesWhatOtherProgramsHaveInTheSameFolder) {
    MakeFile(base_ / "other.lock");
    MakeFile(base_ / "other" / "file");
    MakeFile(base_ / "freshet_77.lock");
    MakeFile(base_ / "freshet_77" / "file");
    SpillFolder folder(base_);
    for (const char* kept : {"other.lock", "other/file", "freshet_77.lock", "freshet_77/file"}) {
        EXPECT_TRUE(fs::exists(base_ / kept)) << kept;
    }
}

TEST_F(SpillFolderTest, WhereNothingCanBeMadeIsNoError) {
    MakeFile(base_);
    SpillFolder folder(base_ / "below a file");
    EXPECT_EQ(folder.Path().parent_path(), base_ / "below a file");
}

TEST(SpillFolders, OfTwoInstancesAreTwo) {
    TestLake lake(CatalogKind::Sqlite);
    const std::string setting = "SELECT current_setting('temp_directory')";
    auto other = lake.NewSession();
    std::string before = AsText(other->QueryValue(setting));
    EXPECT_EQ(AsText(lake.Main().QueryValue(setting)), before);
    lake.Main().Renew();
    EXPECT_NE(AsText(lake.Main().QueryValue(setting)), before);
}

} // namespace
} // namespace freshet
