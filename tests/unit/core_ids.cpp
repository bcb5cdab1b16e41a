#include "heddle/ids.hpp"
#include "tests/catch.hpp"

using namespace heddle;

namespace {

/// What Python's `str(uuid.UUID(text))` says; empty if it refuses the text.
struct vector {
  const char* text;
  const char* canonical;
};

constexpr const char* plain_uuid = "12345678-1234-5678-1234-567812345678";

constexpr vector python_vectors[] = {
  {plain_uuid, plain_uuid},
  {"12345678123456781234567812345678", plain_uuid},
  {"{12345678-1234-5678-1234-567812345678}", plain_uuid},
  {"urn:uuid:12345678-1234-5678-1234-567812345678", plain_uuid},
  {"{urn:uuid:12345678-1234-5678-1234-567812345678}", plain_uuid},
  {"urn:{uuid:12345678-1234-5678-1234-567812345678}", plain_uuid},
  {"{{12345678-1234-5678-1234-567812345678}}", plain_uuid},
  {"12345678-1234-5678-1234-567812345678}{", plain_uuid},
  {"uuid:urn:12345678-1234-5678-1234-567812345678", plain_uuid},
  {"uurn:uid:12345678-1234-5678-1234-567812345678", plain_uuid},
  {"URN:UUID:12345678-1234-5678-1234-567812345678", ""},
  {"12345678-1234-5678-1234-567812345678 ", ""},
  {"12345678-1234-5678-1234-56781234567}", ""},
  {"x12345678-1234-5678-1234-567812345678", ""},
  {"AbCdEfAbCdEfAbCdEfAbCdEfAbCdEfAb", "abcdefab-cdef-abcd-efab-cdefabcdefab"},
  {"1-2-3-45555555555555555555555555555",
   "12345555-5555-5555-5555-555555555555"},
  {"--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa--",
   "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"},
  {"{-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-}",
   "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"},
  {"-{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", ""},
  {" 1234567812345678123456781234567", "01234567-8123-4567-8123-456781234567"},
  {"                               7", "00000000-0000-0000-0000-000000000007"},
  {"                                ", ""},
  {"\tffffffffffffffffffffffffffffff\n",
   "00ffffff-ffff-ffff-ffff-ffffffffffff"},
  {"\x0b"
   "1111111111111111111111111111111",
   "01111111-1111-1111-1111-111111111111"},
  {"\x1c"
   "fffffffffffffffffffffffffffffff",
   ""},
  {"0x111111111111111111111111111111", "00111111-1111-1111-1111-111111111111"},
  {"0Xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "00aaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"},
  {"0x_11111111111111111111111111111", "00011111-1111-1111-1111-111111111111"},
  {"+1111111111111111111111111111111", "01111111-1111-1111-1111-111111111111"},
  {"+0x11111111111111111111111111111", "00011111-1111-1111-1111-111111111111"},
  {"1_233333333333333333333333333333", "01233333-3333-3333-3333-333333333333"},
  {"_1111111111111111111111111111111", ""},
  {"1111111111111111111111111111111_", ""},
  {"1__11111111111111111111111111111", ""},
  {"0_x11111111111111111111111111111", ""},
  {"0x                              ", ""},
  {"0x0x0x0x0x0x0x0x0x0x0x0x0x0x0x0x", ""},
  {"111111111111111+1111111111111111", ""},
  {"++111111111111111111111111111111", ""},
  {"++++++++++++++++++++++++++++++++", ""},
  {"+ 111111111111111111111111111111", ""},
  {"gggggggggggggggggggggggggggggggg", ""},
  {"fffffffffffffffffffffffffffffffff", ""},
  {"--------------------------------", ""},
  {"{}", ""},
  {"", ""},
  {"00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000"},
};

} // namespace

TEST_CASE("a UUID is read as Python reads it", "[core][ids]") {
  for (const auto& [text, canonical] : python_vectors) {
    INFO(text);
    auto id = run_id::parse(text);
    CHECK((id ? id->str() : "") == canonical);
  }
}

TEST_CASE("a text that no identifier is as long as is refused", "[core][ids]") {
  std::string text = plain_uuid;
  CHECK(parse_uuid(text + std::string(4000, '-')).has_value());
  CHECK(!parse_uuid(text + std::string(5000, '-')).has_value());
  std::string with_nul = "12345678123456781234567812345678";
  with_nul[7] = '\0';
  CHECK(!parse_uuid(with_nul).has_value());
}

TEST_CASE("the assistant of a graph has the id that the API gives it",
          "[core][ids]") {
  CHECK(format_uuid(graph_uuid("slow"))
        == "cad1b5ad-d177-59d1-ab39-5e327188ed3a");
  CHECK(format_uuid(graph_uuid("agent"))
        == "fe096781-5601-53d2-b2f6-0d3403f7e9ca");
}

TEST_CASE("ids order by their bytes and hash to different buckets",
          "[core][ids]") {
  auto one = *run_id::parse("00000000-0000-7000-8000-000000000001");
  auto two = *run_id::parse("00000000-0000-7000-8000-000000000002");
  CHECK(one < two);
  CHECK(std::hash<run_id>{}(one) != std::hash<run_id>{}(two));
  CHECK(run_id{} == *run_id::parse(std::string(32, '0')));
}
