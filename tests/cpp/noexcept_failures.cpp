// The same without exceptions.
#include "failures.cpp"
