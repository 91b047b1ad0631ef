#include "store/json_rows.h"

namespace citadel::store {

boost::json::object KeyOf(const Task& task) {
    return {{"bucket", task.merchant.bucket},
            {"merchant_id", task.merchant.id},
            {"task_id", task.id},
            {"lease_token", task.lease_token}};
}

}  // namespace citadel::store
