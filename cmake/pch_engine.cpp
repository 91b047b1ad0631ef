// Nothing: CMake keeps a precompiled header that targets share with the target that has a source for it.
