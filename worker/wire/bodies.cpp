#include "worker/wire/bodies.hpp"

#include "worker/wire/decode.hpp"
#include "worker/wire/fields.hpp"

namespace heddle::worker::wire {

namespace {

void read_json_or_nil(unpacker& in, json_text& out) {
  if (!in.take_nil())
    out = in.json();
}

void read_event(unpacker& in, event& out) {
  in.array_of(2);
  out.name = in.text();
  out.data = in.json();
}

void read_put_value(unpacker& in, put::value& out) {
  in.array_of(5);
  out.channel = in.text();
  out.version = in.text();
  read_blob_parts(in, out.data);
  read_json_or_nil(in, out.json);
}

void read_version(unpacker& in, std::pair<std::string, std::string>& out) {
  in.array_of(2);
  out.first = in.text();
  out.second = in.text();
}

void read_write(unpacker& in, writes::item& out) {
  in.array_of(5);
  out.idx = in.i32();
  out.channel = in.text();
  read_blob_parts(in, out.data);
  read_json_or_nil(in, out.json);
}

constexpr field<put> put_fields[] = {
  {"seq", needed, [](auto& in, put& out) { out.seq = in.u32(); }},
  {"ns", needed, [](auto& in, put& out) { out.ns = in.text(); }},
  {"id", needed, [](auto& in, put& out) { out.id = in.text(); }},
  {"parent", optional, [](auto& in, put& out) { out.parent = in.text(); }},
  {"head", needed, [](auto& in, put& out) { read_blob(in, out.head); }},
  {"metadata", needed, [](auto& in, put& out) { out.metadata = in.json(); }},
  {"values", needed,
   [](auto& in, put& out) { read_items(in, out.values, read_put_value); }},
  {"versions", needed,
   [](auto& in, put& out) { read_items(in, out.versions, read_version); }},
};

constexpr field<writes> writes_fields[] = {
  {"seq", needed, [](auto& in, writes& out) { out.seq = in.u32(); }},
  {"ns", needed, [](auto& in, writes& out) { out.ns = in.text(); }},
  {"id", needed, [](auto& in, writes& out) { out.id = in.text(); }},
  {"task", needed, [](auto& in, writes& out) { out.task = in.text(); }},
  {"path", needed, [](auto& in, writes& out) { out.path = in.text(); }},
  {"items", needed,
   [](auto& in, writes& out) { read_items(in, out.items, read_write); }},
};

constexpr field<view> view_fields[] = {
  {"ns", needed, [](auto& in, view& out) { out.ns = in.text(); }},
  {"id", needed, [](auto& in, view& out) { out.id = in.text(); }},
  {"shape", optional,
   [](auto& in, view& out) { read_items(in, out.shape.emplace(), read_text); }},
  {"values", optional, [](auto& in, view& out) { out.values = in.json(); }},
  {"next", needed,
   [](auto& in, view& out) { read_items(in, out.next, read_text); }},
  {"tasks", needed, [](auto& in, view& out) { out.tasks = in.json(); }},
};

constexpr field<get> get_fields[] = {
  {"req", needed, [](auto& in, get& out) { out.req = in.u32(); }},
  {"ns", needed, [](auto& in, get& out) { out.ns = in.text(); }},
  {"id", optional, [](auto& in, get& out) { out.id = in.text(); }},
};

constexpr field<list> list_fields[] = {
  {"req", needed, [](auto& in, list& out) { out.req = in.u32(); }},
  {"ns", optional, [](auto& in, list& out) { out.ns = in.text(); }},
  {"before", optional, [](auto& in, list& out) { out.before = in.text(); }},
  {"limit", optional, [](auto& in, list& out) { out.limit = in.u32(); }},
  {"filter", optional, [](auto& in, list& out) { out.filter = in.json(); }},
};

constexpr field<store_ops> store_fields[] = {
  {"req", needed, [](auto& in, store_ops& out) { out.req = in.u32(); }},
  {"ops", needed, [](auto& in, store_ops& out) { out.ops = in.json(); }},
};

} // namespace

void read_blob_parts(unpacker& in, blob& out) {
  out.type = in.text();
  out.bytes = in.bytes();
}

void read_blob(unpacker& in, blob& out) {
  in.array_of(2);
  read_blob_parts(in, out);
}

void read(unpacker& in, events& out) {
  read_items(in, out.items, read_event);
}

void read(unpacker& in, put& out) {
  read_fields(in, out, put_fields);
}

void read(unpacker& in, writes& out) {
  read_fields(in, out, writes_fields);
}

void read(unpacker& in, view& out) {
  read_fields(in, out, view_fields);
  if (out.shape.has_value() != out.values.empty())
    in.fail("either 'shape' or 'values' is given");
}

void read(unpacker& in, get& out) {
  read_fields(in, out, get_fields);
}

void read(unpacker& in, list& out) {
  read_fields(in, out, list_fields);
}

void read(unpacker& in, store_ops& out) {
  read_fields(in, out, store_fields);
}

} // namespace heddle::worker::wire
