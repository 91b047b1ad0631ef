// The one file that compiles the bodies of Beast.
#include <boost/beast/src.hpp>
