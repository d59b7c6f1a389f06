// The same without exceptions.
#include "machines.cpp"
