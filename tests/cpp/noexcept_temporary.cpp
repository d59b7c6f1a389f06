// The same without exceptions.
#include "temporary.cpp"
