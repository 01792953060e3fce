#include "project/model_text.hpp"

#include <gtest/gtest.h>

namespace freshet {

TEST(ModelText, PutsValuesInPlaceOfVariables) {
    Variables variables = {{"a", "1"}, {"long_name", "x"}};
    EXPECT_EQ(ModelText({"f", "SELECT ${a}, '${a}${long_name}-${b:-two}', ${b:-}"}, variables).Expanded().text,
              "SELECT 1, '1x-two', ");
    EXPECT_EQ(ModelText({"f", "-- ${nothing}\n/* ${nothing} */ SELECT $${a}"}, variables).Expanded().text,
              "-- ${nothing}\n/* ${nothing} */ SELECT $1");
    EXPECT_EQ(ModelText({"f", "SELECT '${a' || x"}, variables).Expanded().text, "SELECT '${a' || x");
    EXPECT_EQ(ModelText({"f", "${a}"}, variables).Expanded().text, "1");
}

TEST(ModelText, PutsValuesIntoCommentsOfOptions) {
    Variables variables = {{"lag", "1 hour"}, {"lines", "a\nb"}};
    ModelText text({"f", "--Freshet : TARGET_LAG = '${lag}' ${no\n-- ${nothing}\nSELECT }"}, variables);
    EXPECT_EQ(text.Expanded().text, "--Freshet : TARGET_LAG = '1 hour' ${no\n-- ${nothing}\nSELECT }");
    Place place = text.Expanded().At(text.Expanded().text.find("${no"), 2);
    EXPECT_EQ(place.Column(), 35U) << "a place in the file";
    try {
        ModelText({"f", "-- freshet: COMMENT = '${lines}'\nSELECT 1"}, variables);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::BadOptionValue);
        EXPECT_EQ(error.Where()->Column(), 24U);
    }
}

TEST(ModelText, FindsPlacesOfTheFile) {
    ModelText text({"f", "SELECT ${a}, b, ${c:-dd}, e"}, {{"a", "a_long_value"}});
    auto in_file = [&](const std::string& word) {
        size_t at = text.Expanded().text.find(word);
        Place place = text.Expanded().At(at, word.size());
        return place.text.substr(place.offset, place.length);
    };
    EXPECT_EQ(in_file("SELECT"), "SELECT");
    EXPECT_EQ(in_file("long"), "${a}");
    EXPECT_EQ(in_file("a_long_value"), "${a}");
    EXPECT_EQ(in_file("b"), "b");
    EXPECT_EQ(in_file("dd"), "${c:-dd}");
}

TEST(ModelText, NamesAllThatHasNoValue) {
    try {
        ModelText({"f", "SELECT ${one}, ${two}, ${three}"}, {{"two", "2"}});
        FAIL();
    } catch (const SeveralErrors& errors) {
        ASSERT_EQ(errors.All().size(), 2U);
        EXPECT_EQ(errors.All()[0].Where()->Column(), 8U);
        EXPECT_EQ(errors.All()[1].Where()->Column(), 24U);
    }
}

TEST(ModelText, NamesWhatHasNoValue) {
    try {
        ModelText({"f", "SELECT\n ${onne}"}, {{"one", "1"}});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::UndefinedVariable);
        EXPECT_EQ(error.Where()->Line(), 2U);
        EXPECT_EQ(error.Where()->Column(), 2U);
        EXPECT_EQ(error.Hint(), "did you mean ${one}?");
    }
}

} // namespace freshet
