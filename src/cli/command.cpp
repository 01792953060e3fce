#include "cli/command.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace freshet {

namespace {

template <class Number>
bool Reads(const std::string& text, Number& number) {
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size();
}

std::string Expected(const char* what, const std::string& text) {
    return fmt::format("{} is expected, not \"{}\"", what, text);
}

/// CLI11's own checks name the bounds of the type.
std::string NotNegative(const std::string& text) {
    int64_t number = 0;
    return Reads(text, number) && number >= 0 ? "" : Expected("a whole number, zero or above,", text);
}

std::string AboveZero(const std::string& text) {
    double number = 0;
    return Reads(text, number) && std::isfinite(number) && number > 0 ? "" : Expected("a number above zero", text);
}

} // namespace

void Arguments::Flag(const std::string& name, bool& target, const std::string& text) {
    command_.add_flag(name, target, text);
}

void Arguments::Text(const std::string& name, std::optional<std::string>& target, const std::string& text) {
    command_.add_option(name, target, text)->type_name("TEXT");
}

void Arguments::Required(const std::string& name, std::string& target, const std::string& text) {
    command_.add_option(name, target, text)->required();
}

void Arguments::Default(const std::string& name, std::string& target, const std::string& text) {
    command_.add_option(name, target, text)->capture_default_str();
}

void Arguments::List(const std::string& name, std::vector<std::string>& target, const std::string& text) {
    command_.add_option(name, target, text);
}

void Arguments::Each(const std::string& name, std::vector<std::string>& target, const std::string& text) {
    command_.add_option(name, target, text)->type_name("TEXT")->expected(1)->take_all()->allow_extra_args(false);
}

void Arguments::Number(const std::string& name, int64_t& target, const std::string& text) {
    command_.add_option(name, target, text)->check(NotNegative)->capture_default_str();
}

void Arguments::Real(const std::string& name, double& target, const std::string& text) {
    command_.add_option(name, target, text)->check(AboveZero)->capture_default_str();
}

void Arguments::Choice(const std::string& name, std::string& target, const std::vector<std::string>& choices,
                       const std::string& text) {
    command_.add_option(name, target, text)->check(CLI::IsMember(choices))->capture_default_str();
}

CLI::App& CommandTree::NewCommand(const std::string& name, const std::string& text) {
    return *program_.add_subcommand(name, text);
}

int CommandTree::Run(Invocation& invocation) const {
    std::string chosen = program_.get_subcommands().at(0)->get_name();
    for (const auto& [name, run] : runs_) {
        if (name == chosen) {
            return run(invocation);
        }
    }
    throw Error(Code::Defect, "command without code: " + chosen);
}

} // namespace freshet
