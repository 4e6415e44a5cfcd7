#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

/// How often this process has asked for memory: malloc, calloc, realloc and their kin.
unsigned long allocation_count(void);

#endif
