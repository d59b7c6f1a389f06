// The same without exceptions.
#include "callbacks.cpp"
