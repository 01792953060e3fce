#include "refresh/lake_state.hpp"
#include "refresh/undisturbed.hpp"
#include "service/project_planner.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

const TableName kObjects{kOwnSchema, "project_objects"};

std::string Values(const std::string& project, const ProjectObject& object) {
    return fmt::format("({}, {}, {}, {})", QuoteLiteral(project), QuoteLiteral(KindText(object.first)),
                       QuoteLiteral(object.second.schema), QuoteLiteral(object.second.name));
}

/// Objects with the projects that made them.
std::vector<std::pair<ProjectObject, std::string>> ReadRows(Session& session, const std::string& condition) {
    std::vector<std::pair<ProjectObject, std::string>> found;
    if (!FindTable(session, kObjects, CurrentSnapshot(session))) {
        return found;
    }
    Table rows = session.Query(fmt::format("SELECT DISTINCT kind, schema_name, object_name, project FROM {} WHERE {} "
                                           "ORDER BY ALL",
                                           kObjects.Sql(), condition));
    for (const auto& row : rows.rows) {
        for (ObjectKind kind : {ObjectKind::DynamicTable, ObjectKind::View, ObjectKind::Macro}) {
            if (AsText(row[0]) == KindText(kind)) {
                found.push_back({{kind, {AsText(row[1]), AsText(row[2])}}, AsText(row[3])});
            }
        }
    }
    return found;
}

} // namespace

std::vector<ProjectObject> ReadProjectObjects(Session& session, const std::string& project) {
    std::vector<ProjectObject> objects;
    for (const auto& [object, owner] : ReadRows(session, "project = " + QuoteLiteral(project))) {
        objects.push_back(object);
    }
    return objects;
}

std::map<ProjectObject, std::string> ReadOtherOwners(Session& session, const std::string& project) {
    std::map<ProjectObject, std::string> owners;
    for (const auto& [object, owner] : ReadRows(session, "project <> " + QuoteLiteral(project))) {
        owners.emplace(object, owner);
    }
    return owners;
}

void RememberObjects(Session& session, const std::string& project, const std::vector<ProjectObject>& objects) {
    UntilUndisturbed(session, [&] { EnsureOwnSchema(session); });
    UntilUndisturbed(session, [&] {
        session.Query(fmt::format("CREATE TABLE IF NOT EXISTS {} (project VARCHAR, kind VARCHAR, schema_name VARCHAR, "
                                  "object_name VARCHAR)",
                                  kObjects.Sql()));
        Transaction transaction(session);
        auto known = ReadProjectObjects(session, project);
        std::string values;
        for (const auto& object : objects) {
            if (std::find(known.begin(), known.end(), object) == known.end()) {
                values += (values.empty() ? "" : ", ") + Values(project, object);
            }
        }
        if (!values.empty()) {
            session.Query(fmt::format("INSERT INTO {} VALUES {}", kObjects.Sql(), values));
        }
        transaction.Commit();
    });
}

void ForgetObject(Session& session, const std::string& project, const ProjectObject& object) {
    UntilUndisturbed(session, [&] {
        session.Query(fmt::format("DELETE FROM {} WHERE (project, kind, schema_name, object_name) = {}", kObjects.Sql(),
                                  Values(project, object)));
    });
}

} // namespace freshet
