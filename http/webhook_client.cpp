#include "http/webhook_client.hpp"

#include "heddle/webhook_policy.hpp"
#include "http/curl_library.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace heddle::http {

namespace {

constexpr long connect_timeout_ms = 5'000;
constexpr long total_timeout_ms = 30'000;
constexpr std::size_t answer_bytes_max = 64U << 10U;

/// Only once it was found.
const curl_library& curl() {
  return *curl_library::get();
}

error stopped() {
  return {errc::unavailable, "The server is shutting down."};
}

} // namespace

/// One webhook on its way.
struct transfer {
  std::string url;
  json_text body;
  std::function<void(result<int>)> done;
  const options* rules = nullptr;
  std::string blocked; ///< Why its address was refused.
  std::size_t heard = 0;
  curl_slist* headers = nullptr;

  transfer() = default;
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;
  ~transfer() {
    if (headers != nullptr)
      curl().slist_free_all(headers);
  }
};

namespace {

/// The last word on where a webhook goes: asked for each address that is really
/// about to be connected to, so that a name cannot resolve otherwise later.
curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
  auto& job = *static_cast<transfer*>(self);
  char text[NI_MAXHOST] = {};
  if (::getnameinfo(&to->addr, to->addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST)
      != 0)
    return CURL_SOCKET_BAD;
  if (auto why = check_webhook_address(text, *job.rules)) {
    job.blocked = why->detail;
    return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t drop_answer(char*, std::size_t size, std::size_t count,
                        void* self) {
  auto& job = *static_cast<transfer*>(self);
  job.heard += size * count;
  return job.heard > answer_bytes_max ? 0 : size * count;
}

void prepare(CURL* handle, transfer& job) {
  auto set = curl().easy_setopt;
  job.headers = curl().slist_append(nullptr, "Content-Type: application/json");
  job.headers = curl().slist_append(job.headers, "Expect:");
  set(handle, CURLOPT_URL, job.url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_POST, 1L);
  set(handle, CURLOPT_POSTFIELDS, job.body.view().data());
  set(handle, CURLOPT_POSTFIELDSIZE_LARGE,
      static_cast<curl_off_t>(job.body.view().size()));
  set(handle, CURLOPT_HTTPHEADER, job.headers);
  set(handle, CURLOPT_USERAGENT, "heddle");
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  set(handle, CURLOPT_TIMEOUT_MS, total_timeout_ms);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, &job);
  set(handle, CURLOPT_WRITEFUNCTION, &drop_answer);
  set(handle, CURLOPT_WRITEDATA, &job);
}

result<int> outcome_of(CURL* handle, CURLcode code, const transfer& job) {
  if (!job.blocked.empty())
    return error{errc::forbidden, job.blocked};
  long status = 0;
  curl().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 0 && (code == CURLE_OK || code == CURLE_WRITE_ERROR))
    return static_cast<int>(status);
  return error{errc::unavailable, curl().easy_strerror(code)};
}

} // namespace

class webhook_client::engine {
public:
  explicit engine(const options& rules)
    : rules_(rules), thread_([this] { run(); }) {}

  ~engine() {
    {
      std::lock_guard guard{mutex_};
      stopping_ = true;
      wake();
    }
    thread_.join();
    if (multi_ != nullptr)
      curl().multi_cleanup(multi_);
  }

  bool push(std::unique_ptr<transfer> job) {
    job->rules = &rules_;
    std::lock_guard guard{mutex_};
    if (stopping_ || waiting_.size() >= queued_max)
      return false;
    waiting_.push_back(std::move(job));
    wake();
    return true;
  }

  const options& rules() const noexcept { return rules_; }

private:
  /// With the mutex.
  void wake() {
    if (multi_ != nullptr)
      curl().multi_wakeup(multi_);
    else
      first_.notify_one();
  }

  /// libcurl and what it is linked to cost memory and time to start: not before
  /// there is a webhook to send. False if it does not start.
  bool start() {
    std::unique_lock lock{mutex_};
    first_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty())
      return true;
    lock.unlock();
    auto* multi
      = curl_library::get() == nullptr ? nullptr : curl().multi_init();
    lock.lock();
    multi_ = multi;
    return multi != nullptr;
  }

  void refuse_waiting() {
    std::deque<std::unique_ptr<transfer>> refused;
    {
      std::lock_guard guard{mutex_};
      refused.swap(waiting_);
    }
    for (auto& job : refused)
      job->done(error{errc::unavailable, "libcurl does not start."});
  }

  void run() {
    while (!start())
      refuse_waiting();
    while (take_waiting()) {
      int running = 0;
      curl().multi_perform(multi_, &running);
      finish();
      // Sleeps until something happens; the time-out only bounds surprises.
      curl().multi_poll(multi_, nullptr, 0, running > 0 ? 1'000 : 60'000,
                        nullptr);
    }
    for (auto& [handle, job] : active_) {
      curl().multi_remove_handle(multi_, handle);
      curl().easy_cleanup(handle);
      job->done(stopped());
    }
  }

  /// False when it is time to stop.
  bool take_waiting() {
    std::deque<std::unique_ptr<transfer>> fresh;
    bool stopping = false;
    {
      std::lock_guard guard{mutex_};
      fresh.swap(waiting_);
      stopping = stopping_;
    }
    for (auto& job : fresh) {
      if (stopping) {
        job->done(stopped());
        continue;
      }
      auto* handle = curl().easy_init();
      prepare(handle, *job);
      curl().multi_add_handle(multi_, handle);
      active_.emplace(handle, std::move(job));
    }
    return !stopping;
  }

  void finish() {
    int left = 0;
    while (auto* message = curl().multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      auto* handle = message->easy_handle;
      auto code = message->data.result;
      auto job = std::move(active_.at(handle));
      active_.erase(handle);
      auto outcome = outcome_of(handle, code, *job);
      curl().multi_remove_handle(multi_, handle);
      curl().easy_cleanup(handle);
      job->done(std::move(outcome));
    }
  }

  options rules_;
  CURLM* multi_ = nullptr; // Set once, by the thread, with the mutex.
  std::mutex mutex_;       // Guards the next two.
  std::condition_variable first_;
  std::deque<std::unique_ptr<transfer>> waiting_;
  bool stopping_ = false;
  std::map<CURL*, std::unique_ptr<transfer>> active_; // The thread's own.
  std::thread thread_;
};

webhook_client::webhook_client(const options& rules)
  : engine_(std::make_unique<engine>(rules)) {
  // nop
}

webhook_client::~webhook_client() = default;

void webhook_client::send(std::string url, json_text body,
                          std::function<void(result<int>)> done) {
  if (auto why = check_webhook(url, engine_->rules()))
    return done(*why);
  auto job = std::make_unique<transfer>();
  job->url = std::move(url);
  job->body = std::move(body);
  job->done = done;
  if (!engine_->push(std::move(job)))
    done(error{errc::unavailable, "Too many webhooks are waiting."});
}

} // namespace heddle::http
