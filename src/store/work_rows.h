// A claimed row (the columns that kClaimDueTasks in tasks.cpp selects, in that order) as Work.
#pragma once
#include "postgres/statement.h"
#include "store/work.h"

namespace citadel::store {

Work ReadWork(const postgres::Rows& rows, int row);

}  // namespace citadel::store
