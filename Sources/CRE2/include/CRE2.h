#ifndef HOOKLINE_CRE2_H
#define HOOKLINE_CRE2_H
#endif
