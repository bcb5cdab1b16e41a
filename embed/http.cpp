#include "heddle/http.hpp"

#include "actors/server_impl.hpp"
#include "embed/installed.hpp"
#include "http/front.hpp"

#include <utility>

namespace heddle {

result<std::unique_ptr<http_front>> http_front::listen(server& srv,
                                                       http_options opts) {
  if (opts.openapi_file.empty())
    opts.openapi_file = embed::installed_file("http/openapi.json");
  return listen_on(*srv.internals().threads, srv, std::move(opts));
}

} // namespace heddle
