#pragma once

#include "heddle/server.hpp"
#include "store/store.hpp"

#include <utility>

// Requests that the store alone can answer, where the answer may be a refusal.

namespace heddle::actors {

/// What a query or write came to. (A `result` inside a `result` could not tell
/// whose error it is made from.)
template <class T>
struct answer {
  result<T> what;
};

/// `heddle::read` for a query that returns `answer<T>`.
template <class T, class Query>
void answer_from_read(store& rows, Query query, server::callback<T> done) {
  read(rows, std::move(query), [done = std::move(done)](result<answer<T>> got) {
    done(got ? std::move(got->what) : result<T>{got.error()});
  });
}

/// `heddle::write` for an operation that returns `answer<T>`. A refusal must
/// have written nothing.
template <class T, class Op>
void answer_from_write(store& rows, Op op, server::callback<T> done) {
  write(rows, lane::normal, std::move(op),
        [done = std::move(done)](result<answer<T>> got) {
          done(got ? std::move(got->what) : result<T>{got.error()});
        });
}

} // namespace heddle::actors
