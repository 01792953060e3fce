#pragma once

namespace freshet {

/// Places at which a test may kill the process (SIGKILL, as a power cut would): FRESHET_FAIL_AT=<name>. The next
/// command must then find everything right without a repair step.
namespace failure {
inline constexpr const char* kAfterSnapshot = "after_snapshot";          ///< data snapshot chosen, nothing read
inline constexpr const char* kAfterCompute = "after_compute";            ///< edit computed into TEMP tables
inline constexpr const char* kAfterDelete = "after_delete";              ///< rows deleted, uncommitted
inline constexpr const char* kAfterInsert = "after_insert";              ///< rows inserted, uncommitted
inline constexpr const char* kAfterState = "after_state";                ///< state row updated, uncommitted
inline constexpr const char* kBeforeCommit = "before_commit";            ///< everything written, uncommitted
inline constexpr const char* kAfterCommit = "after_commit";              ///< in the lake, not yet in the state store
inline constexpr const char* kAfterOwnSchema = "after_own_schema";       ///< __freshet made, no dynamic table yet
inline constexpr const char* kAfterCreateCommit = "after_create_commit"; ///< created, inlining option not yet set
inline constexpr const char* kAfterDdlCommit = "after_ddl_commit"; ///< definition changed in the lake, not in the store
inline constexpr const char* kBetweenTables = "between_tables";    ///< one table of a run done, the next not begun
inline constexpr const char* kAfterCompaction = "after_compaction"; ///< maintenance: files compacted, nothing expired
inline constexpr const char* kAfterExpiry = "after_expiry";         ///< snapshots expired, uncommitted
inline constexpr const char* kAfterRemoval = "after_removal";       ///< files removed, the catalog not yet told
} // namespace failure

/// Kills the process if FRESHET_FAIL_AT names this place.
void FailurePoint(const char* name);

} // namespace freshet
