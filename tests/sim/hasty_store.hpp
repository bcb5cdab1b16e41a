#pragma once

#include "tests/house/store_gate.hpp"

#include "store/sqlite_tx.hpp"

#include <memory>

namespace heddle::test {

/// Broken on purpose: answers cancels with what they will do, and commits them
/// later. The order "signal first, write later" that Heddle exists to avoid.
class hasty_store final : public store_gate {
public:
  using store_gate::store_gate;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    if (where == lane::normal || shut_)
      return store_gate::write(where, std::move(op), std::move(done));
    auto& db = rows_.database();
    sqlite::environment guess;
    sqlite::sqlite_tx tx{db, guess};
    db.run("BEGIN");
    op(tx);
    db.run("ROLLBACK");
    done(commit_number{1});
    store_gate::write(where, std::move(op), [](result<commit_number>) {});
  }
};

inline std::unique_ptr<store_gate> make_hasty_gate(stepped_store& rows) {
  return std::make_unique<hasty_store>(rows);
}

} // namespace heddle::test
