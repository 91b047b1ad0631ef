// Objects of one kind in order of creation, found by id. Addresses never change until an object is
// removed; whoever keeps an id over time looks it up again.
#pragma once
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace citadel::stripe_sim {

template <typename T>
class Shelf {
  public:
    T& Add(T object) {
        objects_.push_back(std::move(object));
        T& added = objects_.back();
        by_id_.emplace(added.id, std::prev(objects_.end()));
        return added;
    }
    void Remove(const std::string& id) {
        auto found = by_id_.find(id);
        if (found == by_id_.end()) return;
        auto place = found->second;
        by_id_.erase(found);
        objects_.erase(place);  // last: `id` may be the object's own
    }
    T* Find(const std::string& id) {
        auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : &*found->second;
    }
    const T* Find(const std::string& id) const {
        auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : &*found->second;
    }
    std::list<T>& all() { return objects_; }
    const std::list<T>& all() const { return objects_; }

  private:
    std::list<T> objects_;
    std::unordered_map<std::string, typename std::list<T>::iterator> by_id_;
};

}  // namespace citadel::stripe_sim
