/* The memory map: one HTML file that needs nothing else. */
#ifndef PTOLOWER_MAP_H
#define PTOLOWER_MAP_H

#include <cjson/cJSON.h>

#include "time/time.h"

/* Draws the functions of the reports (of ptolower_result_report, with option `map`), and the
 * timelines of those that were timed. The text is to be freed; NULL: memory is out. */
char *map_draw(const cJSON *reports, const time_table *times);

#endif
