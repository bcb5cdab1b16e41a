#pragma once

#include "graph/facts.hpp"
#include "graph/node_run.hpp"

namespace heddle::graph {

/// Comes out of `interrupt` and ends the node. No `std::exception`.
class asked_human {};

/// What a node sees of its run. Used by the node's thread only.
class node_run::inner_context final : public node_context, public item_store {
public:
  inner_context(const run_facts& facts, const order& task,
                std::shared_ptr<host> where, std::shared_ptr<wait_place> place,
                bool may_block);

  std::string_view node() const override;
  std::string thread_id() const override { return facts_.thread.str(); }
  std::string run_id() const override { return facts_.run.str(); }
  const std::string& task_id() const override { return task_.id; }
  const json_text& config() const override { return facts_.config; }
  json_text configurable(std::string_view name) const override;
  json_text metadata(std::string_view name) const override;
  std::stop_token stop_token() const override { return place_->stop_token(); }

  void write(json_text data) override;
  void message(json_text chunk) override;
  void token(std::string_view id, std::string_view text) override;
  operation<void> room() override;
  json_text interrupt(json_text value) override;
  item_store& store() override { return *this; }

  operation<std::optional<item>> get(std::vector<std::string> space,
                                     std::string key) override;
  operation<void> put(std::vector<std::string> space, std::string key,
                      json_text value,
                      std::optional<double> ttl_minutes) override;
  operation<void> erase(std::vector<std::string> space,
                        std::string key) override;
  operation<std::vector<item>> search(item_search what) override;

  /// The messages of its result that nobody has seen yet.
  void tell(const std::vector<graph::message>& list);

  const std::optional<json_text>& question() const noexcept {
    return question_;
  }
  std::vector<json_text> answers() const { return answers_; }

private:
  const std::string& message_metadata();
  void emit(std::vector<worker::event> events);
  template <class T, class Read>
  operation<T> asked(std::string ops, Read read);

  json_text context() const override { return facts_.context; }

  const run_facts& facts_;
  const order& task_;
  std::shared_ptr<host> host_;
  std::shared_ptr<wait_place> place_;
  bool may_block_;
  std::string metadata_;
  std::vector<json_text> answers_;
  std::size_t asked_ = 0;
  std::optional<json_text> question_;
};

} // namespace heddle::graph
