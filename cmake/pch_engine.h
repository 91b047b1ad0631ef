// What nearly every file above http and postgres sees; a quarter off their build time.
#pragma once
#include "pch.h"

#include <boost/json.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "base/types.h"
#include "http/client.h"
#include "http/message.h"
#include "postgres/pool.h"
