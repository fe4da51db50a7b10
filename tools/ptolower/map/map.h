/* The memory map: one HTML file that needs nothing else. */
#ifndef PTOLOWER_MAP_H
#define PTOLOWER_MAP_H

#include <cjson/cJSON.h>

/* Draws the functions of the reports (of ptolower_result_report, with option `map`). The text is
 * to be freed; NULL: memory is out. */
char *map_draw(const cJSON *reports);

#endif
