// What the server says when there is nothing to hand to a route, or when a route has failed.
#pragma once
#include <boost/system/error_code.hpp>

#include <exception>
#include <string>

#include "http/message.h"

namespace citadel::http {

// Why the bytes that came are no request.
Reply RefuseUnreadable(const boost::system::error_code& error);

// An exception that reaches the edge: trouble that passes asks for a later try, all else is our fault.
Reply RefuseAfter(std::exception_ptr failure, const std::string& request_id);

}  // namespace citadel::http
