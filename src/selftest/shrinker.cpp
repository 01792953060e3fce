#include "selftest/shrinker.hpp"

#include "selftest/marked_text.hpp"

#include <algorithm>

namespace freshet::selftest {

namespace {

/// Something that may be left out of a script: a step, a table of a refresh, a statement of a transaction, or an
/// optional part of a text.
struct Piece {
    enum class Kind { Step, Refreshed, Statement, Part };
    Kind kind = Kind::Step;
    size_t step = 0;
    size_t statement = 0; ///< also: of a refresh, which table
    size_t part = 0;
};

using Pieces = std::vector<Piece>;

Pieces StepsOf(const Script& script) {
    Pieces pieces;
    for (size_t step = 0; step < script.steps.size(); step++) {
        pieces.push_back({Piece::Kind::Step, step});
    }
    return pieces;
}

Pieces QueryPartsOf(const Script& script) {
    Pieces pieces;
    for (size_t step = 0; step < script.steps.size(); step++) {
        const auto& definition = script.steps[step].definition;
        size_t parts = definition ? marked::CountOptional(definition->query) : 0;
        for (size_t part = 0; part < parts; part++) {
            pieces.push_back({Piece::Kind::Part, step, 0, part});
        }
    }
    return pieces;
}

Pieces StatementPartsOf(const Script& script) {
    Pieces pieces;
    for (size_t step = 0; step < script.steps.size(); step++) {
        const Step& at = script.steps[step];
        for (size_t i = 0; at.refreshed.size() > 1 && i < at.refreshed.size(); i++) {
            pieces.push_back({Piece::Kind::Refreshed, step, i});
        }
        for (size_t i = 0; i < at.statements.size(); i++) {
            if (at.statements.size() > 1) {
                pieces.push_back({Piece::Kind::Statement, step, i});
            }
            for (size_t part = 0; part < marked::CountOptional(at.statements[i]); part++) {
                pieces.push_back({Piece::Kind::Part, step, i, part});
            }
        }
    }
    return pieces;
}

/// What of one step goes.
struct Cuts {
    bool whole = false;
    std::set<size_t> refreshed;
    std::set<size_t> statements;
    std::vector<std::set<size_t>> parts; ///< by statement; of a definition the first one
};

template <class T>
std::vector<T> Without(const std::vector<T>& items, const std::set<size_t>& gone) {
    std::vector<T> left;
    for (size_t i = 0; i < items.size(); i++) {
        if (!gone.contains(i)) {
            left.push_back(items[i]);
        }
    }
    return left;
}

Step Cut(Step step, const Cuts& cuts) {
    if (step.definition) {
        step.definition->query = marked::Without(step.definition->query, cuts.parts[0]);
    }
    for (size_t i = 0; i < step.statements.size(); i++) {
        step.statements[i] = marked::Without(step.statements[i], cuts.parts[i]);
    }
    step.statements = Without(step.statements, cuts.statements);
    step.refreshed = Without(step.refreshed, cuts.refreshed);
    return step;
}

Script Without(const Script& script, const Pieces& pieces) {
    std::vector<Cuts> cuts(script.steps.size());
    for (size_t step = 0; step < cuts.size(); step++) {
        cuts[step].parts.resize(std::max<size_t>(1, script.steps[step].statements.size()));
    }
    for (const auto& piece : pieces) {
        Cuts& at = cuts[piece.step];
        at.whole |= piece.kind == Piece::Kind::Step;
        if (piece.kind == Piece::Kind::Refreshed) {
            at.refreshed.insert(piece.statement);
        } else if (piece.kind == Piece::Kind::Statement) {
            at.statements.insert(piece.statement);
        } else if (piece.kind == Piece::Kind::Part) {
            at.parts[piece.statement].insert(piece.part);
        }
    }
    Script smaller;
    for (size_t step = 0; step < cuts.size(); step++) {
        Step left = cuts[step].whole ? Step{} : Cut(script.steps[step], cuts[step]);
        if (left.definition || !left.statements.empty() || !left.refreshed.empty()) {
            smaller.steps.push_back(std::move(left));
        }
    }
    return smaller;
}

class Shrinker {
public:
    Shrinker(Shrunk start, const std::function<CaseOutcome(const Script&)>& run, const std::function<bool()>& go_on)
        : best_(std::move(start)), run_(run), go_on_(go_on) {}

    Shrunk Run() {
        DropWhatFollows();
        for (bool smaller = true; smaller && go_on_();) {
            smaller = false;
            for (auto* pieces : {&StepsOf, &QueryPartsOf, &StatementPartsOf}) {
                smaller |= Reduce(*pieces);
            }
        }
        return std::move(best_);
    }

private:
    /// Nothing behind the step that failed did it, but VERIFY stands behind all steps.
    void DropWhatFollows() {
        Pieces pieces = StepsOf(best_.script);
        pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(best_.outcome.failure->step) + 1);
        Try(pieces);
    }

    /// Delta debugging: chunks of pieces, halved where none of them can go.
    bool Reduce(Pieces (*pieces_of)(const Script&)) {
        bool any = false;
        size_t chunk = std::max<size_t>(1, pieces_of(best_.script).size() / 2);
        while (go_on_()) {
            bool gone = DropChunks(pieces_of, chunk);
            any |= gone;
            if (chunk == 1 && !gone) {
                break;
            }
            chunk = std::max<size_t>(1, chunk / 2);
        }
        return any;
    }

    /// From the end, since what comes later depends on what comes first.
    bool DropChunks(Pieces (*pieces_of)(const Script&), size_t chunk) {
        bool any = false;
        Pieces pieces = pieces_of(best_.script);
        for (size_t end = pieces.size(); end > 0 && go_on_();) {
            end = std::min(end, pieces.size());
            size_t begin = end > chunk ? end - chunk : 0;
            if (Try({pieces.begin() + static_cast<std::ptrdiff_t>(begin),
                     pieces.begin() + static_cast<std::ptrdiff_t>(end)})) {
                any = true;
                pieces = pieces_of(best_.script);
            }
            end = begin;
        }
        return any;
    }

    bool Try(const Pieces& gone) {
        Script candidate = Without(best_.script, gone);
        if (gone.empty() || candidate.steps.empty() || !go_on_()) {
            return false;
        }
        best_.runs++;
        CaseOutcome outcome = run_(candidate);
        if (!outcome.failure || outcome.failure->kind != best_.outcome.failure->kind) {
            return false;
        }
        best_.script = std::move(candidate);
        best_.outcome = std::move(outcome);
        return true;
    }

    Shrunk best_;
    const std::function<CaseOutcome(const Script&)>& run_;
    const std::function<bool()>& go_on_;
};

} // namespace

Shrunk Shrink(const Script& script, const CaseOutcome& outcome, const std::function<CaseOutcome(const Script&)>& run,
              const std::function<bool()>& go_on) {
    return Shrinker({script, outcome, 0}, run, go_on).Run();
}

} // namespace freshet::selftest
