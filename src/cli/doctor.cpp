#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

DoctorCheck Failed(const Error& error) {
    std::string detail = error.Message();
    if (error.Where()) {
        detail = fmt::format("{}:{}: {}", error.Where()->file, error.Where()->Line(), detail);
    }
    return {"configuration", false, detail, error.Hint()};
}

/// The configuration first; nothing else can be checked without it.
std::vector<DoctorCheck> Check(const Invocation& invocation) {
    try {
        Configuration configuration = invocation.Configure();
        std::vector<DoctorCheck> checks = {{"configuration", true, configuration.file.string(), ""}};
        auto rest = Diagnose(configuration.service);
        checks.insert(checks.end(), rest.begin(), rest.end());
        return checks;
    } catch (const ConfigurationErrors& errors) {
        std::vector<DoctorCheck> checks;
        std::transform(errors.All().begin(), errors.All().end(), std::back_inserter(checks), Failed);
        return checks;
    } catch (const Error& error) {
        if (error.GetCode() == Code::Usage) {
            throw;
        }
        return {Failed(error)};
    }
}

struct DoctorOptions : CommandOptions {
    int Run(Invocation& invocation) const {
        auto checks = Check(invocation);
        if (invocation.Options().json) {
            invocation.Out().Line(DoctorJson(checks));
        } else {
            Show(invocation, checks);
        }
        bool good = std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.good; });
        return good ? 0 : 1;
    }

private:
    static void Show(Invocation& invocation, const std::vector<DoctorCheck>& checks) {
        const Style& style = invocation.OutStyle();
        for (const auto& check : checks) {
            std::string word = check.good ? style.Green("ok    ") : style.Red("failed");
            invocation.Out().Line(fmt::format("{}  {}: {}", word, check.name, check.detail));
            if (!check.good && !check.hint.empty()) {
                invocation.Out().Line("        help: " + check.hint);
            }
        }
    }
};

} // namespace

void RegisterDoctor(CommandTree& tree) {
    tree.Add<DoctorOptions>("doctor", "check configuration, connections, extensions, versions and clock",
                            [](Arguments&, DoctorOptions&) {});
}

} // namespace freshet
