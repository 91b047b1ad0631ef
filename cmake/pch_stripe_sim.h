// The simulator's many files all see its world; a third off their build time.
#pragma once
#include "pch.h"

#include <boost/json.hpp>

#include "stripe_sim/world.h"
