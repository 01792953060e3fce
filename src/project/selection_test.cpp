#include "project/model_graph.hpp"

#include <gtest/gtest.h>

namespace freshet {

namespace {

Model Named(const std::string& name, const std::vector<std::string>& reads, const std::vector<std::string>& tags = {}) {
    Model model;
    size_t dot = name.find('.');
    model.name = {name.substr(0, dot), name.substr(dot + 1)};
    model.schemas = {model.name.schema};
    model.options.tags = tags;
    model.text = std::make_shared<const ModelText>(Source{"models/" + name + ".sql", "SELECT"}, Variables{});
    model.place = model.GetSource().At(0);
    for (const auto& read : reads) {
        model.references.push_back({std::nullopt, read, 0, 6});
    }
    return model;
}

const std::vector<Model>& Models() {
    static const std::vector<Model> models = {Named("main.a", {}, {"x"}), Named("main.b", {"a"}, {"x", "y"}),
                                              Named("main.c", {"B"}), Named("s.d", {"a"})};
    return models;
}

std::string Select(const std::vector<std::string>& select, const std::vector<std::string>& exclude = {}) {
    ModelGraph graph(Models());
    auto state = [](size_t i) {
        return i == 1 ? ModelState::Modified : i == 2 ? ModelState::New : ModelState::Unchanged;
    };
    std::string names;
    for (size_t i : SelectModels(Models(), graph, select, exclude, state)) {
        names += Models()[i].name.name;
    }
    return names;
}

} // namespace

TEST(Selection, MeansWhatItDoesInDbt) {
    EXPECT_EQ(Select({}), "abcd");
    EXPECT_EQ(Select({"b"}), "b");
    EXPECT_EQ(Select({"+b"}), "ab");
    EXPECT_EQ(Select({"a+"}), "abc");
    EXPECT_EQ(Select({"+b+"}), "abc");
    EXPECT_EQ(Select({"a d"}), "ad");
    EXPECT_EQ(Select({"a", "S.D"}), "ad");
    EXPECT_EQ(Select({"tag:x"}), "ab");
    EXPECT_EQ(Select({"tag:x,tag:y"}), "b");
    EXPECT_EQ(Select({"main.*"}), "abc");
    EXPECT_EQ(Select({"path:models/s.d.sql"}), "d");
    EXPECT_EQ(Select({"state:new"}), "c");
    EXPECT_EQ(Select({"state:modified"}), "bc");
    EXPECT_EQ(Select({}, {"b+"}), "ad");
    EXPECT_EQ(Select({"\"a\",\"main.*\" \"d\""}), "ad");
    EXPECT_EQ(Select({"state:new,tag:x"}), "");
}

TEST(Selection, RefusesWhatItDoesNotKnow) {
    for (const char* word :
         {"colour:red", "state:old", "nothing", "tag:", "+", "", " ", "tag:nobody", "path:nowhere", "tag:y,s.*"}) {
        EXPECT_THROW(Select({word}), Error) << word;
    }
}

TEST(ModelGraph, OrdersParentsFirst) {
    std::vector<Model> models = {Named("main.b", {"a"}), Named("main.a", {})};
    EXPECT_EQ(ModelGraph(models).Order(), (std::vector<size_t>{1, 0}));
}

TEST(ModelGraph, TellsTheFilesOfACycle) {
    std::vector<Model> models = {Named("main.a", {"b"}), Named("main.b", {"a"})};
    try {
        ModelGraph graph(models);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::Cycle);
        EXPECT_EQ(error.Message(),
                  "models read each other in a circle: main.a -> main.b (models/main.a.sql:1) -> main.a "
                  "(models/main.b.sql:1)");
    }
}

} // namespace freshet
