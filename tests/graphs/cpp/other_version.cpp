// A library that was built for another heddle.

extern "C" {
extern const unsigned heddle_graphs_abi;
const unsigned heddle_graphs_abi = 4711;
void heddle_graphs() {}
}
