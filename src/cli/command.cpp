#include "cli/command.hpp"

#include <CLI/CLI.hpp>

namespace freshet {

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
    command_.add_option(name, target, text)->type_name("TEXT")->expected(1)->take_all();
}

void Arguments::Number(const std::string& name, int64_t& target, const std::string& text) {
    command_.add_option(name, target, text)->check(CLI::NonNegativeNumber)->capture_default_str();
}

void Arguments::Real(const std::string& name, double& target, const std::string& text) {
    command_.add_option(name, target, text)->check(CLI::PositiveNumber)->capture_default_str();
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
