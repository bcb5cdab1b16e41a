// The one translation unit that compiles Beast itself.
#include <boost/beast/src.hpp>
