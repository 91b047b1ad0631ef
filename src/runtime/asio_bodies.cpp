// The one file that compiles the bodies of Asio; everybody else sees declarations only.
#include <boost/asio/impl/src.hpp>
