// Asio and Beast are compiled once for the program, here: it links nothing of
// the server that it measures.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
