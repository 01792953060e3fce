#include "embed/freshet.hpp"

#include "base/redact.hpp"
#include "bind/statement.hpp"
#include "cli/json_text.hpp"
#include "service/config.hpp"
#include "service/service.hpp"

#include <functional>

namespace freshet::embed {

namespace {

Error ToPublic(const freshet::Error& error) {
    Error out(error.CodeText(), error.Message(), error.Hint());
    if (const auto& place = error.Where()) {
        out.file = place->file;
        out.line = place->Line();
        out.column = place->Column();
    }
    return out;
}

std::optional<Error> ToPublic(const std::optional<freshet::Error>& error) {
    return error ? std::optional<Error>(ToPublic(*error)) : std::nullopt;
}

std::optional<int64_t> ToPublic(int64_t snapshot) {
    return snapshot == kNoSnapshot ? std::nullopt : std::optional<int64_t>(snapshot);
}

/// What leaves Freshet is an embed::Error, whatever was thrown inside.
template <typename Result>
Result Translated(const std::function<Result()>& work) {
    try {
        return work();
    } catch (const freshet::Error& error) {
        throw ToPublic(error);
    } catch (const std::exception& problem) {
        throw ToPublic(freshet::Error(Code::Defect, Redact(problem.what()), "this is a defect in Freshet"));
    }
}

Result ToPublic(StatementResult result) {
    Result out;
    for (auto& column : result.columns) {
        out.columns.push_back({std::move(column.name), std::move(column.type)});
    }
    out.rows = std::move(result.rows); // the two kinds of values are the same type
    out.warnings = std::move(result.warnings);
    return out;
}

std::vector<Refreshed> ToPublic(const std::vector<RefreshEntry>& entries) {
    std::vector<Refreshed> out;
    for (const auto& entry : entries) {
        out.push_back({entry.table.Text(), entry.action, entry.strategy, entry.reason, entry.rows_inserted,
                       entry.rows_deleted, entry.duration_ms, ToPublic(entry.snapshot), ToPublic(entry.error)});
    }
    return out;
}

std::vector<Verified> ToPublic(const std::vector<VerifyEntry>& entries) {
    std::vector<Verified> out;
    for (const auto& entry : entries) {
        out.push_back(
            {entry.table.Text(), entry.missing, entry.extra, ToPublic(entry.snapshot), ToPublic(entry.error)});
    }
    return out;
}

/// No names mean all.
template <typename Request>
Request RequestFor(const std::vector<std::string>& names) {
    Request request;
    request.names = names;
    request.all = names.empty();
    return request;
}

std::unique_ptr<Service> OpenService(const Options& options) {
    ConfigurationRequest request;
    request.directory = options.directory;
    request.profile = options.profile;
    request.overrides = options.settings;
    request.file_required = options.settings.count("lake.catalog") == 0;
    Configuration configuration = LoadConfiguration(request);
    configuration.service.lake.create = options.create;
    configuration.service.state.create = true;
    return Service::Open(configuration.service);
}

} // namespace

class Lake::Opened {
public:
    explicit Opened(const Options& options) : service_(OpenService(options)), session_(service_->NewSession()) {}

    Result Run(const std::string& sql) {
        Source source{"", sql};
        StatementResult last;
        std::vector<std::string> warnings;
        for (const auto& statement : SplitStatements(sql)) {
            last = session_->Execute(statement, source);
            warnings.insert(warnings.end(), last.warnings.begin(), last.warnings.end());
        }
        last.warnings = std::move(warnings);
        return ToPublic(std::move(last));
    }

    std::string RunJson(const std::string& sql) {
        Source source{"", sql};
        std::string lines;
        size_t number = 0;
        for (const auto& statement : SplitStatements(sql)) {
            number++;
            try {
                lines += StatementJson(number, session_->Execute(statement, source)) + "\n";
            } catch (const freshet::Error& error) {
                return lines + StatementJson(number, error) + "\n";
            }
        }
        return lines;
    }

    Service& GetService() { return *service_; }

private:
    std::unique_ptr<Service> service_;
    std::unique_ptr<SqlSession> session_;
};

Lake::Lake(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
Lake::Lake(Lake&& other) noexcept = default;
Lake& Lake::operator=(Lake&& other) noexcept = default;
Lake::~Lake() = default;

Lake Lake::Open(const Options& options) {
    return Translated<Lake>([&] { return Lake(std::make_unique<Opened>(options)); });
}

Result Lake::Run(const std::string& sql) {
    return Translated<Result>([&] { return opened_->Run(sql); });
}

std::vector<Refreshed> Lake::Refresh(const std::vector<std::string>& names) {
    return Translated<std::vector<Refreshed>>(
        [&] { return ToPublic(opened_->GetService().Refresh(RequestFor<RefreshRequest>(names))); });
}

std::vector<Verified> Lake::Verify(const std::vector<std::string>& names) {
    return Translated<std::vector<Verified>>(
        [&] { return ToPublic(opened_->GetService().Verify(RequestFor<VerifyRequest>(names))); });
}

std::string Lake::RunJson(const std::string& sql) {
    return Translated<std::string>([&] { return opened_->RunJson(sql); });
}

std::string Lake::RefreshJson(const std::vector<std::string>& names) {
    return Translated<std::string>(
        [&] { return freshet::RefreshJson(opened_->GetService().Refresh(RequestFor<RefreshRequest>(names))); });
}

std::string Lake::VerifyJson(const std::vector<std::string>& names) {
    return Translated<std::string>(
        [&] { return freshet::VerifyJson(opened_->GetService().Verify(RequestFor<VerifyRequest>(names))); });
}

void Lake::Interrupt() {
    opened_->GetService().Interrupt();
}

std::string Version() {
    return FRESHET_VERSION;
}

} // namespace freshet::embed
