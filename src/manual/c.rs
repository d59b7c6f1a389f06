//! The manual for C and C++ programmers.
